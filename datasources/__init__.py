"""Everything outside the process: PostgreSQL, MongoDB, Redis, and the loaders that batch reads from them."""
