"""Sessions that another doctor holds than some of their holders booked: noted with the push, worked off afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.database import fetch


class DoctorSubstitution(SQLModel, table=True):
    """Who holds a session now, while some of its orders may still name somebody else."""

    __tablename__ = "doctor_substitution"

    schedule_id: str = Field(primary_key=True, foreign_key="slot_ledger.schedule_id", ondelete="CASCADE")
    doctor: str
    title: str
    noted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Doctor(NamedTuple):
    """As orders name one."""

    name: str
    title: str


_NOTE = text("""
    INSERT INTO doctor_substitution AS noted (schedule_id, doctor, title, noted_at)
    SELECT p.schedule_id, p.doctor, p.title, :now
      FROM unnest(CAST(:schedule_ids AS text[]), CAST(:doctors AS text[]), CAST(:titles AS text[]))
           AS p(schedule_id, doctor, title)
     WHERE EXISTS (SELECT FROM booking_order o
                    WHERE o.schedule_id = p.schedule_id
                      AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')
                      AND coalesce(o.texts ->> 'doctor', '') <> p.doctor)
        OR EXISTS (SELECT FROM doctor_substitution s WHERE s.schedule_id = p.schedule_id)
    ON CONFLICT (schedule_id) DO UPDATE
       SET doctor = excluded.doctor, title = excluded.title, noted_at = excluded.noted_at
     WHERE noted.doctor <> excluded.doctor
""")
_HOLDERS = text("""
    SELECT o.id FROM booking_order o
     WHERE o.schedule_id = :schedule_id
       AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')
       AND coalesce(o.texts ->> 'doctor', '') <> :doctor
     ORDER BY o.id LIMIT :limit
       FOR NO KEY UPDATE SKIP LOCKED
""")
_RENAME = text("""
    UPDATE booking_order
       SET texts = texts || jsonb_build_object('doctor', CAST(:doctor AS text), 'title', CAST(:title AS text)),
           cancel_until = greatest(cancel_until, :cancel_until)
     WHERE id = ANY (:ids)
""")
_FORGET = """
    DELETE FROM doctor_substitution s
     WHERE s.schedule_id = $1 AND s.noted_at = $2
       AND NOT EXISTS (SELECT FROM booking_order o
                        WHERE o.schedule_id = s.schedule_id
                          AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')
                          AND coalesce(o.texts ->> 'doctor', '') <> s.doctor)
"""


class DoctorSubstitutions:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, doctors: Mapping[str, Doctor], now: datetime) -> None:
        """Note those of these sessions of which live orders name another doctor. The ledger's rows are held."""
        values = {
            "schedule_ids": list(doctors),
            "doctors": [doctor.name for doctor in doctors.values()],
            "titles": [doctor.title for doctor in doctors.values()],
            "now": now,
        }
        await (await self._session.connection()).execute(_NOTE, values)

    async def all(self, limit: int) -> Sequence[DoctorSubstitution]:
        """Those that are to be worked off, the oldest first."""
        query = select(DoctorSubstitution).order_by(col(DoctorSubstitution.noted_at)).limit(limit)
        return (await self._session.exec(query)).all()

    async def stands(self, substitution: DoctorSubstitution) -> bool:
        """Whether it is still so: it was not noted anew. Nobody notes it while the ledger's row is held."""
        query = select(DoctorSubstitution.noted_at).where(
            col(DoctorSubstitution.schedule_id) == substitution.schedule_id
        )
        return (await self._session.exec(query)).one_or_none() == substitution.noted_at

    async def take_holders(self, substitution: DoctorSubstitution, limit: int) -> list[BookingOrder]:
        """Some live orders that name another doctor, held until the transaction ends; those others hold are passed
        over."""
        values = {"schedule_id": substitution.schedule_id, "doctor": substitution.doctor, "limit": limit}
        ids = [row[0] for row in await (await self._session.connection()).execute(_HOLDERS, values)]
        found = await self._session.exec(
            select(BookingOrder)
            .where(col(BookingOrder.id).in_(ids))
            .order_by(col(BookingOrder.id))
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def rename(self, ids: Sequence[UUID], substitution: DoctorSubstitution, cancel_until: datetime) -> None:
        """Have the orders name the new doctor, and be given back until then at least."""
        values = {
            "ids": list(ids),
            "doctor": substitution.doctor,
            "title": substitution.title,
            "cancel_until": cancel_until,
        }
        await (await self._session.connection()).execute(_RENAME, values)

    async def forget(self, substitution: DoctorSubstitution) -> None:
        """It is worked off, unless an order still names another doctor or it was noted anew."""
        await fetch(self._session, _FORGET, substitution.schedule_id, substitution.noted_at)
