"""What becomes of a message after it was handed over: by a telephone's report or a provider's answer.

Steps lead forward only: a late SENT undoes no DELIVERED, and what is UNKNOWN is never sent again by itself, because
it may have been sent.
"""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_message import SmsMessage, SmsRoute, SmsState
from datasources.sql.sms_steps import SmsSteps, Taken
from domain.live.changes import note_sms_change

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Before a message that was surely not sent is tried again by the same way; another way is tried at once."""
FOR_GOOD = frozenset({"BAD_NUMBER", "NULL_PDU", "TEXT_REFUSED", "EXPIRED"})
"""A telephone's reasons that no other attempt can mend."""

_INTO: dict[SmsState, tuple[SmsState, ...]] = {
    SmsState.SENT: (SmsState.HANDED, SmsState.UNKNOWN),
    SmsState.DELIVERED: (SmsState.HANDED, SmsState.UNKNOWN, SmsState.SENT),
    SmsState.UNKNOWN: (SmsState.HANDED,),
    SmsState.FAILED: (SmsState.LEASED, SmsState.HANDED, SmsState.UNKNOWN),
}


async def settle(
    session: AsyncSession,
    taken: Taken,
    state: SmsState,
    now: datetime,
    *,
    reason: str = "",
    provider_number: str | None = None,
) -> SmsMessage | None:
    """SENT, DELIVERED, UNKNOWN or FAILED for good. None: it stands elsewhere already."""
    steps = SmsSteps(session)
    settled = await steps.finish(taken, _INTO[state], state, now, reason=reason, provider_number=provider_number)
    if settled is not None:
        await steps.note_outcome(taken, state, reason)
    return settled


async def undelivered(
    session: AsyncSession, taken: Taken, reason: str, now: datetime, *, provider_number: str
) -> SmsMessage | None:
    """FAILED, though it was sent: the carrier gave it up. None: it stands elsewhere already."""
    steps, out_of = SmsSteps(session), (SmsState.HANDED, SmsState.UNKNOWN, SmsState.SENT)
    settled = await steps.finish(taken, out_of, SmsState.FAILED, now, reason=reason, provider_number=provider_number)
    if settled is not None:
        await steps.note_outcome(taken, SmsState.FAILED, reason)
    return settled


async def not_sent(
    session: AsyncSession,
    taken: Taken,
    route: SmsRoute,
    reason: str,
    now: datetime,
    *,
    more_routes: bool,
) -> SmsMessage | None:
    """It was surely not sent: once more, later or by another way, until it has failed often enough."""
    steps = SmsSteps(session)
    standing = await steps.standing(taken)
    if standing is None or standing.failures >= len(PAUSES) or standing.state == SmsState.UNKNOWN:
        return await settle(session, taken, SmsState.FAILED, now, reason=reason)
    pause = timedelta(0) if more_routes else PAUSES[standing.failures]
    await steps.note_outcome(taken, SmsState.FAILED, reason)
    waiting = await steps.retry(taken, route, reason, now + pause)
    if waiting is not None:
        note_sms_change(session, waiting.kind)
    return waiting
