"""The steps of a text message from the queue to its end: each one UPDATE that names the states it leads out of.

Whoever is given a message is given an attempt's number with it, and says that number with each step: what somebody says
of an attempt that is not the latest changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, case, func, null, or_, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_message import RECALLABLE, SmsAttempt, SmsKind, SmsMessage, SmsRoute, SmsState

TEMPLATES_OF_ITS_OWN = frozenset({SmsRoute.ALIYUN})
"""Routes that can only send what they have a template for."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which kinds a route may take now, and where it stands among the routes that are well, the preferred first."""

    kinds: Sequence[SmsKind]
    before: Sequence[SmsRoute]
    """Those preferred to it."""
    all: Sequence[SmsRoute]
    most_parts: int | None = None
    """No message of more parts is taken; None: any."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An attempt, as whoever was given it names it."""

    id: UUID
    attempt: int
    phone_id: UUID | None = None
    """None: of a provider that is called."""


# Of several messages for whoever asks at the same moment, each gets another: rows that somebody holds are skipped.
_NEXT = """
    SELECT m.id FROM sms_message m,
           LATERAL (SELECT CASE WHEN m.template = ANY (:templates) THEN '{{}}'
                                ELSE CAST(:of_its_own AS varchar[]) END AS unfit) f
     WHERE m.state = 'QUEUED' AND m.not_before <= :now AND m.expires_at > :now AND ({shares}) {only}
     ORDER BY m.priority, m.not_before, m.id LIMIT 1
       FOR UPDATE OF m SKIP LOCKED
"""
# A route takes what it is the first for of those that have not failed yet; or, if all have, begins anew.
_SHARE = """
    (m.kind = ANY (:kinds{n}) AND m.parts <= :most_parts{n}
     AND NOT CAST(:route AS varchar) = ANY (f.unfit)
     AND ((NOT CAST(:route AS varchar) = ANY (m.failed_routes)
           AND (m.failed_routes || f.unfit) @> CAST(:before{n} AS varchar[]))
          OR ((m.failed_routes || f.unfit) @> CAST(:all{n} AS varchar[])
              AND f.unfit @> CAST(:before{n} AS varchar[]))))
"""
_ONLY = "AND m.id = :only"
_MOST_PARTS = 1_000_000


class SmsSteps:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def next_for(
        self,
        route: SmsRoute,
        shares: Sequence[Share],
        templates: Sequence[str],
        now: datetime,
        *,
        only: UUID | None = None,
    ) -> UUID | None:
        """The message that this route is to send next, or `only` that, held until the transaction ends."""
        if not shares:
            return None
        values: dict[str, Any] = {
            "route": route.value,
            "templates": list(templates),
            "of_its_own": [each.value for each in TEMPLATES_OF_ITS_OWN],
            "now": now,
        }
        for number, share in enumerate(shares):
            values[f"kinds{number}"] = [kind.value for kind in share.kinds]
            values[f"before{number}"] = [each.value for each in share.before]
            values[f"all{number}"] = [each.value for each in share.all]
            values[f"most_parts{number}"] = _MOST_PARTS if share.most_parts is None else share.most_parts
        one = "" if only is None else _ONLY
        if only is not None:
            values["only"] = only
        query = _NEXT.format(only=one, shares=" OR ".join(_SHARE.format(n=number) for number in range(len(shares))))
        found = await (await self._session.connection()).execute(text(query), values)
        id: UUID | None = found.scalar_one_or_none()
        return id

    async def lease(self, id: UUID, phone_id: UUID, lease_until: datetime) -> SmsMessage | None:
        """QUEUED → LEASED by this telephone, as a new attempt."""
        return await self._changed(
            update(SmsMessage)
            .where(col(SmsMessage.id) == id, col(SmsMessage.state) == SmsState.QUEUED)
            .values(
                state=SmsState.LEASED,
                route=SmsRoute.PHONE,
                phone_id=phone_id,
                attempt=col(SmsMessage.attempt) + 1,
                lease_until=lease_until,
                reason="",
            )
        )

    async def extend_leases(self, phone_id: UUID, now: datetime, lease_until: datetime) -> list[SmsMessage]:
        """What this telephone was given and has not begun, given to it again."""
        extended = await self._session.exec(
            update(SmsMessage)
            .where(
                col(SmsMessage.phone_id) == phone_id,
                col(SmsMessage.state) == SmsState.LEASED,
                col(SmsMessage.lease_until).is_not(None),
                col(SmsMessage.expires_at) > now,
            )
            .values(lease_until=lease_until)
            .returning(SmsMessage)
            .execution_options(populate_existing=True)
        )
        return sorted(extended.scalars(), key=lambda each: (each.priority, each.not_before, each.id))

    async def claim(self, taken: Taken, now: datetime, until: datetime) -> SmsMessage | None:
        """LEASED → HANDED: from now on nobody else gets it. The same telephone may say so again. None: not any more."""
        claimed = await self._changed(
            update(SmsMessage)
            .where(
                *_attempt(taken),
                col(SmsMessage.expires_at) > now,
                or_(
                    col(SmsMessage.state) == SmsState.LEASED,
                    (col(SmsMessage.state) == SmsState.HANDED) & (col(SmsMessage.lease_until) > now),
                ),
            )
            .values(
                lease_until=case((col(SmsMessage.state) == SmsState.LEASED, until), else_=col(SmsMessage.lease_until)),
                handed_at=case((col(SmsMessage.state) == SmsState.LEASED, now), else_=col(SmsMessage.handed_at)),
                state=SmsState.HANDED,
            )
        )
        if claimed is not None:
            await self._note_attempt(claimed, now)
        return claimed

    async def hand(self, id: UUID, route: SmsRoute, now: datetime, until: datetime) -> SmsMessage | None:
        """QUEUED → HANDED to a provider that is called, as a new attempt."""
        handed = await self._changed(
            update(SmsMessage)
            .where(col(SmsMessage.id) == id, col(SmsMessage.state) == SmsState.QUEUED)
            .values(
                state=SmsState.HANDED,
                route=route,
                phone_id=None,
                attempt=col(SmsMessage.attempt) + 1,
                lease_until=until,
                handed_at=now,
                reason="",
            )
        )
        if handed is not None:
            await self._note_attempt(handed, now)
        return handed

    async def put_back(self, taken: Taken, now: datetime, *, reason: str = "") -> SmsMessage | None:
        """→ QUEUED: whoever was given it has not begun and will not."""
        return await self._changed(
            update(SmsMessage)
            .where(*_attempt(taken), col(SmsMessage.state).in_((SmsState.LEASED, SmsState.HANDED)))
            .values(state=SmsState.QUEUED, lease_until=None, phone_id=None, not_before=now, reason=reason)
        )

    async def retry(self, taken: Taken, route: SmsRoute, reason: str, not_before: datetime) -> SmsMessage | None:
        """HANDED → QUEUED: it was surely not sent, and may be later or by another way."""
        return await self._changed(
            update(SmsMessage)
            .where(*_attempt(taken), col(SmsMessage.state).in_((SmsState.LEASED, SmsState.HANDED)))
            .values(
                state=SmsState.QUEUED,
                lease_until=None,
                phone_id=None,
                not_before=not_before,
                reason=reason,
                failures=col(SmsMessage.failures) + 1,
                failed_routes=func.array_append(
                    func.array_remove(col(SmsMessage.failed_routes), route.value), route.value
                ),
            )
        )

    async def finish(
        self,
        taken: Taken,
        out_of: Sequence[SmsState],
        to: SmsState,
        now: datetime,
        *,
        reason: str = "",
        provider_number: str | None = None,
    ) -> SmsMessage | None:
        """To a state in which nobody has it any more; None if it stands in none of those that lead there."""
        values: dict[str, Any] = {"state": to, "lease_until": None, "reason": reason}
        if provider_number is not None:
            values["provider_number"] = provider_number
        return await self._changed(
            update(SmsMessage)
            .where(*_attempt(taken), col(SmsMessage.state).in_(out_of))
            .values(finished_at=case((col(SmsMessage.finished_at).is_(None), now), else_=col(SmsMessage.finished_at)))
            .values(**values, **_without_codes())
        )

    async def note_outcome(self, taken: Taken, outcome: str, reason: str) -> None:
        """Remember with the attempt what became of it."""
        await (await self._session.connection()).execute(
            update(SmsAttempt)
            .where(col(SmsAttempt.message_id) == taken.id, col(SmsAttempt.attempt) == taken.attempt)
            .values(outcome=outcome, reason=reason)
        )

    async def standing(self, taken: Taken) -> SmsMessage | None:
        """The message as it stands, if this is its latest attempt."""
        found = await self._session.exec(select(SmsMessage).where(*_attempt(taken)))
        return found.one_or_none()

    async def given_to(self, route: SmsRoute, id: UUID) -> SmsMessage | None:
        """The message, if its latest attempt went this way; others wait until the transaction ends."""
        query = select(SmsMessage).where(col(SmsMessage.id) == id, col(SmsMessage.route) == route).with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def cancel(self, id: UUID, reason: str, now: datetime) -> SmsMessage | None:
        """→ CANCELLED, if nobody has begun to send it."""
        return await self._changed(
            update(SmsMessage)
            .where(col(SmsMessage.id) == id, col(SmsMessage.state).in_(RECALLABLE))
            .values(state=SmsState.CANCELLED, reason=reason, finished_at=now, lease_until=None, **_without_codes())
        )

    async def begin_again(self, id: UUID, now: datetime, expires_at: datetime) -> SmsMessage | None:
        """FAILED, UNKNOWN or EXPIRED → QUEUED, as somebody decided; never a code."""
        over = (SmsState.FAILED, SmsState.UNKNOWN, SmsState.EXPIRED)
        return await self._changed(
            update(SmsMessage)
            .where(
                col(SmsMessage.id) == id,
                col(SmsMessage.state).in_(over),
                col(SmsMessage.kind) != SmsKind.CODE,
                col(SmsMessage.sealed_text).is_not(None),
            )
            .values(
                state=SmsState.QUEUED,
                reason="SENT_AGAIN",
                failures=0,
                failed_routes=[],
                phone_id=None,
                provider_number=None,
                not_before=now,
                expires_at=func.greatest(col(SmsMessage.expires_at), expires_at),
                finished_at=None,
                handed_at=None,
                # What is still reported of the attempt before must not be taken for this one's.
                attempt=col(SmsMessage.attempt) + 1,
            )
        )

    async def _note_attempt(self, message: SmsMessage, now: datetime) -> None:
        attempt = {
            "message_id": message.id,
            "attempt": message.attempt,
            "route": message.route,
            "phone_id": message.phone_id,
            "parts": message.parts,
            "at": now,
        }
        await (await self._session.connection()).execute(insert(SmsAttempt).values(attempt).on_conflict_do_nothing())

    async def _changed(self, statement: Update) -> SmsMessage | None:
        changed = await self._session.exec(statement.returning(SmsMessage).execution_options(populate_existing=True))
        row: SmsMessage | None = changed.scalar_one_or_none()
        return row


def _attempt(taken: Taken) -> list[Any]:
    conditions: list[Any] = [col(SmsMessage.id) == taken.id, col(SmsMessage.attempt) == taken.attempt]
    if taken.phone_id is not None:
        conditions.append(col(SmsMessage.phone_id) == taken.phone_id)
    return conditions


def _without_codes() -> dict[str, Any]:
    # Once a code is over, its text is worth something to whoever finds it and nothing to the platform.
    is_code = col(SmsMessage.kind) == SmsKind.CODE
    return {
        "sealed_text": case((is_code, null()), else_=col(SmsMessage.sealed_text)),
        "sealed_variables": case((is_code, null()), else_=col(SmsMessage.sealed_variables)),
    }
