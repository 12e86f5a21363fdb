"""Patients: whom an account's owner books for, what is kept of them, and who sees how much of it."""
