"""Real servers from wheels: PostgreSQL, MongoDB and Valkey without an installation, root or containers."""
