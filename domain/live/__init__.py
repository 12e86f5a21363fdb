"""What people watch as it changes."""
