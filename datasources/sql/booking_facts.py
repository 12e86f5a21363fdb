"""What decides whether somebody may take a number, read in one statement without any lock."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from datasources.sql.database import Database

_FACTS = """
    SELECT l.hospital_code, l.department_code, l.visit_date, l.half_day, l.status, l.fee,
           greatest(l.capacity - l.withheld - l.taken - l.waiting, 0) AS remaining,
           h.status AS hospital_status, h.booking_mode, h.confirm_seconds, h.push_revision,
           u.status AS user_status, u.verification,
           (SELECT c.version FROM consent c
             WHERE c.user_id = u.id AND c.kind = 'HEALTH_DATA' AND c.withdrawn_at IS NULL
             ORDER BY c.given_at DESC LIMIT 1) AS health_data_consent,
           p.certificate_index AS person, p.sealed_name,
           (SELECT count(*) FROM booking_order o
             WHERE o.user_id = u.id AND o.state IN ('CANCELLED', 'EXPIRED', 'REFUNDING', 'REFUNDED')
               AND o.ended_because = ANY ($4::text[])
               AND o.state_changed_at >= $5 AND o.state_changed_at < $6) AS given_back,
           e.id AS earlier_id, e.request_hash AS earlier_hash
      FROM user_account u
      LEFT JOIN patient p ON p.id = $2 AND p.user_id = u.id AND p.removed_at IS NULL
      LEFT JOIN slot_ledger l ON l.schedule_id = $3
      LEFT JOIN hospital_account h ON h.code = l.hospital_code
      LEFT JOIN booking_order e ON e.user_id = u.id AND e.idempotency_key = $7
     WHERE u.id = $1
"""


class BookingFacts(NamedTuple):
    """One attempt's facts. What is None is not there, or not the account's."""

    hospital_code: str | None
    department_code: str | None
    visit_date: date | None
    half_day: str | None
    status: str | None
    fee: Decimal | None
    remaining: int | None
    hospital_status: str | None
    booking_mode: str | None
    confirm_seconds: int | None
    push_revision: int | None
    user_status: str
    verification: str
    health_data_consent: str | None
    """The version of the text to which the owner last agreed and still does."""
    person: bytes | None
    sealed_name: bytes | None
    given_back: int
    """Orders that the account gave back or let lapse on this date."""
    earlier_id: UUID | None
    """The order that this idempotency key made before."""
    earlier_hash: bytes | None


class WhoAndWhat(NamedTuple):
    """Whose facts about which session, and which date's returns count."""

    user_id: UUID
    patient_id: UUID
    schedule_id: str
    idempotency_key: str
    returns_because: Sequence[str]
    day_begins: datetime
    day_ends: datetime


async def booking_facts(database: Database, asked: WhoAndWhat) -> BookingFacts | None:
    """The facts; None if there is no such account."""
    rows: list[Any] = await database.fetch(
        _FACTS,
        asked.user_id,
        asked.patient_id,
        asked.schedule_id,
        list(asked.returns_because),
        asked.day_begins,
        asked.day_ends,
        asked.idempotency_key,
    )
    return BookingFacts(*rows[0]) if rows else None
