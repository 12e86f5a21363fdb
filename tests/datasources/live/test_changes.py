"""How changes are written for other processes."""

import uuid
from datetime import date

import pytest

from datasources.hints import MOST_MESSAGE_BYTES
from datasources.live.changes import (
    CHANNELS,
    SLOTS,
    CatalogueChange,
    Change,
    HospitalChange,
    NotificationChange,
    OrderChange,
    QueueChange,
    SlotChange,
    SmsChange,
    changes_in,
    hints_of,
)
from datasources.sql.slot_ledger import HalfDay

DAY = date(2026, 11, 20)
EACH = [
    SlotChange("pumch", "儿科\n门诊", DAY, "pumch:1"),
    CatalogueChange("pumch"),
    OrderChange(uuid.UUID(int=1), uuid.UUID(int=2)),
    HospitalChange("pumch"),
    QueueChange("pumch", "e", DAY, HalfDay.AM),
    SmsChange("CODE"),
    NotificationChange(uuid.UUID(int=3)),
]


@pytest.mark.parametrize("change", EACH)
def test_what_is_written_is_read_as_it_was(change: Change) -> None:
    (hint,) = hints_of([change, change])

    assert hint.channel in CHANNELS
    assert changes_in(hint.channel, hint.message) == [change]


def test_a_thousand_changes_are_a_few_messages_of_bounded_size() -> None:
    changes = [SlotChange("pumch", "e", DAY, f"pumch:{number:06}") for number in range(1_000)]

    hints = hints_of(changes)

    assert [change for hint in hints for change in changes_in(hint.channel, hint.message)] == changes
    assert max(len(hint.message) for hint in hints) <= MOST_MESSAGE_BYTES
    assert len(hints) == 3


@pytest.mark.parametrize("message", [b"", b"1", b"[1]", b'["a"]', b'{"a": 1}', b'["a","b","c","d"]', b"\xff"])
def test_what_nobody_has_written_is_a_value_error(message: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        changes_in(SLOTS, message)
