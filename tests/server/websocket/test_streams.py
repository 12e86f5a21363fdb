"""Subscriptions that many follow, over a small graph: slow readers, faults, and who shares with whom."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import strawberry

from domain.callers import VISITOR, Caller, SignedInUser
from domain.language import Language
from schema.permissions import IsUser
from schema.sharing import SHARING, Sharing
from server.http.documents import Documents
from server.http.execution import core_schema
from server.http.parameters import Parameters
from server.websocket.outbox import Outbox, State
from server.websocket.sharing import SharedSubscriptions, StreamKey
from tests.server.http.front_door import LIMITS, SECRET
from tests.server.websocket.client import PATIENCE_SECONDS, client
from tests.server.websocket.door import MANNERS, door

MANY, KILOBYTES = 300, 200
"""60 MB altogether: more than the kernel and the client's library take in for a reader that doesn't read."""

PLAIN: dict[str, Any] = {"max_size": None, "compression": None, "close_timeout": 0.1}
"""Compressed, a state of one letter repeated would take no room."""


async def test_a_slow_reader_is_spared_the_states_between_and_gets_the_latest() -> None:
    async with door() as here, client(here.origin, **PLAIN) as slow, client(here.origin, **PLAIN) as fast:
        await slow.initialise()
        await fast.initialise()
        query = f"subscription {{ states(to: {MANY}, kilobytes: {KILOBYTES}) }}"
        await slow.subscribe(query)
        await fast.subscribe(query)
        last = "x" * 1_000 * KILOBYTES + str(MANY)
        while (await fast.receive())["payload"]["data"]["states"] != last:
            pass
        assert here.world.generators == 1

        seen = 1
        while (await slow.receive())["payload"]["data"]["states"] != last:
            seen += 1
        assert seen < MANY


async def test_who_reads_nothing_for_too_long_is_closed() -> None:
    manners = replace(MANNERS, stuck_seconds=0.1)
    async with door(manners=manners) as here, client(here.origin, **PLAIN) as stuck:
        await stuck.initialise()
        stuck.wire.transport.pause_reading()
        await stuck.subscribe("subscription { states(to: 3, kilobytes: 20000) }")
        # The stream goes with its only follower.
        await asyncio.wait_for(here.world.ended.wait(), PATIENCE_SECONDS)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(here.sockets):  # noqa: ASYNC110 - nobody tells when the last has ended
                await asyncio.sleep(0.02)


async def test_what_breaks_ends_it_for_each_follower_and_its_text_stays_inside() -> None:
    async with door() as here, client(here.origin) as one, client(here.origin) as other:
        await one.initialise(acceptLanguage="en")
        await other.initialise(acceptLanguage="en")
        for follower in (one, other):
            await follower.subscribe("subscription { breaking }")
            messages = [await follower.receive() for _ in range(2)]
            assert [message["type"] for message in messages] == ["next", "error"]
            assert messages[1]["payload"][0]["extensions"]["code"] == "INTERNAL"
            assert SECRET not in str(messages)


async def test_a_state_that_waits_is_replaced_and_messages_are_not() -> None:
    sent: list[str] = []
    gate = asyncio.Event()

    async def send(message: object) -> None:
        await gate.wait()
        assert isinstance(message, dict)
        sent.append(message["text"])

    faults: list[Exception] = []
    outbox = Outbox(send, faults.append)
    state = State("<")
    outbox.put("first")
    for number in range(1_000):
        outbox.put_state(state, str(number))
    outbox.put("last")
    assert outbox.stuck_seconds() > 0
    gate.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(sent) < 3:  # noqa: ASYNC110 - the outbox tells nobody
            await asyncio.sleep(0)
    assert sent == ["first", "<999}", "last"]
    outbox.put_state(state, "again")
    assert sent[3:] == ["<again}"]
    assert faults == []


async def test_what_sending_raises_is_told_whether_it_waited_or_not() -> None:
    faults: list[Exception] = []

    async def at_once(_message: object) -> None:
        raise OSError("at once")

    async def later(_message: object) -> None:
        await asyncio.sleep(0)
        raise OSError("later")

    Outbox(at_once, faults.append).put("x")
    outbox = Outbox(later, faults.append)
    outbox.put("x")
    while len(faults) < 2:  # noqa: ASYNC110 - the outbox tells once
        await asyncio.sleep(0)
    assert [str(fault) for fault in faults] == ["at once", "later"]


@strawberry.type
class Thing:
    open: int = 1
    guarded: int = strawberry.field(default=2, permission_classes=[IsUser])


@strawberry.type
class Query:
    thing: Thing


def _watched(sharing: Sharing) -> Any:
    async def things() -> AsyncIterator[Thing]:
        yield Thing()

    return strawberry.subscription(resolver=things, metadata={SHARING: sharing})


@strawberry.type
class Subscription:
    alone: Thing = _watched(Sharing.NOBODY)
    mine: Thing = _watched(Sharing.CALLER)
    public: Thing = _watched(Sharing.EVERYBODY)


SCHEMA = core_schema(strawberry.Schema(Query, subscription=Subscription))
USER = SignedInUser(uuid.uuid4(), uuid.uuid4())


def _key(query: str, caller: Caller, **variables: object) -> StreamKey | None:
    document = Documents(SCHEMA, LIMITS, introspection=True).get(query)
    parameters = Parameters(query, None, variables)
    sharing = SharedSubscriptions(SCHEMA)
    return sharing.key(document, document.operation(None), parameters, caller, Language.ENGLISH)


@pytest.mark.parametrize(
    ("query", "executed_for"),
    [
        ("subscription { public { open } }", VISITOR),
        ("subscription { mine { open } }", USER),
        # Below a public field, what is guarded makes the whole the caller's own, however it is selected.
        ("subscription { public { guarded } }", USER),
        ("subscription { public { ...F } } fragment F on Thing { ... { g: guarded } }", USER),
    ],
)
def test_only_what_is_public_throughout_is_shared_among_strangers(query: str, executed_for: Caller) -> None:
    key = _key(query, USER)
    assert key is not None
    assert key.caller == executed_for


def test_what_does_not_say_that_it_can_be_shared_is_not() -> None:
    assert _key("subscription { alone { open } }", VISITOR) is None


def test_variables_are_compared_by_what_they_say() -> None:
    query = "subscription { public { open } }"
    assert _key(query, USER, a=1, b=2) == _key(query, VISITOR, b=2, a=1)
    assert _key(query, USER, a=1) != _key(query, USER, a=2)
