"""Hospitals' own servers, which the platform calls."""
