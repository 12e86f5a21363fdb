"""Text that people write for others to read: plain, without characters that can't be seen or that turn lines around."""

import re

# Control characters but tab and newline, marks that reverse the direction of writing, and halves of characters.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")


def plain_text(given: str) -> str | None:
    """The text with newlines alone between its lines and nothing around it; None if it holds a forbidden character."""
    text = _LINE_ENDS.sub("\n", given).strip()
    return None if _FORBIDDEN.search(text) else text


def plain_line(given: str) -> str | None:
    """The same of a text that is one line: a line end is forbidden too."""
    text = plain_text(given)
    return None if text is None or "\n" in text else text
