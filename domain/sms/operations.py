"""How sending text messages goes: what waits, what failed, how the telephones are, and what is an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from datasources.sql.database import Database
from datasources.sql.sms_message import SmsState
from datasources.sql.sms_phone import SmsPhone, SmsProviderHealth
from datasources.sql.sms_phones import PhoneLoad, ProvidersHealth, SmsPhones
from datasources.sql.sms_reads import AttemptGroup, SmsReads, Waiting
from domain.sms.policy import BEAT_LASTS, SmsPolicy

CODE_MAY_WAIT = timedelta(seconds=30)
LEAST_BATTERY = 20
MOST_FAILED = 0.2
FEWEST_JUDGED = 5
"""Fewer attempts in an hour say nothing about how many fail."""


class SmsAlarm(StrEnum):
    """What somebody has to look at."""

    CODE_WAITS = "CODE_WAITS"
    PHONE_SILENT = "PHONE_SILENT"
    PHONE_BATTERY_LOW = "PHONE_BATTERY_LOW"
    MANY_FAILURES = "MANY_FAILURES"
    PROVIDER_RESTS = "PROVIDER_RESTS"


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm and whose it is."""

    kind: SmsAlarm
    phone_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PhoneState:
    """A telephone and what it has done."""

    phone: SmsPhone
    load: PhoneLoad
    is_silent: bool


@dataclass(frozen=True, slots=True)
class SmsOperations:
    """Everything at one moment."""

    phones: Sequence[PhoneState]
    providers: Sequence[SmsProviderHealth]
    waiting: Waiting
    last_hour: Sequence[AttemptGroup]
    alarms: Sequence[RaisedAlarm]


async def operations(database: Database, policy: SmsPolicy, now: datetime) -> SmsOperations:
    """How it goes now."""
    async with database.read() as session:
        phones = SmsPhones(session)
        states = [
            PhoneState(phone, await phones.load(phone.id, now, policy.day_begins(now)), _is_silent(phone, now))
            for phone in await phones.all()
        ]
        providers = list((await ProvidersHealth(session).all()).values())
        reads = SmsReads(session)
        waiting, last_hour = await reads.waiting(now), await reads.last_hour(now)
    alarms = [*_general(waiting, last_hour, providers, now), *(a for state in states for a in _of_phone(state))]
    return SmsOperations(states, providers, waiting, last_hour, alarms)


def _is_silent(phone: SmsPhone, now: datetime) -> bool:
    return phone.last_beat_at is None or phone.last_beat_at <= now - BEAT_LASTS


def _general(
    waiting: Waiting, last_hour: Sequence[AttemptGroup], providers: Sequence[SmsProviderHealth], now: datetime
) -> list[RaisedAlarm]:
    alarms = []
    if waiting.oldest_code is not None and waiting.oldest_code < now - CODE_MAY_WAIT:
        alarms.append(RaisedAlarm(SmsAlarm.CODE_WAITS))
    attempts = sum(group.attempts for group in last_hour)
    failed = sum(group.attempts for group in last_hour if group.outcome == SmsState.FAILED)
    if attempts >= FEWEST_JUDGED and failed > MOST_FAILED * attempts:
        alarms.append(RaisedAlarm(SmsAlarm.MANY_FAILURES))
    if any(each.rest_until is not None and each.rest_until > now for each in providers):
        alarms.append(RaisedAlarm(SmsAlarm.PROVIDER_RESTS))
    return alarms


def _of_phone(state: PhoneState) -> list[RaisedAlarm]:
    phone = state.phone
    if phone.token_hash is None or phone.paused_at is not None:
        return []
    alarms = [RaisedAlarm(SmsAlarm.PHONE_SILENT, phone.id)] if state.is_silent else []
    low = phone.battery_percent is not None and phone.battery_percent < LEAST_BATTERY
    return [*alarms, RaisedAlarm(SmsAlarm.PHONE_BATTERY_LOW, phone.id)] if low else alarms
