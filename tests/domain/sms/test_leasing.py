"""Telephones: each message goes to one, is begun with a word from the platform, and never begun twice."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind, SmsState
from datasources.sql.sms_phones import SmsPhones
from datasources.sql.sms_steps import Taken
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.sms.phones.enrolling import PhoneChange, change_phone, move_queue, revoke
from domain.sms.phones.leasing import claim, lease_next, leased_again
from domain.sms.phones.reports import PhoneReport, report
from domain.sms.policy import PHONE_RESTS
from domain.sms.sweeping import sweep
from tests.domain.sms.queued import NOW, queued, row, sms
from tests.domain.sms.telephones import STAFF, desk_of, taken, telephone

LATER = NOW + timedelta(seconds=61)


async def test_telephones_that_ask_at_once_get_different_messages(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phones = [await telephone(desk) for _ in range(3)]
    for _ in range(9):
        await queued(open_stores, sms())

    given = await asyncio.gather(*(lease_next(desk, phone, NOW) for phone in phones * 3))

    ids = [message.id for message in given if message is not None]
    assert len(ids) == len(set(ids)) == 9


async def test_codes_come_first_and_do_not_wait_for_the_pause(open_stores: Stores) -> None:
    desk = desk_of(open_stores, gap_seconds=(5.0, 5.0))
    phone = await telephone(desk)
    await queued(open_stores, sms())
    await queued(open_stores, sms())
    first = await lease_next(desk, phone, NOW)
    code = await queued(open_stores, sms(SmsKind.CODE))

    second = await lease_next(desk, phone, NOW)

    assert first is not None
    assert second is not None
    assert second.id == code.id
    assert await lease_next(desk, phone, NOW + timedelta(seconds=4)) is None
    assert await lease_next(desk, phone, NOW + timedelta(seconds=6)) is not None


async def test_what_was_leased_and_not_begun_goes_to_another_telephone(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    slow, quick = await telephone(desk), await telephone(desk, LATER)
    await queued(open_stores, sms(SmsKind.CODE))
    first = taken(await lease_next(desk, slow, NOW), slow)

    await sweep(open_stores, LATER)
    second = taken(await lease_next(desk, quick, LATER), quick)

    assert second.id == first.id
    assert await claim(desk, first, LATER) is None
    assert await claim(desk, second, LATER) is not None


async def test_what_was_begun_goes_to_nobody_else_and_is_unknown_in_the_end(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone, other = await telephone(desk), await telephone(desk)
    await queued(open_stores, sms(SmsKind.CODE))
    attempt = taken(await lease_next(desk, phone, NOW), phone)
    assert await claim(desk, attempt, NOW) is not None

    much_later = NOW + timedelta(minutes=3)
    await sweep(open_stores, much_later)

    assert (await row(open_stores, attempt.id)).state == SmsState.UNKNOWN
    assert await lease_next(desk, other, much_later) is None
    assert await claim(desk, attempt, much_later) is None
    # A late word that it was sent is still worth having.
    assert await report(desk, attempt, PhoneReport.SENT, "", much_later) is SmsState.SENT


async def test_the_same_telephone_may_ask_twice_and_begins_in_the_same_time(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone, stranger = await telephone(desk), await telephone(desk)
    await queued(open_stores, sms())
    attempt = taken(await lease_next(desk, phone, NOW), phone)

    first = await claim(desk, attempt, NOW)
    again = await claim(desk, attempt, NOW + timedelta(seconds=10))
    too_late = await claim(desk, attempt, NOW + timedelta(seconds=31))

    assert first is not None
    assert again is not None
    assert again.seconds == first.seconds - 10
    assert too_late is None
    assert await claim(desk, Taken(attempt.id, attempt.attempt, stranger), NOW) is None


async def test_nothing_is_begun_after_its_end(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    message = await queued(open_stores, sms(SmsKind.CODE, expires_at=NOW + timedelta(seconds=40)))
    attempt = taken(await lease_next(desk, phone, NOW), phone)

    begin = await claim(desk, attempt, NOW + timedelta(seconds=9))
    late = await claim(desk, attempt, NOW + timedelta(seconds=10))

    assert begin is not None
    assert begin.seconds == 1
    assert late is None
    await queued(open_stores, sms(SmsKind.CODE, expires_at=NOW + timedelta(seconds=40)))
    after = NOW + timedelta(seconds=10)
    assert await lease_next(desk, phone, after) is None
    await sweep(open_stores, after)
    assert (await row(open_stores, message.id)).state == SmsState.HANDED


async def test_a_newer_code_ends_one_that_a_telephone_has_not_begun(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    key = secrets.token_hex(8)
    await queued(open_stores, sms(SmsKind.CODE, supersede_key=key))
    older = taken(await lease_next(desk, phone, NOW), phone)

    newer = await queued(open_stores, sms(SmsKind.CODE, supersede_key=key))

    assert await claim(desk, older, NOW) is None
    given = await lease_next(desk, phone, NOW)
    assert given is not None
    assert given.id == newer.id


async def test_quotas_count_parts_and_keep_some_for_codes(open_stores: Stores) -> None:
    desk = desk_of(open_stores, most_open=100)
    phone = await telephone(desk, parts_per_half_hour=10)
    long_text = SecretStr("号" * 150)
    for _ in range(4):
        await queued(open_stores, sms(text=long_text))
        await queued(open_stores, sms(SmsKind.CODE, text=long_text))

    given = []
    while message := await lease_next(desk, phone, NOW):
        given.append(message.kind)
        await claim(desk, taken(message, phone), NOW)
        await report(desk, taken(message, phone), PhoneReport.SENT, "", NOW)

    # 3 parts each: three codes are 9 of 10; nothing else may use the last of them.
    assert given == [SmsKind.CODE] * 3
    half_an_hour_later = NOW + timedelta(minutes=31)
    await telephone(desk, half_an_hour_later)
    assert await lease_next(desk, phone, half_an_hour_later) is not None


async def test_at_night_only_codes_are_given_and_the_rest_in_the_morning(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    night, morning = NOW.replace(hour=13), NOW.replace(day=21, hour=0)
    phone = await telephone(desk, night)
    reminder = await queued(open_stores, sms(SmsKind.REMINDER, expires_at=NOW + timedelta(days=1)))
    assert await lease_next(desk, phone, night) is None
    await queued(open_stores, sms(SmsKind.CODE, expires_at=night + timedelta(minutes=5)))

    given = await lease_next(desk, phone, night)

    assert given is not None
    assert given.kind == SmsKind.CODE
    await telephone(desk, morning)
    later = await lease_next(desk, phone, morning)
    assert later is not None
    assert later.id == reminder.id


async def test_a_telephone_that_fails_again_and_again_rests(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    for _ in range(4):
        await queued(open_stores, sms())
    for _ in range(3):
        attempt = taken(await lease_next(desk, phone, NOW), phone)
        await claim(desk, attempt, NOW)
        assert await report(desk, attempt, PhoneReport.FAILED, "NO_SERVICE", NOW) is SmsState.QUEUED

    assert await lease_next(desk, phone, NOW) is None
    rested = NOW + PHONE_RESTS
    await telephone(desk, rested, paused_at=rested)
    async with open_stores.sql.unit_of_work() as session:
        await SmsPhones(session).change(phone, {"last_beat_at": rested})
    assert await lease_next(desk, phone, rested) is not None


@pytest.mark.parametrize(("reason", "state"), [("NO_SERVICE", SmsState.QUEUED), ("BAD_NUMBER", SmsState.FAILED)])
async def test_a_failure_that_may_pass_is_tried_again_later(open_stores: Stores, reason: str, state: SmsState) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    await queued(open_stores, sms())
    attempt = taken(await lease_next(desk, phone, NOW), phone)
    await claim(desk, attempt, NOW)

    assert await report(desk, attempt, PhoneReport.FAILED, reason, NOW) is state
    assert await report(desk, attempt, PhoneReport.FAILED, reason, NOW) in (state, None)

    stored = await row(open_stores, attempt.id)
    assert (stored.state, stored.reason) == (state, reason)
    assert stored.failures == (1 if state is SmsState.QUEUED else 0)
    assert await lease_next(desk, phone, NOW) is None


async def test_unknown_is_the_end_unless_it_turns_out_to_be_sent(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    await queued(open_stores, sms(SmsKind.CODE))
    attempt = taken(await lease_next(desk, phone, NOW), phone)
    await claim(desk, attempt, NOW)

    assert await report(desk, attempt, PhoneReport.UNKNOWN, "KILLED", NOW) is SmsState.UNKNOWN
    assert await lease_next(desk, phone, NOW) is None
    assert await report(desk, attempt, PhoneReport.RETURNED, "", NOW) is SmsState.UNKNOWN
    assert await report(desk, attempt, PhoneReport.DELIVERED, "", NOW) is SmsState.DELIVERED
    assert await report(desk, attempt, PhoneReport.SENT, "", NOW) is SmsState.DELIVERED
    assert (await row(open_stores, attempt.id)).sealed_text is None


async def test_a_telephone_that_connects_again_is_told_what_it_has_not_begun(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone, other = await telephone(desk), await telephone(desk)
    for _ in range(3):
        await queued(open_stores, sms())
    first, second = [taken(await lease_next(desk, phone, NOW), phone) for _ in range(2)]
    theirs = taken(await lease_next(desk, other, NOW), other)
    await claim(desk, second, NOW)

    again = await leased_again(desk, phone, NOW + timedelta(seconds=50))

    assert [message.id for message in again] == [first.id]
    assert theirs.id not in {message.id for message in again}
    await sweep(open_stores, LATER)
    assert (await row(open_stores, first.id)).state == SmsState.LEASED


async def test_what_a_paused_moved_or_revoked_telephone_has_not_begun_goes_to_others(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phones = [await telephone(desk) for _ in range(4)]
    for _ in range(3):
        await queued(open_stores, sms())
    attempts = [taken(await lease_next(desk, phone, NOW), phone) for phone in phones[:3]]

    await change_phone(open_stores, phones[0], PhoneChange(paused=True), STAFF)
    assert await move_queue(open_stores, phones[1], STAFF) == 1
    await revoke(open_stores, phones[2], STAFF)

    assert [await claim(desk, attempt, NOW) for attempt in attempts] == [None] * 3
    assert {(await row(open_stores, attempt.id)).state for attempt in attempts} == {SmsState.QUEUED}
    assert await lease_next(desk, phones[0], NOW) is None
    assert await lease_next(desk, phones[2], NOW) is None
    given = [await lease_next(desk, phones[3], NOW) for _ in range(3)]
    assert {message.id for message in given if message} == {attempt.id for attempt in attempts}
    await change_phone(open_stores, phones[0], PhoneChange(paused=False), Actor("system", "test", NOW))
    await queued(open_stores, sms())
    assert await lease_next(desk, phones[0], NOW) is not None
