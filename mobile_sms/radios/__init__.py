"""What a telephone sends with."""
