"""How a hospital joins: its application, the review, and the first manager who takes the hospital over."""
