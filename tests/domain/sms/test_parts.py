"""A text's parts, as carriers count them."""

import pytest

from domain.sms.parts import SmsEncoding, encoding_of, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # A two-place character is never parted: 152 + 2 do not fit into one part's 153.
        ("a" * 152 + "€" + "a" * 152, 3),
        ("号" * 70, 1),
        ("号" * 71, 2),
        ("号" * 134, 2),
        ("号" * 136, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 69 + "号", 1),
        ("a" * 70 + "号", 2),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert parts_of(text) == parts


def test_one_character_outside_the_alphabet_makes_the_whole_text_utf_16() -> None:
    assert encoding_of("Your code: {1} ~ à") is SmsEncoding.SEVEN_BIT
    assert encoding_of("Your code：1") is SmsEncoding.SIXTEEN_BIT
