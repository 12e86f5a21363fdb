"""Why the platform cannot start, in words for whoever runs it."""


class StartError(Exception):
    """A reason the operator can mend; the message says how. Printed without a traceback."""
