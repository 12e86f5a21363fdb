"""What waits in the outbox is told once, whichever worker dies over it."""

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.message_choice import MessageChoices
from datasources.sql.outgoing_message import OutgoingMessage, OutgoingState
from datasources.sql.sms_message import SmsKind
from datasources.sql.user_account import UserAccount, UserStatus
from datasources.stores import Stores
from domain.messages.kinds import MessageKind
from domain.messages.relay import MOST_ATTEMPTS, relay_due
from domain.messages.telling import Message, ToHospital, ToStaff
from domain.sms.queueing import TEXT_FIELD
from server.embedded.data_lock import Endpoints
from tests.booked import RING
from tests.domain.messages.people import (
    LONG_AGO,
    desk_of,
    new_staff,
    new_user,
    notifications_of,
    outbox_of,
    reminder,
    tell_long_ago,
    texts_of,
)


async def told(stores: Stores, *messages: Message) -> None:
    """Put these into the outbox and have the relay run once."""
    await tell_long_ago(stores, *messages)
    await relay_due(desk_of(stores), LONG_AGO)


async def sms_text(stores: Stores, user: UUID) -> str:
    """The text of the one SMS of the one message to this account."""
    (message,) = await outbox_of(stores, user)
    (sms,) = await texts_of(stores, message)
    assert sms.sealed_text is not None
    return RING.open(TEXT_FIELD, str(sms.id), sms.sealed_text).get_secret_value().decode()


async def test_a_message_is_told_in_the_app_and_by_sms(stores: Stores) -> None:
    user = await new_user(stores)

    await told(stores, reminder(user))

    (message,) = await outbox_of(stores, user)
    assert (message.state, message.attempts, message.fates) == ("TOLD", 1, {"IN_APP": "TOLD", "SMS": "QUEUED"})
    (notification,) = await notifications_of(stores, user)
    assert notification.texts["zh-CN"] == {
        "title": "明日就诊提醒",
        "body": "长春测试医院|心内科|主任医师，11月25日周三上午，7号，就诊人张*。请按时到门诊楼3层取号。",
    }
    assert notification.texts["en"]["title"] == "Your visit tomorrow"
    (sms,) = await texts_of(stores, message)
    assert (sms.kind, sms.template) == (SmsKind.REMINDER, "REMINDER_DAY_BEFORE")
    assert await sms_text(stores, user) == (
        "【HTBooking】就诊提醒：明天长春测试医院心内科11月25日周三上午7号，张*，请按时取号。"
    )


async def test_relaying_again_tells_nobody_twice(stores: Stores) -> None:
    user = await new_user(stores)

    await told(stores, reminder(user))
    await asyncio.gather(*(relay_due(desk_of(stores), LONG_AGO) for _ in range(3)))

    assert len(await notifications_of(stores, user)) == 1


async def test_relays_at_once_share_the_messages(stores: Stores) -> None:
    users = [await new_user(stores) for _ in range(5)]
    await tell_long_ago(stores, *(reminder(user) for user in users for _ in range(20)))

    await asyncio.gather(*(relay_due(desk_of(stores), LONG_AGO) for _ in range(3)))

    assert [len(await notifications_of(stores, user)) for user in users] == [20] * 5
    assert {message.attempts for user in users for message in await outbox_of(stores, user)} == {1}


async def test_an_sms_is_in_the_language_that_its_reader_chose(stores: Stores) -> None:
    user = await new_user(stores)
    async with stores.sql.unit_of_work() as session:
        await MessageChoices(session).choose_language(user, "en")

    await told(stores, reminder(user))

    assert await sms_text(stores, user) == (
        "[HTBooking] Tomorrow: 长春测试医院 心内科 on Wed 25 Nov (morning), number 7, 张*. Please check in on time."
    )


async def test_who_declined_text_messages_is_told_in_the_app_alone(stores: Stores) -> None:
    user = await new_user(stores)
    async with stores.sql.unit_of_work() as session:
        for kind in (MessageKind.REMINDER_DAY_BEFORE, MessageKind.SESSION_WITHDRAWN):
            await MessageChoices(session).choose(user, kind, sms=False)

    await told(stores, reminder(user), reminder(user, kind=MessageKind.SESSION_WITHDRAWN))

    fates = {message.kind: message.fates["SMS"] for message in await outbox_of(stores, user)}
    assert fates == {"REMINDER_DAY_BEFORE": "NOT_WANTED", "SESSION_WITHDRAWN": "QUEUED"}
    assert len(await notifications_of(stores, user)) == 2


async def test_who_has_no_phone_is_told_in_the_app_alone(stores: Stores) -> None:
    user = await new_user(stores, phone=False)

    await told(stores, reminder(user))

    (message,) = await outbox_of(stores, user)
    assert (message.state, message.fates["SMS"]) == ("TOLD", "NO_PHONE")


async def test_an_erased_account_is_told_nothing(stores: Stores) -> None:
    user = await new_user(stores)
    async with stores.sql.unit_of_work() as session:
        change = update(UserAccount).where(col(UserAccount.id) == user).values(status=UserStatus.DELETED)
        await session.exec(change)

    await told(stores, reminder(user))

    (message,) = await outbox_of(stores, user)
    assert (message.state, message.reason) == (OutgoingState.DROPPED, "NOBODY")


async def test_what_comes_too_late_is_not_told(stores: Stores) -> None:
    user = await new_user(stores)

    await told(stores, reminder(user, useless_after=LONG_AGO))

    (message,) = await outbox_of(stores, user)
    assert (message.state, message.reason) == (OutgoingState.DROPPED, "TOO_LATE")
    assert await notifications_of(stores, user) == []


async def test_what_is_for_later_waits(stores: Stores) -> None:
    user = await new_user(stores)

    await told(stores, reminder(user, not_before=LONG_AGO + timedelta(seconds=1)))
    assert await notifications_of(stores, user) == []
    await relay_due(desk_of(stores), LONG_AGO + timedelta(seconds=1))

    assert len(await notifications_of(stores, user)) == 1


async def test_all_active_staff_of_a_hospital_are_told_in_the_console(stores: Stores) -> None:
    code = f"m{UUID(int=0).hex[:4]}{(await new_user(stores)).hex[:8]}"
    async with stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
    here = [await new_staff(stores, code) for _ in range(2)]
    locked, elsewhere = await new_staff(stores, code, locked=True), await new_staff(stores)

    await told(stores, reminder(ToHospital(code)), reminder(ToStaff(elsewhere)), reminder(ToStaff(locked)))

    assert [len(await notifications_of(stores, each)) for each in (*here, elsewhere, locked)] == [1, 1, 1, 0]


async def test_one_that_cannot_be_told_keeps_no_other_waiting_and_is_given_up_in_the_end(stores: Stores) -> None:
    broken, user = await new_user(stores), await new_user(stores)
    await tell_long_ago(stores, reminder(broken), reminder(user))
    async with stores.sql.unit_of_work() as session:
        spoilt = update(OutgoingMessage).where(col(OutgoingMessage.user_id) == broken).values(variables={})
        await session.exec(spoilt)

    await relay_due(desk_of(stores), LONG_AGO)
    (message,) = await outbox_of(stores, broken)
    assert (message.state, message.attempts, message.reason) == (OutgoingState.WAITING, 1, "KeyError")
    assert message.next_at == LONG_AGO + timedelta(seconds=30)
    assert len(await notifications_of(stores, user)) == 1
    for later in range(1, MOST_ATTEMPTS):
        await relay_due(desk_of(stores), LONG_AGO + timedelta(hours=later))

    (message,) = await outbox_of(stores, broken)
    assert (message.state, message.attempts) == (OutgoingState.FAILED, MOST_ATTEMPTS)


_TAKE_AND_HANG = """
import asyncio, sys
from datetime import datetime
from datasources.sql.database import Database
from datasources.sql.outgoing_message import OutgoingMessages
async def hang():
    database = Database(sys.argv[1], pool_size=1)
    async with database.unit_of_work() as session:
        messages = await OutgoingMessages(session).take_due(datetime.fromisoformat(sys.argv[2]), 10)
        print(len(messages), flush=True)
        await asyncio.sleep(600)
asyncio.run(hang())
"""


async def test_a_killed_workers_messages_are_taken_up_by_another(stores: Stores, endpoints: Endpoints) -> None:
    user = await new_user(stores)
    await tell_long_ago(stores, reminder(user))
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _TAKE_AND_HANG,
        endpoints.database_url,
        LONG_AGO.isoformat(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdout is not None
    assert (await worker.stdout.readline()).strip() != b"0"
    await relay_due(desk_of(stores), LONG_AGO)
    assert await notifications_of(stores, user) == [], "it is held by the other worker"

    worker.kill()
    await worker.wait()
    async with asyncio.timeout(10):
        # The server may need a moment to notice that its client is gone.
        while not await relay_due(desk_of(stores), LONG_AGO):  # noqa: ASYNC110 - it is rows that are waited for
            await asyncio.sleep(0.05)

    assert len(await notifications_of(stores, user)) == 1
