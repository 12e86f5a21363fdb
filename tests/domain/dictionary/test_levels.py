import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dictionary.levels import LEVEL_NAMES, canonical_level


@pytest.mark.parametrize(
    ("given_form", "code"),
    [
        ("1", "3A"),
        (2, "3B"),
        ("3", "2A"),
        (4, "2B"),
        ("5", "1U"),
        ("3a", "3A"),
        ("３Ａ", "3A"),
        (" 3S ", "3S"),
        ("三级甲等", "3A"),
        ("三甲", "3A"),
        ("三级特等", "3S"),
        ("二级丙等", "2C"),
        ("一级", "1U"),
        ("一级甲等", "1A"),
    ],
)
def test_every_accepted_form_has_its_code(given_form: str | int, code: str) -> None:
    assert canonical_level(given_form) == code


@pytest.mark.parametrize("nonsense", ["", "0", "6", -1, "三级", "3D", "4A", "甲等", "三", "None"])
def test_what_names_no_level_is_none(nonsense: str | int) -> None:
    assert canonical_level(nonsense) is None


def test_codes_and_names_find_themselves() -> None:
    for code, name in LEVEL_NAMES.items():
        assert canonical_level(code) == canonical_level(name) == code


@given(st.text(max_size=6) | st.integers())
def test_any_input_is_a_known_level_or_none(anything: str | int) -> None:
    assert canonical_level(anything) in {None, *LEVEL_NAMES}
