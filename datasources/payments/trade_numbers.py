"""Numbers of trades and refunds, as both providers' wires can carry them."""

import re

_NUMBER = re.compile(r"[0-9A-Za-z_]{6,32}")


def checked(number: str) -> str:
    """The same number. Raises ValueError when a provider could not carry it."""
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"a number is 6 to 32 of [0-9A-Za-z_]: {number[:40]!r}")
    return number
