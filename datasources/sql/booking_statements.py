"""Taking numbers: one statement for any count of attempts at one session (see `book_numbers` of migration 0008)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from datasources.sql.database import Database

BOOK_NUMBERS = """
    SELECT outcome, order_id, number, detail::text FROM book_numbers($1::jsonb, $2::jsonb, $3::timestamptz)
"""


class Outcome(StrEnum):
    """What became of one attempt."""

    TAKEN = "TAKEN"
    REPLAYED = "REPLAYED"
    KEY_REUSED = "KEY_REUSED"
    PATIENT_CHANGED = "PATIENT_CHANGED"
    BANNED = "BANNED"
    ALREADY_BOOKED = "ALREADY_BOOKED"
    LIMIT = "LIMIT"
    GONE = "GONE"
    NOT_BOOKABLE = "NOT_BOOKABLE"
    CHANGED = "CHANGED"
    SOLD_OUT = "SOLD_OUT"


class Attempt(NamedTuple):
    """An order as it will be if a number is left for it."""

    id: UUID
    order_number: str
    user_id: UUID
    patient_id: UUID
    person: bytes
    masked_patient_name: str
    schedule_id: str
    hospital_code: str
    department_code: str
    visit_date: date
    half_day: str
    state: str
    fee: Decimal
    lapses_at: datetime | None
    cancel_until: datetime
    fetch_time: datetime | None
    fetch_address: str
    texts: Mapping[str, Any]
    idempotency_key: str
    request_hash: bytes

    def as_json(self) -> dict[str, Any]:
        """As the SQL functions read it: bytes in hexadecimal, the fee as text so that it stays exact."""
        return self._asdict() | {
            "person": self.person.hex(),
            "request_hash": self.request_hash.hex(),
            "fee": str(self.fee),
        }


class Taken(NamedTuple):
    """The answer to one attempt."""

    outcome: Outcome
    order_id: UUID | None
    number: int | None
    detail: Mapping[str, Any]


async def book_numbers(
    database: Database, attempts: Sequence[Attempt], limits: Mapping[str, int], now: datetime
) -> list[Taken]:
    """Try these attempts at one session in their order; the answers in the same order.

    All of them commit together, so an error means that none was made.
    """
    rows = await database.fetch(
        BOOK_NUMBERS,
        orjson.dumps([attempt.as_json() for attempt in attempts]).decode(),
        orjson.dumps(limits).decode(),
        now,
    )
    return [
        Taken(Outcome(outcome), order_id, number, orjson.loads(detail) if detail else {})
        for outcome, order_id, number, detail in rows
    ]
