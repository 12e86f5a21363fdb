"""Looking after the platform itself: what its worker does."""
