"""Whoever watches is told after the commit, never otherwise, and in few messages."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date

from datasources.hints import Hint, RedisHints
from datasources.live.changes import CHANNELS, Change, OrderChange, QueueChange, SlotChange, changes_in
from datasources.sql.slot_ledger import HalfDay
from datasources.stores import Stores
from domain.live.changes import (
    note_order_change,
    note_queue_change,
    note_slot_change,
    note_slot_changes,
    publish_changes,
)

DAY = date(2026, 11, 20)


class Heard:
    """The messages of all channels, as another process hears them."""

    def __init__(self, next_message: Callable[[], Awaitable[dict[str, bytes]]]) -> None:
        self._next = next_message

    async def messages(self, count: int) -> list[Hint]:
        """So many messages, in their order."""
        return [await self._message() for _ in range(count)]

    async def changes(self, messages: int = 1) -> list[Change]:
        """The changes in so many messages."""
        return [change for hint in await self.messages(messages) for change in changes_in(hint.channel, hint.message)]

    async def _message(self) -> Hint:
        message = await asyncio.wait_for(self._next(), 5)
        return Hint(message["channel"].decode(), message["data"])


@asynccontextmanager
async def listening(stores: Stores) -> AsyncIterator[Heard]:
    async with stores.redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(*CHANNELS)
        for _ in CHANNELS:
            await channel.get_message(ignore_subscribe_messages=False, timeout=5)

        async def next_message() -> dict[str, bytes]:
            while True:
                message: dict[str, bytes] | None = await channel.get_message(timeout=5)
                if message is not None:
                    return message

        yield Heard(next_message)


async def test_a_commit_tells_each_change_once(stores: Stores) -> None:
    user, order = uuid.uuid4(), uuid.uuid4()
    one = SlotChange("h", "d", DAY, "h:1")
    two = one._replace(schedule_id="h:2")
    async with listening(stores) as heard:
        async with stores.sql.unit_of_work() as session:
            note_slot_change(session, "h", "d", DAY, "h:1")
            note_slot_changes(session, [two, one])
            note_order_change(session, user, order)
            note_queue_change(session, "h", "d", DAY, HalfDay.AM)

        assert await heard.changes(3) == [
            one,
            two,
            OrderChange(user, order),
            QueueChange("h", "d", DAY, HalfDay.AM),
        ]


async def test_what_is_rolled_back_is_told_to_nobody(stores: Stores) -> None:
    one = SlotChange("h", "d", DAY, "h:1")
    async with listening(stores) as heard:
        try:
            async with stores.sql.unit_of_work() as session:
                note_slot_change(session, "h", "d", DAY, "h:1")
                raise LookupError
        except LookupError:
            await publish_changes(stores, [one._replace(schedule_id="h:2")])

        assert await heard.changes() == [one._replace(schedule_id="h:2")]


async def test_many_hints_take_one_round_trip(stores: Stores) -> None:
    async with listening(stores) as heard:
        before = (await stores.redis.info("stats"))["total_reads_processed"]
        await RedisHints(stores.redis).send([Hint(CHANNELS[0], str(number).encode()) for number in range(100)])
        after = (await stores.redis.info("stats"))["total_reads_processed"]

        assert [hint.message for hint in await heard.messages(100)] == [str(n).encode() for n in range(100)]
        # The second question is a read of its own, and so is a connection's greeting.
        assert after - before <= 4
