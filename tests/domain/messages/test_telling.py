"""Telling somebody something is part of the transaction that makes it true, and happens once."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from datasources.sql.outgoing_message import OutgoingMessage, OutgoingState
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.telling import Message, Subject, ToUser, tell, tell_many
from tests.booked import at

NOW = at("12:00")


async def new_user(stores: Stores) -> UUID:
    """An account."""
    user = uuid4()
    async with stores.sql.unit_of_work() as session:
        session.add(UserAccount(id=user))
    return user


def message(user: UUID, key: str) -> Message:
    """Something that anybody may be told."""
    return Message(MessageKind.BAN_LIFTED, ToUser(user), {}, key, Subject("user", str(user)))


async def told_to(stores: Stores, user: UUID) -> list[OutgoingMessage]:
    """What the outbox holds for this account."""
    async with stores.sql.read() as session:
        found = await session.exec(select(OutgoingMessage).where(col(OutgoingMessage.user_id) == user))
        return list(found)


def test_every_kind_says_what_it_is_told_with() -> None:
    assert set(VARIABLES) == set(MessageKind)


async def test_a_message_waits_once_its_transaction_has_committed(stores: Stores) -> None:
    user = await new_user(stores)

    async with stores.sql.unit_of_work() as session:
        assert await tell(session, message(user, f"one:{user}"), NOW)

    (row,) = await told_to(stores, user)
    assert (row.kind, row.state, row.next_at, row.subject_kind) == (
        "BAN_LIFTED",
        OutgoingState.WAITING,
        NOW,
        "user",
    )
    assert row.variables == {}


async def test_nobody_is_told_of_what_was_undone(stores: Stores) -> None:
    user = await new_user(stores)

    async def undone() -> None:
        async with stores.sql.unit_of_work() as session:
            await tell(session, message(user, f"one:{user}"), NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()

    assert await told_to(stores, user) == []


async def test_the_same_occasion_is_told_once_by_many_at_once(stores: Stores) -> None:
    user = await new_user(stores)

    async def try_it() -> bool:
        async with stores.sql.unit_of_work() as session:
            return await tell(session, message(user, f"one:{user}"), NOW)

    assert sorted(await asyncio.gather(*(try_it() for _ in range(5)))) == [False] * 4 + [True]
    assert len(await told_to(stores, user)) == 1


async def test_many_are_told_in_one_statement_and_known_ones_left_out(stores: Stores) -> None:
    user = await new_user(stores)

    async with stores.sql.unit_of_work() as session:
        await tell(session, message(user, f"1:{user}"), NOW)
        new = await tell_many(session, [message(user, f"{index}:{user}") for index in range(3)], NOW)

    assert new == 2
    assert len(await told_to(stores, user)) == 3


async def test_a_message_without_its_variables_is_a_fault_of_the_code(stores: Stores) -> None:
    user = await new_user(stores)
    wrong = Message(MessageKind.BAN_LIFTED, ToUser(user), {"patient": "张*"}, f"one:{user}")

    with pytest.raises(ValueError, match="told with"):
        async with stores.sql.unit_of_work() as session:
            await tell(session, wrong, NOW)
