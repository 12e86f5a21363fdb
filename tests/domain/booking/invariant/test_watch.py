"""When checks run, and what they leave for people to see."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import structlog.testing
from sqlalchemy import text

from datasources.sql.invariant_run import InvariantFinding, InvariantRun
from datasources.sql.invariant_runs import InvariantRuns
from datasources.stores import Stores
from domain.booking.invariant.watch import check_if_due
from tests.booked import POLICY, Session, new_session
from tests.domain.booking.invariant.test_checking import LEDGER, a_session, by_hand


@dataclass
class Watchman:
    """The job at a clock that the test sets; it is 10:00 when it begins."""

    stores: Stores
    now: datetime = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

    async def after(self, **pause: float) -> InvariantRun | None:
        self.now += timedelta(**pause)
        return await check_if_due(self.stores, POLICY.zone, lambda: self.now)

    async def open(self) -> list[InvariantFinding]:
        async with self.stores.sql.read() as session:
            return list(await InvariantRuns(session).open_findings())

    async def ended(self) -> list[tuple[str, str]]:
        async with self.stores.sql.read() as session:
            return [(each.kind, each.state) for each in await InvariantRuns(session).latest_ended(10)]


@pytest.fixture
def watchman(stores: Stores) -> Watchman:
    return Watchman(stores)


async def touch(session: Session, now: datetime) -> None:
    async with session.stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(
            text("UPDATE slot_ledger SET updated_at = :now WHERE schedule_id = :s"),
            {"now": now, "s": session.schedule_id},
        )


async def test_the_first_run_looks_at_everything_the_next_at_what_changed(watchman: Watchman) -> None:
    old, new = await a_session(watchman.stores), await a_session(watchman.stores)
    for session in (old, new):
        await touch(session, watchman.now - timedelta(hours=1))
    first = await watchman.after()
    assert first is not None
    assert (first.scope, first.sessions_checked, first.texts_checked, first.breaches) == ("WHOLE", 2, True, 0)
    await touch(new, watchman.now + timedelta(minutes=1))
    second = await watchman.after(minutes=3)
    assert second is not None
    assert (second.scope, second.sessions_checked) == ("RECENT", 1)


async def test_what_committed_after_the_last_run_with_an_earlier_time_is_not_missed(watchman: Watchman) -> None:
    session = await a_session(watchman.stores)
    await watchman.after()
    await touch(session, watchman.now - timedelta(minutes=1))
    run = await watchman.after(minutes=3)
    assert run is not None
    assert run.sessions_checked == 1


async def test_runs_are_three_minutes_apart_and_a_whole_one_comes_each_night(watchman: Watchman) -> None:
    scopes = []
    for pause in (0, 2, 1, 2, 1):
        run = await watchman.after(minutes=pause)
        scopes.append(run.scope if run else None)
    assert scopes == ["WHOLE", None, "RECENT", None, "RECENT"]
    watchman.now = datetime(2026, 11, 20, 18, 59, 59, tzinfo=UTC)
    assert (await watchman.after()).scope == "RECENT"  # type: ignore[union-attr]
    assert (await watchman.after(seconds=1)).scope == "WHOLE"  # type: ignore[union-attr]
    assert await watchman.after(seconds=1) is None


async def test_processes_that_look_at_once_check_once(watchman: Watchman) -> None:
    runs = await asyncio.gather(*(watchman.after() for _ in range(5)))
    assert len([run for run in runs if run]) == 1


async def test_a_run_whose_process_died_holds_up_the_next_for_some_minutes_only(watchman: Watchman) -> None:
    await watchman.after()
    async with watchman.stores.sql.unit_of_work() as session:
        await InvariantRuns(session).begin(InvariantRun(scope="RECENT", began_at=watchman.now))
    assert await watchman.after(minutes=4) is None
    assert await watchman.after(minutes=1) is not None


async def test_a_run_that_fails_lets_the_next_begin(watchman: Watchman) -> None:
    async def rename(old: str, new: str) -> None:
        async with watchman.stores.sql.unit_of_work() as session:
            await (await session.connection()).execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("waitlist_entry", "not_there")
    with pytest.raises(asyncpg.UndefinedTableError):
        await watchman.after()
    await rename("not_there", "waitlist_entry")
    assert await watchman.after() is not None


async def test_a_breach_is_told_at_every_run_until_it_is_gone(watchman: Watchman) -> None:
    session = await a_session(watchman.stores)
    await touch(session, watchman.now - timedelta(hours=1))
    await by_hand(session, LEDGER.format("taken = taken + 1, next_number = next_number + 1"))
    began = watchman.now
    with structlog.testing.capture_logs() as logs:
        await watchman.after()
        run = await watchman.after(minutes=3)
    assert run is not None
    assert (run.scope, run.breaches) == ("RECENT", 2)
    errors = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["event"] for entry in errors] == ["booking_invariant_broken"] * 2 + ["booking_invariant_breaches"] + [
        "booking_invariant_broken"
    ] * 2 + ["booking_invariant_breaches"]
    found = await watchman.open()
    assert [(each.kind, each.is_breach, each.schedule_id) for each in found] == [
        ("TAKEN_MISCOUNTED", True, session.schedule_id),
        ("NUMBER_LOST", True, session.schedule_id),
    ]
    assert [(each.first_seen_at, each.last_seen_at) for each in found] == [(began, watchman.now)] * 2
    assert found[0].detail == {"taken": 4, "orders": 3, "offers": 0}

    await by_hand(session, LEDGER.format("taken = taken - 1, next_number = next_number - 1"))
    await watchman.after(minutes=3)
    assert await watchman.open() == []
    assert sorted(await watchman.ended()) == [("NUMBER_LOST", "GONE"), ("TAKEN_MISCOUNTED", "GONE")]


async def test_drift_is_mended_and_noted(watchman: Watchman) -> None:
    session = await a_session(watchman.stores)
    await by_hand(session, LEDGER.format("waiting = 4"))
    with structlog.testing.capture_logs() as logs:
        run = await watchman.after()
    assert run is not None
    assert (run.breaches, run.drifts, run.repaired) == (0, 1, 1)
    assert [entry["outcome"] for entry in logs if entry["event"] == "booking_drift"] == ["repaired"]
    assert await watchman.open() == []
    assert await watchman.ended() == [("WAITING_MISCOUNTED", "REPAIRED")]


async def test_a_missing_text_stays_open_until_the_hospital_pushes_it(watchman: Watchman) -> None:
    session = await new_session(watchman.stores)
    await touch(session, watchman.now)
    await watchman.after()
    assert [(each.kind, each.is_breach) for each in await watchman.open()] == [("TEXT_MISSING", False)]


async def test_old_runs_are_forgotten(watchman: Watchman) -> None:
    await watchman.after()
    await watchman.after(days=91)
    async with watchman.stores.sql.read() as session:
        found = await (await session.connection()).execute(text("SELECT count(*) FROM invariant_run"))
        assert found.scalar_one() == 1
