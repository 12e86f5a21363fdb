"""What is shown of personal data. The server masks; no client is trusted to. Pure.

No law fixes these forms; they are common practice: enough for the owner to recognise, too little for anybody else.
"""

import re

_STAR = "*"
_UP_TO_DISTRICT = re.compile(r"^.*?[^市省州盟]{1,8}?(?:自治县|自治旗|林区|特区|新区|[区县旗])")
_MAINLAND_PREFIX = re.compile(r"^\+86")


def mask_certificate(number: str) -> str:
    """`110***********002X`: 3 and 4 of 18 characters; of any other length the first and the last. Length is kept."""
    return _ends(number, 3, 4) if len(number) == 18 else mask_short(number)


def mask_short(text: str) -> str:
    """The first and the last character; nothing of one or two."""
    return _ends(text, 1, 1)


def mask_phone(phone: str) -> str:
    """`138****5678`, whether or not +86 stands before it."""
    return _ends(_MAINLAND_PREFIX.sub("", phone), 3, 4)


def mask_name(name: str) -> str:
    """`张*`, `欧**娜`: the first character, and from three on the last as well."""
    return name[:1] + _STAR * (len(name) - 1) if len(name) == 2 else _ends(name, 1, 1)


def mask_card(number: str) -> str:
    """The last four characters; nothing of four or fewer."""
    return _ends(number, 0, 4)


def mask_address(address: str) -> str:
    """The address down to its district or county (北京市东城区****); only stars if none is named."""
    district = _UP_TO_DISTRICT.match(address)
    return (district[0] if district else "") + _STAR * 4


def _ends(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return _STAR * len(text)
    return text[:head] + _STAR * (len(text) - head - tail) + text[len(text) - tail :]
