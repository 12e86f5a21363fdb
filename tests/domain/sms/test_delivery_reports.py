"""What Aliyun tells later: it ends what was sent, once, and nothing else."""

from uuid import UUID, uuid4

import pytest

from datasources.sms.provider import Fate, Handed
from datasources.sql.sms_message import SmsState
from datasources.stores import Stores
from domain.sms.delivery_reports import DeliveryReport, take_delivery_report
from domain.sms.dispatch import send_due
from tests.domain.sms.queued import NOW, queued, row, sms
from tests.domain.sms.telephones import Provider, desk_of


async def sent(stores: Stores, handed: Handed) -> tuple[UUID, str]:
    """A message that Aliyun answered like this; its id, and the number that Aliyun has for it."""
    number = uuid4().hex
    message = await queued(stores, sms(template="t"))
    answer = Handed(handed.fate, handed.reason, number if handed.fate is Fate.ACCEPTED else None)
    await send_due(desk_of(stores, Provider(answer)), lambda: NOW)
    return message.id, number


@pytest.mark.parametrize(
    ("handed", "delivered", "state", "reason"),
    [
        (Handed(Fate.ACCEPTED), True, SmsState.DELIVERED, ""),
        (Handed(Fate.ACCEPTED), False, SmsState.FAILED, "MK:0001"),
        (Handed(Fate.UNKNOWN, "ReadTimeout"), True, SmsState.DELIVERED, ""),
        (Handed(Fate.UNKNOWN, "ReadTimeout"), False, SmsState.FAILED, "MK:0001"),
    ],
)
async def test_a_report_says_how_it_ended_once(
    open_stores: Stores, handed: Handed, state: SmsState, reason: str, *, delivered: bool
) -> None:
    id, number = await sent(open_stores, handed)
    report = DeliveryReport(id, number, delivered, reason)

    assert await take_delivery_report(open_stores.sql, report, NOW)
    assert not await take_delivery_report(open_stores.sql, report, NOW)
    contrary = DeliveryReport(id, number, not delivered, "x")
    assert not await take_delivery_report(open_stores.sql, contrary, NOW)

    stored = await row(open_stores, id)
    assert (stored.state, stored.reason, stored.provider_number) == (state, reason, number)


async def test_a_report_with_anothers_number_or_of_what_waits_changes_nothing(open_stores: Stores) -> None:
    id, _ = await sent(open_stores, Handed(Fate.ACCEPTED))
    waiting = await queued(open_stores, sms(template="t"))

    for message in (id, waiting.id, uuid4()):
        assert not await take_delivery_report(open_stores.sql, DeliveryReport(message, "forged", True), NOW)

    assert (await row(open_stores, id)).state == SmsState.SENT
    assert (await row(open_stores, waiting.id)).state == SmsState.QUEUED
