"""The dictionary: regions, hospital levels and the short lists; what it ships with and what is asked of it."""
