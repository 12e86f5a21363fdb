"""How many messages a carrier makes of a text (3GPP TS 23.038, 23.040). Pure.

A text of the GSM alphabet has 160 places, or 153 in each of several parts; any other is UTF-16 with 70 or 67 units.
"""

from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Two places each, which are never parted."""


class SmsEncoding(StrEnum):
    """How a text travels."""

    SEVEN_BIT = "SEVEN_BIT"
    SIXTEEN_BIT = "SIXTEEN_BIT"


_SINGLE = {SmsEncoding.SEVEN_BIT: 160, SmsEncoding.SIXTEEN_BIT: 70}
_OF_SEVERAL = {SmsEncoding.SEVEN_BIT: 153, SmsEncoding.SIXTEEN_BIT: 67}


def encoding_of(text: str) -> SmsEncoding:
    """SEVEN_BIT if every character is in that alphabet."""
    return (
        SmsEncoding.SEVEN_BIT if all(each in _BASIC or each in _EXTENDED for each in text) else SmsEncoding.SIXTEEN_BIT
    )


def parts_of(text: str) -> int:
    """How many parts the text is sent in; an empty one is one part."""
    encoding = encoding_of(text)
    widths = [_width(each, encoding) for each in text]
    if sum(widths) <= _SINGLE[encoding]:
        return 1
    room = _OF_SEVERAL[encoding]
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts


def _width(character: str, encoding: SmsEncoding) -> int:
    if encoding is SmsEncoding.SIXTEEN_BIT:
        return 2 if ord(character) > 0xFFFF else 1
    return 2 if character in _EXTENDED else 1
