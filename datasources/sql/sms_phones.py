"""Reads and changes the platform's own telephones, and what is known of providers' health."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch
from datasources.sql.sms_phone import SmsPhone, SmsProviderHealth

_LOAD = """
    SELECT (SELECT coalesce(sum(parts), 0) FROM sms_attempt
             WHERE phone_id = $1 AND at > $2 AND outcome NOT IN ('FAILED', 'RETURNED')),
           (SELECT coalesce(sum(parts), 0) FROM sms_attempt
             WHERE phone_id = $1 AND at >= $3 AND outcome NOT IN ('FAILED', 'RETURNED')),
           (SELECT coalesce(sum(parts), 0) FROM sms_message WHERE phone_id = $1 AND state = 'LEASED'),
           (SELECT count(*) FROM sms_message WHERE phone_id = $1 AND lease_until IS NOT NULL)
"""


class PhoneLoad(NamedTuple):
    """What a telephone has done and has to do."""

    parts_in_half_hour: int
    parts_today: int
    parts_leased: int
    open: int


class SmsPhones:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, phone: SmsPhone) -> None:
        """Store a new one."""
        self._session.add(phone)
        await self._session.flush()

    async def all(self) -> list[SmsPhone]:
        """Every telephone, the latest first, the revoked after all others."""
        found = await self._session.exec(
            select(SmsPhone).order_by(
                col(SmsPhone.revoked_at).desc().nulls_first(), col(SmsPhone.created_at).desc(), col(SmsPhone.id)
            )
        )
        return list(found)

    async def get(self, id: UUID) -> SmsPhone | None:
        """One telephone."""
        return await self._session.get(SmsPhone, id)

    async def by_token_hash(self, token_hash: bytes) -> SmsPhone | None:
        """The telephone with this token; a revoked one has none."""
        found = await self._session.exec(select(SmsPhone).where(col(SmsPhone.token_hash) == token_hash))
        return found.one_or_none()

    async def by_code_hash(self, code_hash: bytes) -> SmsPhone | None:
        """The telephone with this code, held until the transaction ends."""
        found = await self._session.exec(select(SmsPhone).where(col(SmsPhone.code_hash) == code_hash).with_for_update())
        return found.one_or_none()

    async def token_hashes(self, ids: list[UUID]) -> dict[UUID, bytes]:
        """The hashes of these telephones' tokens; a revoked one has none."""
        found = await self._session.exec(
            select(SmsPhone.id, SmsPhone.token_hash).where(
                col(SmsPhone.id).in_(ids), col(SmsPhone.token_hash).is_not(None)
            )
        )
        return {id: token_hash for id, token_hash in found if token_hash is not None}

    async def exchange(self, code_hash: bytes, token_hash: bytes, now: datetime) -> SmsPhone | None:
        """Give the telephone of this code its token and end the code; None if the code does not hold (any more)."""
        return await self._changed(
            update(SmsPhone)
            .where(
                col(SmsPhone.code_hash) == code_hash,
                col(SmsPhone.code_expires_at) > now,
                col(SmsPhone.revoked_at).is_(None),
            )
            .values(code_hash=None, code_expires_at=None, token_hash=token_hash, enrolled_at=now, failures_in_a_row=0)
        )

    async def change(self, id: UUID, values: dict[str, Any]) -> SmsPhone | None:
        """Change what is given of a telephone that is not revoked."""
        return await self._changed(
            update(SmsPhone).where(col(SmsPhone.id) == id, col(SmsPhone.revoked_at).is_(None)).values(values)
        )

    async def locked(self, id: UUID) -> SmsPhone | None:
        """One whose token holds; nobody else changes it until the transaction ends."""
        found = await self._session.exec(
            select(SmsPhone)
            .where(col(SmsPhone.id) == id, col(SmsPhone.token_hash).is_not(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return found.one_or_none()

    async def load(self, id: UUID, now: datetime, day_begins: datetime) -> PhoneLoad:
        """How much it has sent and has to send."""
        (row,) = await fetch(self._session, _LOAD, id, now - timedelta(minutes=30), day_begins)
        return PhoneLoad(*row)

    async def some_is_well(self, now: datetime, beats_since: datetime, most_failures: int) -> bool:
        """Whether any telephone would take a message now."""
        found = await self._session.exec(
            select(SmsPhone.id)
            .where(
                col(SmsPhone.token_hash).is_not(None),
                col(SmsPhone.paused_at).is_(None),
                col(SmsPhone.last_beat_at) > beats_since,
                (col(SmsPhone.failures_in_a_row) < most_failures) | (col(SmsPhone.next_at) <= now),
            )
            .limit(1)
        )
        return found.one_or_none() is not None

    async def note_failure(self, id: UUID, most_failures: int, rest_until: datetime) -> None:
        """One more in a row; after so many it rests."""
        statement = """
            UPDATE sms_phone SET failures_in_a_row = failures_in_a_row + 1,
                   next_at = CASE WHEN failures_in_a_row + 1 >= :most THEN :rest_until ELSE next_at END
             WHERE id = :id
        """
        values = {"id": id, "most": most_failures, "rest_until": rest_until}
        await (await self._session.connection()).execute(text(statement), values)

    async def note_success(self, id: UUID) -> None:
        """It has sent one."""
        await (await self._session.connection()).execute(
            update(SmsPhone)
            .where(col(SmsPhone.id) == id, col(SmsPhone.failures_in_a_row) > 0)
            .values(failures_in_a_row=0)
        )

    async def _changed(self, statement: Any) -> SmsPhone | None:
        changed = await self._session.exec(statement.returning(SmsPhone).execution_options(populate_existing=True))
        row: SmsPhone | None = changed.scalar_one_or_none()
        return row


class ProvidersHealth:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> dict[str, SmsProviderHealth]:
        """What is known, by route."""
        return {each.route: each for each in await self._session.exec(select(SmsProviderHealth))}

    async def note_ok(self, route: str, now: datetime) -> None:
        """It has taken a message."""
        values = {"failures_in_a_row": 0, "rest_until": None, "last_ok_at": now}
        await self._put(route, values)

    async def note_failure(
        self, route: str, problem: str, most_failures: int, rest_until: datetime, *, at_once: bool
    ) -> None:
        """It failed once more; after so many, or at once, it rests."""
        statement = """
            INSERT INTO sms_provider_health AS h (route, failures_in_a_row, rest_until, last_problem)
            VALUES (:route, 1, CASE WHEN :at_once THEN CAST(:rest_until AS timestamptz) END, :problem)
            ON CONFLICT (route) DO UPDATE SET failures_in_a_row = h.failures_in_a_row + 1,
                   rest_until = CASE WHEN :at_once OR h.failures_in_a_row + 1 >= :most
                                     THEN CAST(:rest_until AS timestamptz) ELSE h.rest_until END,
                   last_problem = :problem
        """
        values = {
            "route": route,
            "problem": problem,
            "most": most_failures,
            "rest_until": rest_until,
            "at_once": at_once,
        }
        await (await self._session.connection()).execute(text(statement), values)

    async def _put(self, route: str, values: dict[str, Any]) -> None:
        await (await self._session.connection()).execute(
            insert(SmsProviderHealth)
            .values(route=route, **values)
            .on_conflict_do_update(index_elements=["route"], set_=values)
        )
