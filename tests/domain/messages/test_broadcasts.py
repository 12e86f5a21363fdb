"""A broadcast reaches each of its audience once, however its worker ends."""

import asyncio
import secrets
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from datasources.sql.broadcast import Audience, Broadcast, Broadcasts, BroadcastState
from datasources.sql.broadcast_audience import BroadcastAudience
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.message_choice import MessageChoices
from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.messages.broadcasts import walking
from domain.messages.broadcasts.walking import walk_due
from domain.messages.kinds import MessageKind
from domain.messages.relay import relay_due
from server.embedded.data_lock import Endpoints
from tests.domain.messages.people import LONG_AGO, desk_of, new_user, notifications_of, outbox_of

LONG_BEFORE = LONG_AGO - timedelta(days=365 * 10)


def long_ago() -> datetime:
    """The tests' own era."""
    return LONG_AGO


async def new_broadcast(stores: Stores, **columns: object) -> UUID:
    """A broadcast to everybody whose account is older than the tests' own era, unless told otherwise."""
    row = {
        "id": uuid4(),
        "audience": Audience.EVERYONE,
        "title_zh": "题",
        "body_zh": "文",
        "title_en": "",
        "body_en": "",
        "by_sms": False,
        "not_before": LONG_AGO,
        "created_at": LONG_AGO,
    } | columns
    async with stores.sql.unit_of_work() as session:
        await Broadcasts(session).add(Broadcast(**row))  # type: ignore[arg-type]
    return row["id"]  # type: ignore[return-value]


async def old_users(stores: Stores, count: int, born: datetime) -> list[UUID]:
    """Accounts that were made then."""
    users = [uuid4() for _ in range(count)]
    async with stores.sql.unit_of_work() as session:
        session.add_all([UserAccount(id=user, created_at=born) for user in users])
    return users


async def standing(stores: Stores, id: UUID) -> Broadcast:
    """The broadcast as it now is."""
    async with stores.sql.read() as session:
        broadcast = await Broadcasts(session).get(id, None)
    assert broadcast is not None
    return broadcast


async def written_of(stores: Stores, id: UUID) -> list[OutgoingMessage]:
    """What stands in the outbox of it."""
    async with stores.sql.read() as session:
        return list((await session.exec(select(OutgoingMessage).where(OutgoingMessage.broadcast_id == id))).all())


async def test_everybody_is_told_once_and_the_counts_say_so(stores: Stores) -> None:
    born = LONG_BEFORE + timedelta(seconds=secrets.randbelow(10**7))
    users = await old_users(stores, 23, born)
    late = await old_users(stores, 1, LONG_AGO + timedelta(seconds=1))
    id = await new_broadcast(stores)

    await walk_due(stores.sql, long_ago, batch=5, only=id)
    halfway = await standing(stores, id)
    await relay_due(desk_of(stores), LONG_AGO)
    await walk_due(stores.sql, long_ago, only=id)

    done = await standing(stores, id)
    assert (halfway.state, done.state, done.ended_at) == ("RUNNING", "DONE", LONG_AGO)
    assert done.planned == done.written == done.told
    assert (done.dropped, done.failed, done.texted) == (0, 0, 0)
    told = Counter(message.user_id for message in await written_of(stores, id))
    assert set(told.values()) == {1}
    assert set(users) <= told.keys()
    assert late[0] not in told, "who joined later is not part of it"
    (notification,) = await notifications_of(stores, users[0])
    assert notification.texts == {"zh-CN": {"title": "题", "body": "文"}, "en": {"title": "题", "body": "文"}}
    assert (notification.subject_kind, notification.subject_id) == ("broadcast", str(id))


async def test_little_waits_in_the_outbox_at_a_time(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    await old_users(stores, 30, LONG_BEFORE)
    monkeypatch.setattr(walking, "MOST_WAITING", 10)
    id = await new_broadcast(stores)

    await walk_due(stores.sql, long_ago, batch=6, only=id)

    assert (await standing(stores, id)).written == 12, "two batches reach the limit"
    await walk_due(stores.sql, long_ago, batch=6, only=id)
    assert (await standing(stores, id)).written == 12, "nothing was told meanwhile"
    async with stores.sql.unit_of_work() as session:
        broadcast = await Broadcasts(session).get(id, None)
        assert broadcast is not None
        await BroadcastAudience(session, broadcast).drop_waiting(LONG_AGO)
        broadcast.state = BroadcastState.CANCELLED
    assert await walk_due(stores.sql, long_ago, only=id) == 0
    assert {each.reason for each in await written_of(stores, id)} == {"CANCELLED"}


async def test_a_worker_that_is_killed_on_the_way_is_followed_by_one_that_misses_and_repeats_nobody(
    stores: Stores, endpoints: Endpoints
) -> None:
    users = await old_users(stores, 120, LONG_BEFORE)
    id = await new_broadcast(stores)
    for kills in (3, 5):
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.domain.messages.killed_broadcast",
            endpoints.database_url,
            str(id),
            stdout=asyncio.subprocess.PIPE,
        )
        assert worker.stdout is not None
        for _ in range(kills):
            assert await worker.stdout.readline()
        worker.kill()
        await worker.wait()
    await asyncio.gather(*(walk_due(stores.sql, long_ago, batch=10, only=id) for _ in range(3)))
    async with asyncio.timeout(60):
        while not (await standing(stores, id)).all_written:
            await walk_due(stores.sql, long_ago, batch=10, only=id)

    messages = await written_of(stores, id)
    told = Counter(message.user_id for message in messages)
    assert set(told.values()) == {1}
    assert set(users) <= told.keys()
    assert (await standing(stores, id)).written == len(messages)
    async with stores.sql.unit_of_work() as session:
        broadcast = await Broadcasts(session).get(id, None)
        assert broadcast is not None
        await BroadcastAudience(session, broadcast).drop_waiting(datetime.now(UTC))
        broadcast.state = BroadcastState.CANCELLED


async def test_text_messages_go_where_broadcast_kind_and_person_want_them(stores: Stores) -> None:
    code = f"b{secrets.token_hex(6)}"
    async with stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
    chose, silent = await new_user(stores), await new_user(stores)
    async with stores.sql.unit_of_work() as session:
        await MessageChoices(session).choose(chose, MessageKind.NOTICE, sms=True)
    fates = {}
    for user, by_sms in ((chose, True), (silent, True), (chose, False)):
        id = await new_broadcast(stores, audience=Audience.USER, user_id=user, by_sms=by_sms)
        await walk_due(stores.sql, long_ago, only=id)
        await relay_due(desk_of(stores), LONG_AGO)
        await walk_due(stores.sql, long_ago, only=id)
        (message,) = [each for each in await outbox_of(stores, user) if each.broadcast_id == id]
        fates[user == chose, by_sms] = (message.fates["SMS"], (await standing(stores, id)).texted)
    assert fates == {(True, True): ("QUEUED", 1), (False, True): ("NOT_WANTED", 0), (True, False): ("IN_APP_ONLY", 0)}
