"""What people answer is kept once, and words that opt out are obeyed and answered once."""

import secrets
from datetime import timedelta

import pytest
from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind, SmsState
from datasources.sql.sms_received import ReceivedMeaning
from datasources.stores import Stores
from domain.sms.answers import meaning_of
from domain.sms.opened import opened
from domain.sms.phones.leasing import lease_next
from domain.sms.phones.reports import Received, receive
from tests.browser import new_phone
from tests.domain.sms.queued import NOW, RING, queued, sms
from tests.domain.sms.telephones import desk_of, telephone


@pytest.mark.parametrize("text", ["TD", "td", " 退订。", "Ｔ", "n", "Stop", "【qx】"])
def test_words_that_opt_out(text: str) -> None:
    assert meaning_of(text) is ReceivedMeaning.OPT_OUT


@pytest.mark.parametrize("text", ["", "不能退订吗？", "TD了吗", "STOP it", "好的"])
def test_talk_is_no_command(text: str) -> None:
    assert meaning_of(text) is ReceivedMeaning.OTHER


def received(sender: str, text: str, **changes: object) -> Received:
    """A message as a telephone reports it."""
    fields = {"sim_slot": 0, "sent_at": NOW, "received_at": NOW, "key": "", **changes}
    return Received(SecretStr(sender), SecretStr(text), **fields)  # type: ignore[arg-type]


async def test_who_opts_out_is_answered_once_and_reminded_no_more(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)
    sender = new_phone()

    assert await receive(desk, phone, received(sender, "TD"), NOW)
    assert not await receive(desk, phone, received(sender, "TD"), NOW)
    assert await receive(desk, phone, received(sender, "TD", sent_at=NOW + timedelta(minutes=1)), NOW)

    answer = await lease_next(desk, phone, NOW)
    assert answer is not None
    said = opened(RING, answer)
    assert (said.phone.get_secret_value(), "已退订" in said.text.get_secret_value()) == (sender, True)
    assert await lease_next(desk, phone, NOW) is None
    reminder = await queued(open_stores, sms(SmsKind.REMINDER, phone=SecretStr(sender)))
    assert reminder.state is SmsState.CANCELLED

    await receive(desk, phone, received(sender, "DY"), NOW)
    reminder = await queued(open_stores, sms(SmsKind.REMINDER, phone=SecretStr(sender)))
    assert reminder.state is SmsState.QUEUED


async def test_a_machine_that_writes_is_kept_and_never_answered(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    phone = await telephone(desk)

    assert await receive(desk, phone, received("10086", "TD", sent_at=None, key=secrets.token_hex(8)), NOW)

    assert await lease_next(desk, phone, NOW) is None
