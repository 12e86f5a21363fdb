"""Announcements of the platform and notices of hospitals: what everybody may read."""
