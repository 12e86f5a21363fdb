"""Sessions that changed after some of their holders booked them: noted with the push, worked off afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Column, DateTime, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.database import fetch


class SessionChange(SQLModel, table=True):
    """How a session is now, while some of its orders may still say otherwise."""

    __tablename__ = "session_change"

    schedule_id: str = Field(primary_key=True, foreign_key="slot_ledger.schedule_id", ondelete="CASCADE")
    doctor: str
    title: str
    slices: list[Any] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    """As orders keep them; empty where the half-day isn't sliced, which changes nobody's time."""
    noted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SessionAsPushed(NamedTuple):
    """What orders keep of a session and its hospital may change."""

    doctor: str
    title: str
    slices: Sequence[tuple[str, int]] = ()


_LIVE = "o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')"
# Whom the hospital gave a time of its own, by its answer to the order, keeps that.
_DIFFERS = """(coalesce(o.texts ->> 'doctor', '') <> {now}.doctor
               OR ({now}.slices <> '[]' AND o.fetch_time IS NULL
                   AND coalesce(o.texts -> 'slices', '[]') <> {now}.slices))"""

_NOTE = """
    INSERT INTO session_change AS noted (schedule_id, doctor, title, slices, noted_at)
    SELECT p.schedule_id, p.doctor, p.title, p.slices, :now
      FROM unnest(CAST(:schedule_ids AS text[]), CAST(:doctors AS text[]), CAST(:titles AS text[]),
                  CAST(CAST(:slices AS text[]) AS jsonb[])) AS p(schedule_id, doctor, title, slices)
     WHERE EXISTS (SELECT FROM booking_order o WHERE o.schedule_id = p.schedule_id AND {live} AND {differs})
        OR EXISTS (SELECT FROM session_change s WHERE s.schedule_id = p.schedule_id)
    ON CONFLICT (schedule_id) DO UPDATE
       SET doctor = excluded.doctor, title = excluded.title, slices = excluded.slices, noted_at = excluded.noted_at
     WHERE (noted.doctor, noted.slices) <> (excluded.doctor, excluded.slices)
"""
_HOLDERS = """
    SELECT o.id FROM booking_order o JOIN session_change s ON s.schedule_id = o.schedule_id
     WHERE o.schedule_id = :schedule_id AND s.noted_at = :noted_at AND {live} AND {differs}
     ORDER BY o.id LIMIT :limit
       FOR NO KEY UPDATE OF o SKIP LOCKED
"""
_REWRITE = """
    UPDATE booking_order o
       SET texts = o.texts || jsonb_build_object('doctor', s.doctor, 'title', s.title)
                   || CASE WHEN s.slices <> '[]' AND o.fetch_time IS NULL
                           THEN jsonb_build_object('slices', s.slices) ELSE '{}' END,
           cancel_until = greatest(o.cancel_until, :cancel_until)
      FROM session_change s
     WHERE o.id = ANY (:ids) AND s.schedule_id = o.schedule_id
"""
_FORGET = """
    DELETE FROM session_change s
     WHERE s.schedule_id = $1 AND s.noted_at = $2
       AND NOT EXISTS (SELECT FROM booking_order o WHERE o.schedule_id = s.schedule_id AND {live} AND {differs})
"""


def _filled(query: str, now: str) -> str:
    """`now` is what the query calls the session as it is now."""
    return query.format(live=_LIVE, differs=_DIFFERS.format(now=now))


class SessionChanges:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, sessions: Mapping[str, SessionAsPushed], now: datetime) -> None:
        """Note those of these sessions of which live orders say otherwise. The ledger's rows are held."""
        values = {
            "schedule_ids": list(sessions),
            "doctors": [each.doctor for each in sessions.values()],
            "titles": [each.title for each in sessions.values()],
            "slices": [orjson.dumps(each.slices).decode() for each in sessions.values()],
            "now": now,
        }
        await (await self._session.connection()).execute(text(_filled(_NOTE, "p")), values)

    async def all(self, limit: int) -> Sequence[SessionChange]:
        """Those that are to be worked off, the oldest first."""
        query = select(SessionChange).order_by(col(SessionChange.noted_at)).limit(limit)
        return (await self._session.exec(query)).all()

    async def stands(self, change: SessionChange) -> bool:
        """Whether it is still so: it was not noted anew. Nobody notes it while the ledger's row is held."""
        query = select(SessionChange.noted_at).where(col(SessionChange.schedule_id) == change.schedule_id)
        return (await self._session.exec(query)).one_or_none() == change.noted_at

    async def take_holders(self, change: SessionChange, limit: int) -> list[BookingOrder]:
        """Some live orders that say otherwise, held until the transaction ends; those others hold are passed over."""
        values = {"schedule_id": change.schedule_id, "noted_at": change.noted_at, "limit": limit}
        ids = [row[0] for row in await (await self._session.connection()).execute(text(_filled(_HOLDERS, "s")), values)]
        found = await self._session.exec(
            select(BookingOrder)
            .where(col(BookingOrder.id).in_(ids))
            .order_by(col(BookingOrder.id))
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def rewrite(self, ids: Sequence[UUID], cancel_until: datetime) -> None:
        """Have the orders say how their session is now, and be given back until then at least."""
        await (await self._session.connection()).execute(
            text(_REWRITE), {"ids": list(ids), "cancel_until": cancel_until}
        )

    async def forget(self, change: SessionChange) -> None:
        """It is worked off, unless an order still says otherwise or it was noted anew."""
        await fetch(self._session, _filled(_FORGET, "s"), change.schedule_id, change.noted_at)
