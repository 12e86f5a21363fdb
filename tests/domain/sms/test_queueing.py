"""Promised texts wait in PostgreSQL: sealed, once, and only the newest of those that replace each other."""

import secrets
from datetime import timedelta

import pytest
from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind, SmsState
from datasources.sql.sms_received import SmsOptOut
from datasources.stores import Stores
from domain.sms.queueing import CODE_MARGIN, OPTED_OUT, PHONE_FIELD, SUPERSEDED, TEXT_FIELD, queue_sms
from tests.browser import new_phone
from tests.domain.sms.queued import NOW, RING, queued, row, sms


async def test_number_and_text_are_stored_sealed(open_stores: Stores) -> None:
    message = sms(SmsKind.CODE, variables={"code": SecretStr("735201")}, template="code.zh")

    stored = await row(open_stores, (await queued(open_stores, message)).id)

    assert (
        RING.open(TEXT_FIELD, str(stored.id), stored.sealed_text or b"").get_secret_value().decode()
        == message.text.get_secret_value()
    )
    assert RING.open(PHONE_FIELD, str(stored.id), stored.sealed_phone).get_secret_value().startswith(b"+86")
    everything = repr(stored.model_dump())
    assert "735201" not in everything
    assert message.phone.get_secret_value() not in everything
    assert message.text.get_secret_value() not in everything


async def test_the_same_key_makes_one_message(open_stores: Stores) -> None:
    key = secrets.token_hex(8)

    first = await queued(open_stores, sms(dedupe_key=key))
    second = await queued(open_stores, sms(dedupe_key=key))

    assert (first.is_new, second.is_new) == (True, False)
    assert second.id == first.id


async def test_nothing_is_queued_by_a_transaction_that_fails(open_stores: Stores) -> None:
    key = secrets.token_hex(8)

    async def fail() -> None:
        async with open_stores.sql.unit_of_work() as session:
            await queue_sms(session, RING, sms(dedupe_key=key), NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert (await queued(open_stores, sms(dedupe_key=key))).is_new


async def test_a_newer_code_takes_the_place_of_the_older_whose_text_goes(open_stores: Stores) -> None:
    key = secrets.token_hex(8)
    older = await queued(open_stores, sms(SmsKind.CODE, supersede_key=key))

    newer = await queued(open_stores, sms(SmsKind.CODE, supersede_key=key), now=NOW + timedelta(minutes=1))

    given_up = await row(open_stores, older.id)
    assert (given_up.state, given_up.reason, given_up.sealed_text) == (SmsState.CANCELLED, SUPERSEDED, None)
    assert (await row(open_stores, newer.id)).state == SmsState.QUEUED


async def test_a_code_is_not_begun_in_the_last_seconds_of_its_life(open_stores: Stores) -> None:
    message = sms(SmsKind.CODE)

    stored = await row(open_stores, (await queued(open_stores, message)).id)

    assert stored.expires_at == message.expires_at - CODE_MARGIN


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (SmsKind.ANNOUNCEMENT, SmsState.CANCELLED),
        (SmsKind.CODE, SmsState.QUEUED),
        (SmsKind.NOTICE, SmsState.QUEUED),
    ],
)
async def test_who_opted_out_is_sent_what_they_cannot_opt_out_of(
    open_stores: Stores, kind: SmsKind, state: SmsState
) -> None:
    phone = new_phone()
    async with open_stores.sql.unit_of_work() as session:
        session.add(SmsOptOut(phone_index=RING.blind_index("phone", phone), kind=kind, since=NOW))

    answer = await queued(open_stores, sms(kind, phone=SecretStr(phone)))

    stored = await row(open_stores, answer.id)
    assert (answer.state, stored.state) == (state, state)
    assert stored.reason == (OPTED_OUT if state is SmsState.CANCELLED else "")
