"""An order's QR text: made by this platform alone, about one order, up to one second, and about nobody."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.sealing import KeyRing
from domain.booking.check_in_code import CheckInCode, check_in_code, read_check_in_code

RING = KeyRing.of(bytes(range(32)))
OTHERS = KeyRing.of(bytes(range(1, 33)))
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
ORDER = UUID("0193a7c2-5b1e-7d40-9a3f-6c2e8b915d07")
CODE = check_in_code(RING, ORDER, NOON)


@given(st.uuids(), st.integers(0, 4 * 10**9))
def test_a_code_says_what_it_was_made_of(id: object, seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert read_check_in_code(RING, check_in_code(RING, id, moment)) == CheckInCode(id, moment)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", range(len(CODE)))
def test_no_character_can_be_another(place: int) -> None:
    for other in "A_z0-.":
        altered = CODE[:place] + other + CODE[place + 1 :]
        assert altered == CODE or read_check_in_code(RING, altered) is None, altered


@pytest.mark.parametrize("text", ["", "HTC1.", CODE[:-1], CODE + "A", CODE.lower(), "HTC1." + "é" * 50, "\x00" * 55])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_check_in_code(RING, text) is None


def test_another_installations_code_is_none_here() -> None:
    assert read_check_in_code(OTHERS, CODE) is None
