"""Providers that are called: by kind and health, falling over, and never twice where it may have been sent."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sms.provider import Fate, Handed, OutgoingSms
from datasources.sql.sms_message import SmsKind, SmsState
from datasources.stores import Stores
from domain.sms.dispatch import send_due
from domain.sms.phones.leasing import claim, lease_next
from domain.sms.phones.reports import PhoneReport, report
from domain.sms.policy import PROVIDER_RESTS, UNPAID_RESTS
from tests.domain.sms.queued import NOW, queued, row, sms
from tests.domain.sms.telephones import Provider, desk_of, taken, telephone


async def test_codes_prefer_aliyun_and_the_rest_the_telephone(open_stores: Stores) -> None:
    aliyun = Provider()
    desk = desk_of(open_stores, aliyun)
    phone = await telephone(desk)
    notice = await queued(open_stores, sms(template="t"))
    code = await queued(open_stores, sms(SmsKind.CODE, template="t", variables={"code": SecretStr("123456")}))

    await send_due(desk, lambda: NOW)
    given = await lease_next(desk, phone, NOW)

    assert [message.id for message in aliyun.given] == [str(code.id)]
    assert aliyun.given[0].template == "SMS_1"
    assert aliyun.given[0].variables["code"].get_secret_value() == "123456"
    assert given is not None
    assert given.id == notice.id


async def test_without_a_telephone_all_goes_to_aliyun_but_what_it_has_no_template_for(open_stores: Stores) -> None:
    aliyun = Provider()
    desk = desk_of(open_stores, aliyun)
    notice = await queued(open_stores, sms(template="t"))
    other = await queued(open_stores, sms(SmsKind.CODE, template="unknown"))

    await send_due(desk, lambda: NOW)

    assert [message.id for message in aliyun.given] == [str(notice.id)]
    phone = await telephone(desk)
    given = await lease_next(desk, phone, NOW)
    assert given is not None
    assert given.id == other.id


@pytest.mark.parametrize(
    ("answer", "state", "given_to_a_telephone"),
    [
        (Handed(Fate.ACCEPTED, "", None), SmsState.SENT, False),
        (Handed(Fate.NOT_SENT, "ConnectError"), SmsState.LEASED, True),
        (Handed(Fate.LATER, "isv.BUSINESS_LIMIT_CONTROL"), SmsState.LEASED, True),
        (Handed(Fate.UNABLE, "isv.OUT_OF_SERVICE"), SmsState.LEASED, True),
        (Handed(Fate.REFUSED, "isv.MOBILE_NUMBER_ILLEGAL"), SmsState.FAILED, False),
        (Handed(Fate.UNKNOWN, "ReadTimeout"), SmsState.UNKNOWN, False),
    ],
)
async def test_a_code_falls_over_only_if_it_was_surely_not_sent(
    open_stores: Stores, answer: Handed, state: SmsState, *, given_to_a_telephone: bool
) -> None:
    aliyun = Provider(answer)
    desk = desk_of(open_stores, aliyun)
    phone = await telephone(desk)
    code = await queued(open_stores, sms(SmsKind.CODE, template="t"))

    await send_due(desk, lambda: NOW)
    given = await lease_next(desk, phone, NOW)

    assert (given is not None) is given_to_a_telephone
    stored = await row(open_stores, code.id)
    assert stored.state == state
    assert (stored.sealed_text is None) is (not given_to_a_telephone)
    assert len(aliyun.given) == 1


async def test_a_provider_rests_after_three_failures_and_an_unpaid_one_at_once(open_stores: Stores) -> None:
    aliyun = Provider(*[Handed(Fate.NOT_SENT, "ConnectError")] * 3)
    desk = desk_of(open_stores, aliyun)
    for _ in range(5):
        await queued(open_stores, sms(template="t"))

    await send_due(desk, lambda: NOW)
    assert len(aliyun.given) == 3
    rested = NOW + PROVIDER_RESTS
    await send_due(desk, lambda: rested)
    assert len(aliyun.given) == 8

    unpaid = Provider(Handed(Fate.UNABLE, "isv.OUT_OF_SERVICE"))
    desk = desk_of(open_stores, unpaid)
    for _ in range(2):
        await queued(open_stores, sms(template="t"))
    await send_due(desk, lambda: rested)
    assert len(unpaid.given) == 1
    await send_due(desk, lambda: rested + UNPAID_RESTS)
    assert len(unpaid.given) == 3


async def test_a_telephone_that_failed_hands_over_to_aliyun_at_once(open_stores: Stores) -> None:
    aliyun = Provider()
    desk = desk_of(open_stores, aliyun)
    phone = await telephone(desk)
    notice = await queued(open_stores, sms(template="t"))
    attempt = taken(await lease_next(desk, phone, NOW), phone)
    await claim(desk, attempt, NOW)
    await report(desk, attempt, PhoneReport.FAILED, "RADIO_OFF", NOW)

    await send_due(desk, lambda: NOW)

    assert [message.id for message in aliyun.given] == [str(notice.id)]
    assert (await row(open_stores, notice.id)).state == SmsState.SENT


async def test_after_four_failures_it_has_failed(open_stores: Stores) -> None:
    aliyun = Provider(*[Handed(Fate.LATER, "isv.BUSINESS_LIMIT_CONTROL")] * 9)
    desk = desk_of(open_stores, aliyun)
    notice = await queued(open_stores, sms(template="t"))

    for minutes in (0, 1, 6, 21, 60):
        await send_due(desk, lambda minutes=minutes: NOW + timedelta(minutes=minutes))  # type: ignore[misc]

    assert len(aliyun.given) == 4
    assert (await row(open_stores, notice.id)).state == SmsState.FAILED


async def test_what_another_key_sealed_holds_nobody_up(open_stores: Stores) -> None:
    aliyun = Provider()
    desk = desk_of(open_stores, aliyun)
    unreadable = await queued(open_stores, sms(template="t"), ring=KeyRing.of(bytes(32)))
    notice = await queued(open_stores, sms(template="t"))

    await send_due(desk, lambda: NOW)

    assert [message.id for message in aliyun.given] == [str(notice.id)]
    assert (await row(open_stores, unreadable.id)).reason == "UNREADABLE"


class CountingProvider(Provider):
    """Notes how many calls are under way at once."""

    def __init__(self, *answers: Handed) -> None:
        super().__init__(*answers)
        self.under_way = 0
        self.seen: list[int] = []

    async def send(self, message: OutgoingSms) -> Handed:
        """Answer when every call that was begun together has begun."""
        self.under_way += 1
        await asyncio.sleep(0.1)
        self.seen.append(self.under_way)
        await asyncio.sleep(0.1)
        self.under_way -= 1
        return await super().send(message)


async def test_successes_open_the_way_and_a_failure_narrows_it(open_stores: Stores) -> None:
    accepted, down = Handed(Fate.ACCEPTED), Handed(Fate.NOT_SENT, "ConnectError")
    aliyun = CountingProvider(*[accepted] * 6, down, *[accepted] * 20)
    desk = desk_of(open_stores, aliyun)
    ids = {str((await queued(open_stores, sms(template="t"))).id) for _ in range(12)}

    assert await send_due(desk, lambda: NOW) == 12

    assert {message.id for message in aliyun.given} == ids
    assert len(aliyun.given) == 12, "none twice"
    assert aliyun.seen[0] == 1
    assert max(aliyun.seen) == 4
    assert aliyun.seen[7] == 1, "the failure was among the third round's four"
