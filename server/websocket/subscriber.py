"""A running operation's way to its connection."""

import asyncio
from collections.abc import Callable
from functools import partial

from graphql import OperationType

from domain.callers import Caller
from resolvers.exchange import Exchange
from server.http.endpoint import MakeContext
from server.http.trace import Trace
from server.websocket.outbox import Outbox, State
from server.websocket.protocol import server_message, state_head


class RunningOperations:
    """The operations of one connection that run now, by their ids."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, id: str) -> bool:
        return id in self._tasks

    def add(self, id: str, task: "asyncio.Task[None]") -> None:
        """It has begun."""
        self._tasks[id] = task

    def runs(self, id: str, task: "asyncio.Task[None] | None") -> bool:
        """Whether the id still stands for this task."""
        return self._tasks.get(id) is task

    def end(self, id: str) -> "asyncio.Task[None] | None":
        """The id stands for nothing any more; the task that it stood for."""
        return self._tasks.pop(id, None)

    def end_all(self) -> "list[asyncio.Task[None]]":
        """No id stands for anything any more; the tasks."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        return tasks


class ConnectionSubscriber:
    """Sends what an operation says under its id, for as long as the id stands for it. Made in the operation's task."""

    def __init__(
        self,
        id: str,
        caller: Caller,
        running: RunningOperations,
        outbox: Outbox,
        make_context: MakeContext,
        *,
        exchange: Callable[[OperationType], Exchange],
    ) -> None:
        self.caller = caller
        self._id = id
        self._task = asyncio.current_task()
        self._running = running
        self._outbox = outbox
        self._make_context = make_context
        self._exchange = exchange
        self._state = State(state_head(id))

    def context(self, trace: Trace, kind: OperationType) -> object:
        """A fresh context for one execution."""
        return self._make_context(self.caller, trace, self._exchange(kind))

    def context_maker(self, caller: Caller) -> Callable[[Trace], object]:
        """Makes fresh contexts for executions that outlive the connection: nothing in them is this connection's."""
        return partial(_context_without_connection, self._make_context, caller)

    async def emit(self, kind: str, payload: object) -> None:
        """Send a message of this type under the operation's id. Raises Closed when too much waits."""
        if not self._running.runs(self._id, self._task):
            return
        if kind != "next":
            self._running.end(self._id)
        self._outbox.put(server_message(kind, id=self._id, payload=payload))
        # Lets the message out before the next one, so that only a peer that doesn't read fills the outbox.
        await asyncio.sleep(0)

    def offer(self, payload: str) -> None:
        """Send this encoded payload as the latest state, in the place of an older one that still waits."""
        if self._running.runs(self._id, self._task):
            self._outbox.put_state(self._state, payload)

    def withdraw(self) -> None:
        """Send no state that still waits."""
        self._state.payload = None


def _context_without_connection(make_context: MakeContext, caller: Caller, trace: Trace) -> object:
    return make_context(caller, trace, Exchange())
