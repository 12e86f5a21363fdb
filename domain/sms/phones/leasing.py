"""What a telephone is given to send: leased for a minute, within its quotas, and begun only with a word from here.

The telephone asks again right before it begins (`claim`). That is what makes it at most once: until then the message
may go to another telephone, from then on it never does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_message import SmsKind, SmsMessage, SmsRoute
from datasources.sql.sms_phone import SmsPhone
from datasources.sql.sms_phones import PhoneLoad, SmsPhones
from datasources.sql.sms_steps import Share, SmsSteps, Taken
from domain.sms.desk import SmsDesk, routes_that_are_well
from domain.sms.policy import MOST_FAILURES
from domain.sms.routing import shares_of


@dataclass(frozen=True, slots=True)
class MayBegin:
    """The telephone may hand the message to its radio, if it does so within these seconds."""

    seconds: float


async def lease_next(desk: SmsDesk, phone_id: UUID, now: datetime) -> SmsMessage | None:
    """Give the telephone the next message; None if there is none for it now."""
    async with desk.stores.sql.read() as session:
        well = await routes_that_are_well(session, desk, now)
    async with desk.stores.sql.unit_of_work() as session:
        phone = await SmsPhones(session).locked(phone_id)
        if phone is None or phone.paused_at is not None or _rests(phone, now):
            return None
        load = await SmsPhones(session).load(phone_id, now, desk.policy.day_begins(now))
        shares = [
            share
            for whole in shares_of(SmsRoute.PHONE, desk.policy, well, desk.policy.kinds_now(now))
            for share in _within(desk, phone, load, whole, now)
        ]
        steps = SmsSteps(session)
        id = await steps.next_for(SmsRoute.PHONE, shares, list(desk.policy.templates), now)
        if id is None:
            return None
        leased = await steps.lease(id, phone_id, now + desk.policy.lease)
        if leased is not None and leased.kind != SmsKind.CODE:
            phone.next_at = now + timedelta(seconds=desk.gap_seconds())
        return leased


async def leased_again(desk: SmsDesk, phone_id: UUID, now: datetime) -> list[SmsMessage]:
    """What the telephone has and has not begun: it is told again when it connects, for its line may have broken."""
    async with desk.stores.sql.unit_of_work() as session:
        return await SmsSteps(session).extend_leases(phone_id, now, now + desk.policy.lease)


async def claim(desk: SmsDesk, taken: Taken, now: datetime) -> MayBegin | None:
    """The word that the telephone begins with; None: not any more. Asked twice for one attempt, it is said twice, so
    a telephone notes that it has begun before it begins."""
    if taken.phone_id is None:
        raise ValueError("a telephone claims for itself")
    async with desk.stores.sql.unit_of_work() as session:
        phone = await SmsPhones(session).locked(taken.phone_id)
        if phone is None or phone.paused_at is not None:
            return None
        claimed = await SmsSteps(session).claim(taken, now, now + desk.policy.report_within)
    if claimed is None or claimed.handed_at is None:
        return None
    until = min(claimed.handed_at + desk.policy.begin_within, claimed.expires_at)
    seconds = (until - now).total_seconds()
    return MayBegin(seconds) if seconds > 0 else None


async def note_connected(session: AsyncSession, phone_id: UUID, now: datetime) -> None:
    """Whoever connects is there."""
    await SmsPhones(session).change(phone_id, {"last_beat_at": now})


def _rests(phone: SmsPhone, now: datetime) -> bool:
    return phone.failures_in_a_row >= MOST_FAILURES and phone.next_at is not None and now < phone.next_at


def _within(desk: SmsDesk, phone: SmsPhone, load: PhoneLoad, share: Share, now: datetime) -> list[Share]:
    """The share as far as the telephone's quotas and its pause leave it: codes and others apart."""
    policy = desk.policy
    shares = []
    codes = [kind for kind in share.kinds if kind is SmsKind.CODE]
    left = _parts_left(phone, load, 1)
    if codes and left > 0 and load.open < 2 * policy.most_open:
        shares.append(Share(codes, share.before, share.all, left))
    others = [kind for kind in share.kinds if kind is not SmsKind.CODE]
    left = _parts_left(phone, load, 1 - policy.reserved_for_codes)
    pauses = phone.next_at is not None and now < phone.next_at
    if others and left > 0 and not pauses and load.open < policy.most_open:
        shares.append(Share(others, share.before, share.all, left))
    return shares


def _parts_left(phone: SmsPhone, load: PhoneLoad, of_quota: float) -> int:
    half_hour = int(phone.parts_per_half_hour * of_quota) - load.parts_in_half_hour
    today = int(phone.parts_per_day * of_quota) - load.parts_today
    return min(half_hour, today) - load.parts_leased
