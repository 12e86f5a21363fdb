"""Booking: its window, its limits and (with orders) its states."""
