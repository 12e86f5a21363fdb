"""Certificates that prove who somebody is: their kinds, forms and checks. Pure; the names stand in the dictionary."""
