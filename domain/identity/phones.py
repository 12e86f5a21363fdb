"""Mainland mobile numbers, brought to one form (E.164) from whatever people type. Pure."""

import re
import unicodedata

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY = re.compile(r"(?:\+|00)86")
# Spaces of every kind, dashes of every kind, dots and brackets: what people and address books put between digits.
_BETWEEN_DIGITS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b\u200e\u200f\u202a-\u202e\ufeff.()]")
LONGEST_INPUT = 40


def normal_phone(text: str) -> str | None:
    """`+8613800001234` for any way to write that number; None for what is no mainland mobile number.

    Full-width characters, spaces and dashes are taken; +86, 0086 or nothing may stand before it.
    """
    if len(text) > LONGEST_INPUT:
        return None
    plain = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    national = _COUNTRY.sub("", plain, count=1) if _COUNTRY.match(plain) else plain
    return f"+86{national}" if _MOBILE.fullmatch(national) else None
