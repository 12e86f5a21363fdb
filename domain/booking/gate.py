"""The gate before the ledger: attempts at one session go in by turns, many numbers in one transaction.

When numbers are released, thousands ask for the same session at once. Here they queue in the order in which they
arrived, and one task per session takes as many as fit into one statement. Once the ledger has called the session sold
out, whoever looked at it before that is refused without asking the ledger again. The ledger stays the authority: the
gate only orders and refuses.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from datasources.faults import spoilt_by_one
from datasources.sql.booking_statements import Attempt, Outcome, Taken

MOST_AT_ONCE = 32
MOST_REMEMBERED = 100_000

TakeNumbers = Callable[[Sequence[Attempt]], Awaitable[list[Taken]]]
"""Takes numbers for attempts at one session, in their order, in one transaction."""

_SOLD_OUT = Taken(Outcome.SOLD_OUT, None, None, {})


@dataclass(slots=True)
class _Waiting:
    attempt: Attempt
    looked_at: float
    answer: "asyncio.Future[Taken]"


@dataclass(slots=True)
class Gate:
    """One per process. Between processes the ledger's row keeps the order: they are at most one batch apart."""

    clock: Callable[[], float] = time.monotonic
    _queues: dict[str, deque[_Waiting]] = field(default_factory=dict)
    _sold_out_at: dict[str, float] = field(default_factory=dict)
    _inside: set[Hashable] = field(default_factory=set)
    _turns: "set[asyncio.Task[None]]" = field(default_factory=set)

    def enter(self, who: Hashable) -> bool:
        """Take the one place that an account has before a session; False if it stands there already."""
        if who in self._inside:
            return False
        self._inside.add(who)
        return True

    def leave(self, who: Hashable) -> None:
        """Give the place up."""
        self._inside.discard(who)

    async def take(self, attempt: Attempt, looked_at: float, take_numbers: TakeNumbers) -> Taken:
        """What the ledger answers to this attempt, after everybody's who came before.

        `looked_at` is the gate's clock when the caller began to read what was left. The attempt runs on when the
        caller no longer waits for it.
        """
        schedule_id = attempt.schedule_id
        waiting = _Waiting(attempt, looked_at, asyncio.get_running_loop().create_future())
        if self._is_hopeless(waiting):
            return _SOLD_OUT
        queue = self._queues.get(schedule_id)
        if queue is not None:
            queue.append(waiting)
        else:
            queue = self._queues[schedule_id] = deque([waiting])
            turn = asyncio.create_task(self._serve(schedule_id, queue, take_numbers))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
        return await waiting.answer

    async def _serve(self, schedule_id: str, queue: deque[_Waiting], take_numbers: TakeNumbers) -> None:
        try:
            while queue:
                batch: list[_Waiting] = []
                while queue and len(batch) < MOST_AT_ONCE:
                    waiting = queue.popleft()
                    if self._is_hopeless(waiting):
                        _answer([waiting], [_SOLD_OUT])
                    elif not waiting.answer.cancelled():
                        batch.append(waiting)
                if batch:
                    await self._take(schedule_id, batch, take_numbers)
        finally:
            del self._queues[schedule_id]
            # Only when this task was cancelled, as the process ends.
            for waiting in queue:
                waiting.answer.cancel()

    async def _take(self, schedule_id: str, batch: Sequence[_Waiting], take_numbers: TakeNumbers) -> None:
        try:
            answers = await take_numbers([each.attempt for each in batch])
        except Exception as error:  # noqa: BLE001 - each caller is told, whatever it is
            if len(batch) > 1 and spoilt_by_one(error):
                for each in batch:
                    await self._take(schedule_id, [each], take_numbers)
                return
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        except BaseException:
            for each in batch:
                each.answer.cancel()
            raise
        if any(taken.outcome is Outcome.SOLD_OUT for taken in answers):
            if len(self._sold_out_at) >= MOST_REMEMBERED:
                self._sold_out_at.clear()
            self._sold_out_at[schedule_id] = self.clock()
        _answer(batch, answers)

    def _is_hopeless(self, waiting: _Waiting) -> bool:
        """Whether the ledger has called the session sold out since this attempt's caller looked."""
        return waiting.looked_at <= self._sold_out_at.get(waiting.attempt.schedule_id, float("-inf"))


def _answer(batch: Sequence[_Waiting], answers: Sequence[Taken]) -> None:
    for each, taken in zip(batch, answers, strict=True):
        if not each.answer.done():
            each.answer.set_result(taken)
