"""Giving messages to providers that are called. Telephones ask by themselves (`domain/sms/phones`)."""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog

from datasources.sealing import SealError
from datasources.sms.provider import Fate, Handed, OutgoingSms
from datasources.sql.sms_message import SmsMessage, SmsRoute, SmsState
from datasources.sql.sms_phones import ProvidersHealth
from datasources.sql.sms_steps import SmsSteps, Taken
from domain.clock import Clock
from domain.sms.desk import SmsDesk, routes_that_are_well
from domain.sms.opened import opened
from domain.sms.outcomes import not_sent, settle
from domain.sms.policy import MOST_FAILURES, PROVIDER_RESTS, UNPAID_RESTS
from domain.sms.routing import shares_of

SEND_DUE = "send_due_sms"
"""The queued job that sends at once what waits."""
MOST_PER_RUN = 1_000
MOST_AT_ONCE = 8
"""By one worker. At 0.1 s a call, 10,000 reminders one after another would take a quarter of an hour."""

_log = structlog.get_logger(component="sms")


async def send_due(desk: SmsDesk, clock: Clock, *, most: int = MOST_PER_RUN) -> int:
    """Send what is due by each provider that is well; how many were handed over."""
    sent = 0
    for route in desk.providers:
        sent += await _send_by(desk, route, clock, most - sent)
    return sent


async def _send_by(desk: SmsDesk, route: SmsRoute, clock: Clock, most: int) -> int:
    """More at once after each success; one alone after a failure, so that few are tried on a provider that is down."""
    sent, at_once = 0, 1
    while sent < most:
        sends = (_send_next(desk, route, clock) for _ in range(min(at_once, most - sent)))
        # What is under way is let end, whatever becomes of the others: else nobody would know if it was sent.
        fates = await asyncio.gather(*sends, return_exceptions=True)
        for fate in fates:
            if isinstance(fate, BaseException):
                raise fate
        handed = [fate for fate in fates if fate is not None]
        sent += len(handed)
        if len(handed) < len(fates):
            break
        at_once = min(at_once * 2, MOST_AT_ONCE) if all(fate is Fate.ACCEPTED for fate in handed) else 1
    return sent


async def send_one(desk: SmsDesk, route: SmsRoute, id: UUID, clock: Clock) -> bool:
    """Send this message by this provider at once, if it is due and that is its way; whether it was handed over."""
    return await _send_next(desk, route, clock, only=id) is not None


async def _send_next(desk: SmsDesk, route: SmsRoute, clock: Clock, *, only: UUID | None = None) -> Fate | None:
    """What became of the message that is next; None if none is due."""
    message = await _take(desk, route, clock(), only)
    if message is None:
        return None
    taken = Taken(message.id, message.attempt)
    try:
        content = opened(desk.ring, message)
    except SealError as error:
        _log.error("a text message cannot be read", message=str(message.id), why=str(error))
        await _settle(desk, route, taken, Handed(Fate.REFUSED, "UNREADABLE"), clock())
        return Fate.REFUSED
    handed = await desk.providers[route].send(
        OutgoingSms(
            id=str(message.id),
            phone=content.phone,
            text=content.text,
            template=desk.policy.templates.get(message.template, ""),
            variables=content.variables,
        )
    )
    await _settle(desk, route, taken, handed, clock())
    return handed.fate


async def _take(desk: SmsDesk, route: SmsRoute, now: datetime, only: UUID | None) -> SmsMessage | None:
    policy = desk.policy
    async with desk.stores.sql.read() as session:
        shares = shares_of(route, policy, await routes_that_are_well(session, desk, now), policy.kinds_now(now))
    if not shares:
        return None
    async with desk.stores.sql.unit_of_work() as session:
        steps = SmsSteps(session)
        id = await steps.next_for(route, shares, list(policy.templates), now, only=only)
        # Handed over before it is: whoever dies in between leaves it UNKNOWN, and nobody sends it twice.
        return None if id is None else await steps.hand(id, route, now, now + policy.report_within)


async def _settle(desk: SmsDesk, route: SmsRoute, taken: Taken, handed: Handed, now: datetime) -> None:
    async with desk.stores.sql.unit_of_work() as session:
        health = ProvidersHealth(session)
        match handed.fate:
            case Fate.ACCEPTED:
                await settle(session, taken, SmsState.SENT, now, provider_number=handed.provider_number)
                await health.note_ok(route, now)
                return
            case Fate.UNKNOWN:
                await settle(session, taken, SmsState.UNKNOWN, now, reason=handed.reason)
            case Fate.REFUSED:
                await settle(session, taken, SmsState.FAILED, now, reason=handed.reason)
                return
            case _:
                more = len(await routes_that_are_well(session, desk, now)) > 1
                await not_sent(session, taken, route, handed.reason, now, more_routes=more)
                if handed.fate is Fate.LATER:
                    return
        unable = handed.fate is Fate.UNABLE
        rest_until = now + (UNPAID_RESTS if unable else PROVIDER_RESTS)
        await health.note_failure(route, handed.reason, MOST_FAILURES, rest_until, at_once=unable)
    _log.warning("a text message was not taken", route=route, fate=handed.fate, reason=handed.reason)
