"""A hospital's own system in miniature (模拟医院): what a real one does with the platform, by the SDK alone."""
