"""Real-name verification: what people hand in, what reviewers see of it and decide, and when it is deleted again."""
