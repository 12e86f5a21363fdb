"""Users as staff administer them."""
