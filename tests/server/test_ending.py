"""Nothing that runs beside the requests outlives a process, however soon it stops and whatever loses a cancellation."""

import asyncio
from contextlib import suppress

import pytest

from datasources.live.listener import Listener
from datasources.live.topics import Topics
from datasources.stores import Stores
from domain.clock import system_clock
from server.ending import end
from server.websocket.revocation import Revocation
from server.websocket.sockets import Sockets

STARTS = 100
PATIENCE_SECONDS = 20.0


class Losing:
    """A task that loses its first cancellations."""

    def __init__(self, losses: int) -> None:
        self.lost = 0
        self._losses = losses
        self._began = asyncio.Event()

    async def begun(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(), name="losing")
        await self._began.wait()
        return task

    async def _run(self) -> None:
        self._began.set()
        while self.lost < self._losses:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            self.lost += 1
        await asyncio.Event().wait()


async def test_a_task_that_loses_its_first_cancellations_is_ended() -> None:
    losing = Losing(2)
    task = await losing.begun()
    await end(task, seconds=PATIENCE_SECONDS)
    assert task.cancelled()
    assert losing.lost == 2


async def test_a_task_that_never_ends_holds_up_nobody_and_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    losing = Losing(1_000)
    stubborn, willing = await losing.begun(), await Losing(0).begun()
    await end(stubborn, willing, seconds=0.05)
    assert willing.cancelled()
    assert not stubborn.done()
    assert "losing" in "".join(capfd.readouterr())
    losing.lost = 1_000
    while not stubborn.done():
        stubborn.cancel()
        await asyncio.sleep(0)


async def test_what_a_task_raises_stays_its_own() -> None:
    async def failing() -> None:
        raise ValueError("of its own")

    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    await end(task, seconds=PATIENCE_SECONDS)
    with pytest.raises(ValueError, match="of its own"):
        task.result()
    await end(seconds=PATIENCE_SECONDS)


async def test_what_listens_to_redis_is_ended_at_whatever_moment(stores: Stores) -> None:
    for start in range(STARTS):
        revocation = Revocation(stores, Sockets(1), system_clock)
        tasks = [
            asyncio.create_task(revocation.listen()),
            asyncio.create_task(revocation.recheck_now_and_then()),
            asyncio.create_task(Listener(stores.redis, Topics()).run()),
        ]
        # A little later each time: while it connects, subscribes, and listens.
        await asyncio.sleep(start / 10_000)
        await end(*tasks, seconds=PATIENCE_SECONDS)
        assert [task.cancelled() for task in tasks] == [True, True, True], f"left after start {start}"
