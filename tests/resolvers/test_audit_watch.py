"""The job that walks the audit log: whatever is removed or altered is reported, and so is an end that was cut off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from structlog.testing import capture_logs

from datasources.sql.audit_check import AuditCheck
from datasources.sql.audit_entry import FIRST_HASH
from datasources.storage.file_storage import FileStorage
from domain.audit.chain import Break
from domain.audit.watch import EVERY, LEASE, check_if_due
from domain.booking.policy import BookingPolicy
from domain.permissions import Role
from jobs.audit_watch import watch_audit_log
from jobs.tools import JobTools
from server.audit_figures import AuditFigures
from server.settings import Settings
from tests.platform import Platform, as_answered
from tests.resolvers.test_audit import last_number, tampered, written

WATCH = """{ auditWatch {
  checkedAt intact broken { number fault } brokenSince provedNumber provedHash wholeAt } }"""


@pytest.fixture(autouse=True)
async def _nothing_known(platform: Platform) -> AsyncIterator[None]:
    """No check was made yet; and none of these tests' checks is known to other tests."""
    await forget(platform)
    yield
    await forget(platform)


async def forget(platform: Platform) -> None:
    async with platform.stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(text("DELETE FROM audit_check"))


async def checked(platform: Platform, **bounds: int) -> AuditCheck:
    """What is known after the next check."""
    platform.clock.now += EVERY
    found = await check_if_due(platform.stores.sql, platform.clock, **bounds)
    assert found is not None
    return found


async def shown(platform: Platform) -> Any:
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    return (await platform.data(WATCH, bearer=boss.token))["auditWatch"]


async def figures(platform: Platform) -> tuple[float | None, float | None]:
    registry = CollectorRegistry()
    await AuditFigures(platform.stores.sql, registry).refresh()
    names = ("htbooking_audit_chain_broken", "htbooking_audit_chain_checked_timestamp_seconds")
    broken, at = (registry.get_sample_value(name) for name in names)
    return broken, at


async def test_an_intact_log_is_known_to_be_up_to_its_end(platform: Platform) -> None:
    assert await shown(platform) is None
    assert await figures(platform) == (0, 0)
    await written(platform.stores, platform, 3)
    last = await last_number(platform.stores)
    found = await checked(platform)
    assert (found.proved_number, found.broken_number) == (last, None)
    assert await last_number(platform.stores) == last, "an intact log is not written to"
    at = as_answered(platform.clock.now)
    told = await shown(platform)
    assert told == {
        "checkedAt": at,
        "intact": True,
        "broken": None,
        "brokenSince": None,
        "provedNumber": last,
        "provedHash": found.proved_hash.hex(),
        "wholeAt": at,
    }
    assert await figures(platform) == (0, platform.clock.now.timestamp())


@pytest.mark.parametrize("proved_before", [False, True])
@pytest.mark.parametrize(
    ("statement", "offset", "fault"),
    [
        ("DELETE FROM audit_entry WHERE id = :first + 2", 2, Break.MISSING),
        ("UPDATE audit_entry SET result = 'WRONG' WHERE id = :first + 3", 3, Break.ALTERED),
    ],
)
async def test_a_removed_and_an_altered_row_are_reported(
    platform: Platform, statement: str, offset: int, fault: Break, proved_before: bool
) -> None:
    if not proved_before:
        await checked(platform)
    first = await written(platform.stores, platform, 5)
    if proved_before:
        await checked(platform)
    number = first + offset
    async with tampered(platform.stores, first, statement):
        with capture_logs() as lines:
            found = await checked(platform)
        assert (found.broken_number, found.fault) == (number, fault)
        [line] = [each for each in lines if each["log_level"] == "error"]
        assert (line["event"], line["number"], line["fault"]) == ("audit_chain_broken", number, fault)
        since = platform.clock.now
        told = await shown(platform)
        assert (told["intact"], told["broken"]) == (False, {"number": number, "fault": fault})
        assert told["brokenSince"] == as_answered(since)
        assert await figures(platform) == (1, since.timestamp())
        assert await recorded(platform, first) == [("AUDIT_CHAIN_BROKEN", str(number), fault)]

        still = await checked(platform)
        assert (still.broken_number, still.broken_since) == (number, since)
        assert len(await recorded(platform, first)) == 1, "once is enough in the log itself"


async def test_a_log_that_was_put_right_is_intact_again(platform: Platform) -> None:
    first = await written(platform.stores, platform, 2)
    await checked(platform)
    async with tampered(platform.stores, first, "UPDATE audit_entry SET result = 'WRONG' WHERE id = :first"):
        assert (await checked(platform)).broken_number == first
        async with platform.stores.sql.unit_of_work() as session:
            mend = text("UPDATE audit_entry SET result = 'DONE' WHERE id = :first")
            await (await session.connection()).execute(mend, {"first": first})
        mended = await checked(platform)
        assert (mended.broken_number, mended.broken_since) == (None, None)
        told = [("AUDIT_CHAIN_BROKEN", str(first), "ALTERED"), ("AUDIT_CHAIN_INTACT_AGAIN", str(first), "DONE")]
        assert await recorded(platform, first) == told


@pytest.mark.parametrize(
    ("statement", "offset", "fault"),
    [
        ("DELETE FROM audit_entry WHERE id > :first", 1, Break.MISSING),
        ("UPDATE audit_entry SET hash = sha256('x') WHERE id = :first + 3", 3, Break.ALTERED),
    ],
)
async def test_a_hand_on_the_end_is_reported_although_nothing_follows_it(
    platform: Platform, statement: str, offset: int, fault: Break
) -> None:
    first = await written(platform.stores, platform, 4)
    known = await checked(platform)
    assert known.proved_number == first + 3
    async with tampered(platform.stores, first, statement):
        found = await checked(platform)
        assert (found.broken_number, found.fault) == (first + offset, fault)


async def test_a_long_log_is_walked_in_pieces_that_come_to_its_end(platform: Platform) -> None:
    await written(platform.stores, platform, 7)
    last = await last_number(platform.stores)
    piece = last // 3 + 1
    pieces = [await checked(platform, most=piece) for _ in range(3)]
    assert [each.proved_number for each in pieces] == [piece, 2 * piece, last]
    assert [each.walked_number for each in pieces[:2]] == [piece, 2 * piece]
    assert (pieces[2].walked_number, pieces[2].walked_hash) == (0, FIRST_HASH)
    assert [each.whole_at is None for each in pieces] == [True, True, False]


async def test_a_row_changed_long_ago_is_found_when_the_walk_comes_by(platform: Platform) -> None:
    first = await written(platform.stores, platform, 9)
    last = await last_number(platform.stores)
    await checked(platform)
    async with tampered(platform.stores, first, "UPDATE audit_entry SET action = 'OTHER' WHERE id = :first + 8"):
        piece = last // 2 + 1
        assert (await checked(platform, most=piece)).broken_number in (None, last)
        assert (await checked(platform, most=piece)).broken_number == last


async def test_checks_run_every_hour_and_one_at_a_time(platform: Platform) -> None:
    sql, clock = platform.stores.sql, platform.clock
    answers = await asyncio.gather(*(check_if_due(sql, clock) for _ in range(6)))
    assert sum(each is not None for each in answers) == 1
    clock.now += EVERY - timedelta(seconds=1)
    assert await check_if_due(sql, clock) is None
    clock.now += timedelta(seconds=1)
    assert await check_if_due(sql, clock) is not None


async def test_after_a_check_that_died_another_begins(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr("domain.audit.watch.check_chain", dies)
    with pytest.raises(asyncio.CancelledError):
        await check_if_due(platform.stores.sql, platform.clock)
    monkeypatch.undo()
    assert await check_if_due(platform.stores.sql, platform.clock) is None
    platform.clock.now += LEASE
    assert await check_if_due(platform.stores.sql, platform.clock) is not None


async def test_the_job_checks_and_metrics_tell(platform: Platform, settings: Settings) -> None:
    files = FileStorage.in_folder(Path(), platform.ring)
    policy = BookingPolicy(settings.zone)
    tools = JobTools(platform.stores, platform.ring, files, platform.clock, policy, timedelta(days=1))
    await watch_audit_log(tools)
    assert (await shown(platform))["intact"] is True
    told = (await platform.http.get("http://platform.test/metrics")).text.splitlines()
    assert "htbooking_audit_chain_broken 0.0" in told


async def recorded(platform: Platform, first: int) -> list[tuple[str, str, str]]:
    """What the checks entered into the log from this entry on."""
    async with platform.stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text(
                "SELECT action, subject_id, result FROM audit_entry"
                " WHERE id >= :first AND action LIKE 'AUDIT_CHAIN_%' ORDER BY id"
            ),
            {"first": first},
        )
        return [(row[0], row[1], row[2]) for row in found]
