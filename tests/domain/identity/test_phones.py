"""A phone number has one form, however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.phones import normal_phone

NATIONAL = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")


@pytest.mark.parametrize(
    "typed",
    [
        "13800001234",
        "+8613800001234",
        "+86 138 0000 1234",
        "0086-138-0000-1234",
        "138-0000-1234",
        "138–0000–1234",
        " 138\u00a00000\u30001234\n",
        "１３８００００１２３４",
        "＋８６１３８００００１２３４",
        "(+86) 138.0000.1234",
        "\u202a13800001234\u202c",
    ],
)
def test_ways_to_type_one_number(typed: str) -> None:
    assert normal_phone(typed) == "+8613800001234"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345678901",
        "1380000123",
        "138000012345",
        "01012345678",
        "+85251234567",
        "+113800001234",
        "86 86 13800001234",
        "8613800001234",
        "+86+8613800001234",
        "1380000123a",
        "١٣٨٠٠٠٠١٢٣٤",
        "13800001234" + " " * 40,
        "138\x0000001234",
    ],
)
def test_what_is_no_mainland_mobile_number(typed: str) -> None:
    assert normal_phone(typed) is None


@pytest.mark.parametrize("prefix", ["162", "165", "167", "170", "171", "192"])
def test_numbers_of_virtual_operators_and_new_ranges_are_taken(prefix: str) -> None:
    assert normal_phone(f"{prefix}00001234") == f"+86{prefix}00001234"


@given(NATIONAL, st.lists(st.sampled_from(" -\u00a0\u2014"), max_size=12), st.sampled_from(["", "+86", "0086"]))
def test_what_stands_between_digits_does_not_matter(national: str, between: list[str], country: str) -> None:
    typed = country + national
    for place, mark in enumerate(between):
        at = (place * 7) % (len(typed) + 1)
        typed = typed[:at] + mark + typed[at:]
    assert normal_phone(typed) == f"+86{national}"
    assert normal_phone(typed.translate(FULL_WIDTH)) == f"+86{national}"


@given(NATIONAL)
def test_the_normal_form_is_its_own_normal_form(national: str) -> None:
    normal = normal_phone(national)
    assert normal is not None
    assert normal_phone(normal) == normal


@given(st.text())
def test_any_text_is_either_refused_or_brought_to_the_form(text: str) -> None:
    normal = normal_phone(text)
    assert normal is None or (len(normal) == 14 and normal.startswith("+861") and normal[1:].isascii())
