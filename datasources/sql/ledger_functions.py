"""The ledger's SQL functions (migration 0008) one by one, for transactions that need more than one of them.

Whoever calls several keeps their order: `lock_person`, then the order's row, then the ledger's.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_statements import Outcome, Taken

_OBSTACLE = text("""
    SELECT booking_obstacle(:person, :user_id, :patient_id, :hospital_code, :department_code, :visit_date, :half_day,
                            :now, CAST(:limits AS jsonb), :besides)
""")
_TAKE = text("""
    SELECT outcome, number, detail
      FROM take_number(:schedule_id, :visit_date, :half_day, :fee, :from_waitlist, :now)
""")


class WantedNumber(NamedTuple):
    """A session as it was when its number was asked for: it is refused if it has changed since."""

    schedule_id: str
    hospital_code: str
    department_code: str
    visit_date: date
    half_day: str
    fee: Decimal


class Applicant(NamedTuple):
    """For whom a number is wanted, and by whose account."""

    person: bytes
    user_id: UUID
    patient_id: UUID


async def lock_person(session: AsyncSession, person: bytes) -> None:
    """Make everybody wait who would book, wait or move for this person, until the transaction ends."""
    await (await session.connection()).execute(text("SELECT lock_person(:person)"), {"person": person})


async def obstacle_to(
    session: AsyncSession,
    applicant: Applicant,
    wanted: WantedNumber,
    limits: Mapping[str, int],
    now: datetime,
    *,
    besides: UUID | None = None,
) -> Taken | None:
    """What stands between the person and such a visit, the order `besides` left out of account; None: nothing.

    The caller holds the person's lock.
    """
    values = {
        **applicant._asdict(),
        "hospital_code": wanted.hospital_code,
        "department_code": wanted.department_code,
        "visit_date": wanted.visit_date,
        "half_day": wanted.half_day,
        "now": now,
        "limits": orjson.dumps(limits).decode(),
        "besides": besides,
    }
    found = (await (await session.connection()).execute(_OBSTACLE, values)).scalar_one()
    if found is None:
        return None
    detail: dict[str, Any] = orjson.loads(found) if isinstance(found, str) else dict(found)
    return Taken(Outcome(detail.pop("outcome")), None, None, detail)


async def take_number(
    session: AsyncSession, wanted: WantedNumber, now: datetime, *, from_waitlist: bool = False
) -> Taken:
    """Take the lowest number that is free, if one is left for whoever asks: for somebody whom the waitlist counts
    (`from_waitlist`), or for anybody else after those."""
    values = {
        "schedule_id": wanted.schedule_id,
        "visit_date": wanted.visit_date,
        "half_day": wanted.half_day,
        "fee": wanted.fee,
        "from_waitlist": from_waitlist,
        "now": now,
    }
    outcome, number, detail = (await (await session.connection()).execute(_TAKE, values)).one()
    detail = orjson.loads(detail) if isinstance(detail, str) else detail
    return Taken(Outcome(outcome), None, number, detail or {})
