"""The gate: turns in the order of arrival, many in one statement, and no second question once all is sold."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from datasources.sql.booking_statements import Attempt, Outcome, Taken
from domain.booking.gate import MOST_AT_ONCE, Gate

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Clock:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1.0

    def __call__(self) -> float:
        return self.now


class Places:
    """A ledger of so many places that notes what it was asked, and takes a moment to answer."""

    def __init__(self, count: int, clock: Clock) -> None:
        self.left = count
        self.clock = clock
        self.batches: list[list[str]] = []
        self.spoilt: set[str] = set()

    async def take(self, attempts: Sequence[Attempt]) -> list[Taken]:
        self.batches.append([each.order_number for each in attempts])
        await asyncio.sleep(0.001)
        self.clock.now += 1
        for each in attempts:
            if each.order_number in self.spoilt:
                raise asyncpg.UniqueViolationError("spoilt")
        return [self._taken(each) for each in attempts]

    def _taken(self, attempt: Attempt) -> Taken:
        if self.left == 0:
            return Taken(Outcome.SOLD_OUT, None, None, {})
        self.left -= 1
        return Taken(Outcome.TAKEN, attempt.id, 100 - self.left, {})


def attempt(name: str, schedule_id: str = "h:s") -> Attempt:
    return Attempt(
        id=uuid4(),
        order_number=name,
        user_id=uuid4(),
        patient_id=uuid4(),
        person=b"p" * 16,
        masked_patient_name="",
        schedule_id=schedule_id,
        hospital_code="h",
        department_code="11",
        visit_date=date(2026, 11, 25),
        half_day="AM",
        state="PAID",
        fee=Decimal(0),
        lapses_at=None,
        cancel_until=NOW,
        fetch_time=None,
        fetch_address="",
        texts={},
        idempotency_key=name,
        request_hash=b"h" * 32,
    )


async def test_attempts_go_in_by_the_order_of_their_arrival() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(100, clock)
    names = [f"a{index:03}" for index in range(100)]

    answers = await asyncio.gather(*(gate.take(attempt(name), clock(), places.take) for name in names))

    assert [name for batch in places.batches for name in batch] == names
    assert [answer.number for answer in answers] == list(range(1, 101))
    assert max(len(batch) for batch in places.batches) == MOST_AT_ONCE
    assert len(places.batches) <= 5


async def test_once_all_is_sold_nobody_who_looked_before_asks_the_ledger() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(10, clock)

    answers = await asyncio.gather(*(gate.take(attempt(f"a{n:03}"), clock(), places.take) for n in range(500)))

    assert sum(answer.outcome is Outcome.TAKEN for answer in answers) == 10
    assert sum(answer.outcome is Outcome.SOLD_OUT for answer in answers) == 490
    assert sum(len(batch) for batch in places.batches) <= 10 + 2 * MOST_AT_ONCE


async def test_whoever_looked_later_asks_again() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(0, clock)
    looked = clock()
    assert (await gate.take(attempt("a"), looked, places.take)).outcome is Outcome.SOLD_OUT
    places.left = 1
    assert (await gate.take(attempt("b"), looked, places.take)).outcome is Outcome.SOLD_OUT
    clock.now += 1
    assert (await gate.take(attempt("c"), clock(), places.take)).outcome is Outcome.TAKEN


async def test_sessions_do_not_wait_for_each_other() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(2, clock)
    await asyncio.gather(
        gate.take(attempt("a", "h:1"), clock(), places.take), gate.take(attempt("b", "h:2"), clock(), places.take)
    )
    assert sorted(places.batches) == [["a"], ["b"]]


async def test_one_that_breaks_the_statement_spoils_it_for_nobody_else() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(10, clock)
    places.spoilt = {"a2"}
    answers = await asyncio.gather(
        *(gate.take(attempt(f"a{n}"), clock(), places.take) for n in range(5)), return_exceptions=True
    )
    assert isinstance(answers[2], asyncpg.UniqueViolationError)
    assert [isinstance(answer, Taken) for answer in answers] == [True, True, False, True, True]


async def test_a_ledger_that_is_down_fails_everybody_at_once() -> None:
    clock = Clock()
    gate, asked = Gate(clock=clock), 0

    async def down(_attempts: Sequence[Attempt]) -> list[Taken]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        raise ConnectionError("down")

    answers = await asyncio.gather(
        *(gate.take(attempt(f"a{n}"), clock(), down) for n in range(20)), return_exceptions=True
    )
    assert all(isinstance(answer, ConnectionError) for answer in answers)
    assert asked <= 2
    places = Places(1, clock)
    assert (await gate.take(attempt("after"), clock(), places.take)).outcome is Outcome.TAKEN


async def test_a_caller_who_gave_up_holds_up_nobody() -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(10, clock)
    tasks = [asyncio.create_task(gate.take(attempt(f"a{n}"), clock(), places.take)) for n in range(5)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert sum(isinstance(answer, Taken) for answer in answers) == 4


def test_an_account_stands_before_a_session_once() -> None:
    gate = Gate()
    assert gate.enter(("user", "session"))
    assert not gate.enter(("user", "session"))
    assert gate.enter(("user", "other session"))
    gate.leave(("user", "session"))
    assert gate.enter(("user", "session"))


@pytest.mark.parametrize("count", [1, MOST_AT_ONCE, MOST_AT_ONCE + 1])
async def test_nothing_is_kept_once_all_are_answered(count: int) -> None:
    clock = Clock()
    gate, places = Gate(clock=clock), Places(count, clock)
    await asyncio.gather(*(gate.take(attempt(f"a{n}"), clock(), places.take) for n in range(count)))
    await asyncio.sleep(0)
    assert gate._queues == {}
    assert not gate._turns
