"""Fills the stores with the demo's hospitals and the sessions of their coming days, hospital by hospital."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import text

from datasources.stores import Stores
from server.demo.hospitals import DemoHospital
from server.demo.sessions import sessions_of
from server.demo.writing import DemoWriter

# Enough for both servers to have work while the next hospital is made; bounds what is held in memory.
HOSPITALS_IN_FLIGHT = 4

_LOCK_KEY = 0x68_74_62_64  # "htbd"; any number that nobody else locks
_LOCK_RETRY_SECONDS = 0.2


@dataclass(slots=True)
class DemoSummary:
    """What this run wrote; all zero when the demo was complete already."""

    hospitals: int = 0
    departments: int = 0
    doctors: int = 0
    sessions: int = 0
    integration_key: str | None = None
    """A key of a demo hospital to try pushing with, if one was issued."""


Progress = Callable[[DemoSummary], None]
"""Called after each hospital with what has been written so far."""


async def fill(stores: Stores, hospitals: Iterable[DemoHospital], today: date, progress: Progress) -> DemoSummary:
    """Write what is missing of these hospitals through their last coming day.

    A hospital without a mark is written whole; one with a mark gets the days after it. What stands already is
    left as it is, so a run that was killed is completed by the next. Only one process fills at a time.
    """
    await stores.catalogue.bind()
    writer = DemoWriter(stores)
    summary = DemoSummary()
    async with _only_one_fills(stores):
        marks = await writer.filled_through()
        await _fill_hospitals(writer, hospitals, today, marks, summary, progress)
        if summary.sessions:
            await writer.refresh_statistics()
    return summary


async def _fill_hospitals(
    writer: DemoWriter,
    hospitals: Iterable[DemoHospital],
    today: date,
    marks: Mapping[str, date],
    summary: DemoSummary,
    progress: Progress,
) -> None:
    under_way: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as tasks:
        for hospital in hospitals:
            if len(under_way) >= HOSPITALS_IN_FLIGHT:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            task = tasks.create_task(
                _fill_hospital(writer, hospital, today, marks.get(hospital.code), summary, progress)
            )
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            # Lets the task make its sessions and hand them over before the next hospital is made.
            await asyncio.sleep(0)


async def _fill_hospital(
    writer: DemoWriter, hospital: DemoHospital, today: date, mark: date | None, summary: DemoSummary, progress: Progress
) -> None:
    last = today + timedelta(days=hospital.days - 1)
    first = today if mark is None else max(today, mark + timedelta(days=1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    made_at = datetime.combine(today, time(), UTC)
    rows, texts = [], []
    for row, document in sessions_of(hospital, days, made_at):
        rows.append(row)
        texts.append(document)
    doctors = [doctor for department in hospital.departments for doctor in department.doctors]
    if mark is None:
        await writer.insert_documents("hospital", [hospital.document(made_at)])
        await writer.insert_documents("department", [each.document(made_at) for each in hospital.departments])
        await writer.insert_documents("doctor", [doctor.document(made_at) for doctor in doctors])
    if days:
        await writer.insert_documents("schedule", texts)
        await writer.insert_accounts_and_sessions([(hospital.code, hospital.name)], rows)
        await writer.mark_filled(hospital.code, last)
    if mark is None:
        summary.hospitals += 1
        summary.departments += len(hospital.departments)
        summary.doctors += len(doctors)
    summary.sessions += len(rows)
    progress(summary)


@asynccontextmanager
async def _only_one_fills(stores: Stores) -> AsyncIterator[None]:
    """Hold PostgreSQL's advisory lock of the demo; a process that dies lets it go."""
    async with stores.sql.engine.connect() as connection:
        taken = text("SELECT pg_try_advisory_xact_lock(:key)")
        # Asked again and again: waiting inside one statement would run into its time limit.
        while True:
            if (await connection.execute(taken, {"key": _LOCK_KEY})).scalar_one():
                break
            await asyncio.sleep(_LOCK_RETRY_SECONDS)
        yield
