"""What the platform and the hospitals tell each other about orders."""
