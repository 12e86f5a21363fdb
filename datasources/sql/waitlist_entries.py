"""Changes of the waitlist: entries, and the ledger's count of them, which change together.

Whoever changes an entry holds its session's ledger row first. So the entries of one session change one at a time,
and their places run in the order in which they were made.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, func, text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_statements import Attempt
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.waitlist_entry import OPEN, WaitlistEntry, WaitlistState


class WaitlistEntries:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_ledger(self, schedule_id: str, *, unless_busy: bool = False) -> SlotLedger | None:
        """The session's ledger row, held until the transaction ends; None if there is none.

        With `unless_busy` also None when somebody else holds it.
        """
        query = (
            select(SlotLedger)
            .where(col(SlotLedger.schedule_id) == schedule_id)
            .with_for_update(key_share=True, skip_locked=unless_busy)
            .execution_options(populate_existing=True)
        )
        return (await self._session.exec(query)).one_or_none()

    async def own(self, user_id: UUID, id: UUID) -> WaitlistEntry | None:
        """The account's entry with this id; None if there is none or it is somebody else's."""
        return await self._one(col(WaitlistEntry.id) == id, col(WaitlistEntry.user_id) == user_id)

    async def open_of_person(self, person: bytes, schedule_id: str) -> WaitlistEntry | None:
        """The entry with which this person waits for a number of the session, whoever's account made it."""
        return await self._one(
            col(WaitlistEntry.person) == person,
            col(WaitlistEntry.schedule_id) == schedule_id,
            col(WaitlistEntry.state).in_(OPEN),
        )

    async def count_open(self, person: bytes) -> int:
        """For how many sessions this person waits. Exact while the person's lock is held."""
        found = await self._session.exec(
            select(func.count())
            .select_from(WaitlistEntry)
            .where(col(WaitlistEntry.person) == person, col(WaitlistEntry.state).in_(OPEN))
        )
        return found.one()

    async def first_waiting(self, schedule_id: str) -> WaitlistEntry | None:
        """Whose turn it is."""
        query = (
            select(WaitlistEntry)
            .where(col(WaitlistEntry.schedule_id) == schedule_id, col(WaitlistEntry.state) == WaitlistState.WAITING)
            .order_by(col(WaitlistEntry.place))
            .limit(1)
            .execution_options(populate_existing=True)
        )
        return (await self._session.exec(query)).one_or_none()

    async def offers_past_their_end(self, schedule_id: str, now: datetime) -> list[WaitlistEntry]:
        """Offers of the session that nobody took in time."""
        return await self._all(
            col(WaitlistEntry.schedule_id) == schedule_id,
            col(WaitlistEntry.state) == WaitlistState.OFFERED,
            col(WaitlistEntry.offer_until) <= now,
        )

    async def open_of_sessions(self, schedule_ids: Sequence[str]) -> list[WaitlistEntry]:
        """Everybody who waits for these sessions or has an offer of them."""
        return await self._all(col(WaitlistEntry.schedule_id).in_(schedule_ids), col(WaitlistEntry.state).in_(OPEN))

    async def open_of_patient(self, patient_id: UUID) -> list[WaitlistEntry]:
        """The patient's entries that may still become orders."""
        return await self._all(col(WaitlistEntry.patient_id) == patient_id, col(WaitlistEntry.state).in_(OPEN))

    async def open_of_user(self, user_id: UUID) -> list[WaitlistEntry]:
        """The account's entries that may still become orders."""
        return await self._all(col(WaitlistEntry.user_id) == user_id, col(WaitlistEntry.state).in_(OPEN))

    async def add(self, entry: WaitlistEntry) -> None:
        """Let somebody wait: last in line. The ledger counts them."""
        self._session.add(entry)
        await self._session.flush()
        await self._count(entry.schedule_id, 1, entry.joined_at)

    async def offer(self, entry: WaitlistEntry, number: int, until: datetime, now: datetime) -> None:
        """Note that this number, which `take_number` has just taken from the waitlist's turn, is held for the entry."""
        changes = {"state": WaitlistState.OFFERED, "number": number, "offered_at": now, "offer_until": until}
        await self._change(entry, changes)

    async def accept(self, entry: WaitlistEntry, order: Attempt, now: datetime) -> None:
        """Make this order with the number that was held for the entry."""
        assert entry.state == WaitlistState.OFFERED, f"{entry.id} is {entry.state}: it has no number"
        await (await self._session.connection()).execute(
            text("SELECT insert_order(CAST(:order AS jsonb), :number, 'PLACED', :now)"),
            {"order": orjson.dumps(order.as_json(), default=str).decode(), "number": entry.number, "now": now},
        )
        await self._change(entry, _closed(WaitlistState.ACCEPTED, now) | {"order_id": order.id})

    async def close(self, entry: WaitlistEntry, state: WaitlistState, because: str, now: datetime) -> None:
        """End an open entry without an order. A number held for it goes back to the ledger."""
        waiting, number = entry.state == WaitlistState.WAITING, entry.number
        await self._change(entry, _closed(state, now) | {"ended_because": because})
        if waiting:
            await self._count(entry.schedule_id, -1, now)
        else:
            await (await self._session.connection()).execute(
                text("SELECT return_number(:schedule_id, :number, :now)"),
                {"schedule_id": entry.schedule_id, "number": number, "now": now},
            )

    async def forget_user(self, user_id: UUID) -> None:
        """Take from the account's entries what tells whom they were for."""
        await self._forget(col(WaitlistEntry.user_id) == user_id)

    async def forget_patient(self, patient_id: UUID) -> None:
        """Take from the patient's entries what tells whom they were for."""
        await self._forget(col(WaitlistEntry.patient_id) == patient_id)

    async def _forget(self, whose: ColumnElement[bool]) -> None:
        await self._session.exec(update(WaitlistEntry).where(whose).values(person=None, masked_patient_name=""))

    async def _change(self, entry: WaitlistEntry, values: Mapping[str, Any]) -> None:
        changed = await self._session.exec(
            update(WaitlistEntry)
            .where(col(WaitlistEntry.id) == entry.id, col(WaitlistEntry.state) == entry.state)
            .values(**values)
            .returning(WaitlistEntry)
            .execution_options(populate_existing=True)
        )
        # Raises, and so undoes everything, should somebody change entries without the ledger's row.
        changed.scalar_one()

    async def _count(self, schedule_id: str, more: int, now: datetime) -> None:
        await (await self._session.connection()).execute(
            text("UPDATE slot_ledger SET waiting = waiting + :more, updated_at = :now WHERE schedule_id = :id"),
            {"more": more, "now": now, "id": schedule_id},
        )

    async def _one(self, *where: ColumnElement[bool]) -> WaitlistEntry | None:
        query = select(WaitlistEntry).where(*where).execution_options(populate_existing=True)
        return (await self._session.exec(query)).one_or_none()

    async def _all(self, *where: ColumnElement[bool]) -> list[WaitlistEntry]:
        query = (
            select(WaitlistEntry)
            .where(*where)
            .order_by(col(WaitlistEntry.place))
            .execution_options(populate_existing=True)
        )
        return list(await self._session.exec(query))


def _closed(state: WaitlistState, now: datetime) -> dict[str, Any]:
    # Who it was for is asked of open entries only; of others nothing is kept that the owner's list doesn't show.
    return {"state": state, "ended_at": now, "offer_until": None, "person": None}
