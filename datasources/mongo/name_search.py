"""Finding documents by what a person types of their name."""

import re
import unicodedata
from typing import Any


def name_condition(text: str) -> dict[str, Any]:
    """Documents whose name, full pinyin or pinyin initials contain the text.

    Pinyin is stored without spaces and punctuation, so "xie he" finds 协和.
    """
    alternatives: list[dict[str, Any]] = [{"name": {"$regex": re.escape(text.strip()), "$options": "i"}}]
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))
    if letters.isascii() and letters:
        alternatives += [{"pinyin": {"$regex": letters}}, {"initials": {"$regex": letters}}]
    return {"$or": alternatives}
