"""Reads and changes of bans from booking."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_ban import BookingBan
from datasources.sql.patient import Patient

_NO_SHOWS = text("""
    SELECT count(*) FROM booking_order o JOIN slot_ledger l USING (schedule_id)
     WHERE o.person = :person AND o.state = 'NO_SHOW' AND o.visit_date BETWEEN :first AND :last
       AND l.status <> 'WITHDRAWN'
""")


class BookingBans:
    """Works inside the session it is given. Bans are of a person, whichever account booked."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def no_shows(self, person: bytes, year: int) -> int:
        """Visits of this calendar year to which the person did not come, those of withdrawn sessions left out.

        Exact while the caller holds the person's lock.
        """
        values = {"person": person, "first": date(year, 1, 1), "last": date(year, 12, 31)}
        count: int = (await (await self._session.connection()).execute(_NO_SHOWS, values)).scalar_one()
        return count

    async def add(self, ban: BookingBan) -> bool:
        """Store a ban unless so many no-shows of that year brought one before; whether it was stored."""
        values = ban.model_dump()
        added = await self._session.exec(
            insert(BookingBan).values(**values).on_conflict_do_nothing().returning(col(BookingBan.id))
        )
        return added.one_or_none() is not None

    async def get(self, id: UUID) -> BookingBan | None:
        """The ban with this id, whoever's it is."""
        return await self._session.get(BookingBan, id, populate_existing=True)

    async def lift(self, id: UUID, by: UUID, because: str, now: datetime) -> BookingBan | None:
        """Lift a ban that was not lifted yet. None if there is none, or it was."""
        lifted = await self._session.exec(
            update(BookingBan)
            .where(col(BookingBan.id) == id, col(BookingBan.lifted_at).is_(None))
            .values(lifted_at=now, lifted_by=by, lifted_because=because)
            .returning(BookingBan)
            .execution_options(populate_existing=True)
        )
        return lifted.scalar_one_or_none()

    async def of_patients_of(self, user_id: UUID) -> Sequence[tuple[BookingBan, UUID]]:
        """Every ban of the people whom this account has as patients, with the patient each is there; the latest first.
        They may have been earned under another account."""
        found = await self._session.exec(
            select(BookingBan, Patient.id)
            .join(Patient, col(Patient.certificate_index) == col(BookingBan.person))
            .where(col(Patient.user_id) == user_id, col(Patient.removed_at).is_(None))
            .order_by(col(BookingBan.since).desc(), col(BookingBan.id))
        )
        return list(found)

    async def latest_ends(self, patient_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        """When the last ban of each patient ends, or ended, that was not lifted; those who had none are left out."""
        found: Any = await self._session.exec(
            select(Patient.id, func.max(col(BookingBan.until)))
            .join(BookingBan, col(BookingBan.person) == col(Patient.certificate_index))
            .where(col(Patient.id).in_(patient_ids), col(BookingBan.lifted_at).is_(None))
            .group_by(col(Patient.id))
        )
        return dict(found.all())

    async def forget_persons_of(self, user_id: UUID) -> None:
        """Erase whom the bans were of that this account's patients earned."""
        await self._session.exec(
            update(BookingBan)
            .where(col(BookingBan.patient_id).in_(select(Patient.id).where(col(Patient.user_id) == user_id)))
            .values(person=None)
        )
