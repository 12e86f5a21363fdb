"""Reading a whole answer in one round trip.

MongoDB sends the first 101 documents of an answer and waits to be asked for more, unless told otherwise;
its own limit of 16 MB an answer still holds.
"""

WHOLE_ANSWER = 100_000
"""Documents per answer, more than any read here asks for."""
