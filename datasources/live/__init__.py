"""What processes tell each other of changes that somebody may be watching."""
