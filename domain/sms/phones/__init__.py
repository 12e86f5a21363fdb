"""The platform's own telephones: how they are enrolled, what they are given, and what they report."""
