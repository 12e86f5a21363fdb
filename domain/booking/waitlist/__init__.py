"""The waitlist (候补) of full sessions: joined in order, served in turn, and ended with the session's booking."""
