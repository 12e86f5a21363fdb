"""Many at once, on the real servers: whatever the order in which things happen, no number is sold twice or lost."""
