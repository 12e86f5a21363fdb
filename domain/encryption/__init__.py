"""Operating the sealing keys: knowing at start that they are the right ones, and renewing them while all goes on."""
