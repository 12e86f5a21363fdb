import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument, ScheduleDocument
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from server.demo import ensure_demo_data
from server.demo.__main__ import main
from server.demo.filling import DemoSummary, fill
from server.demo.hospitals import SESSIONS_PER_SCALE_HOSPITAL, invented_hospitals, well_known_hospitals
from server.demo.writing import DemoWriter
from server.embedded.data_lock import Endpoints

TODAY = date(2026, 2, 27)
TOMORROW = TODAY + timedelta(days=1)
SERIES = 20
CODES = [hospital.code for hospital in (*well_known_hospitals(), *invented_hospitals(SERIES))]
COLLECTIONS = ("hospital", "department", "doctor", "schedule")


def quietly(_so_far: DemoSummary) -> None:
    return


@pytest.fixture(autouse=True)
async def _no_demo_before_or_after(stores: Stores) -> AsyncIterator[None]:
    await forget_the_demo(stores)
    yield
    await forget_the_demo(stores)


async def forget_the_demo(stores: Stores) -> None:
    async with stores.sql.engine.begin() as connection:
        await connection.execute(text("DELETE FROM slot_ledger WHERE hospital_code = ANY(:codes)"), {"codes": CODES})
        await connection.execute(text("DELETE FROM hospital_account WHERE code = ANY(:codes)"), {"codes": CODES})
    database = stores.catalogue.database
    for collection in COLLECTIONS[1:]:
        await database[collection].delete_many({"hospital_code": {"$in": CODES}})
    await database["hospital"].delete_many({"_id": {"$in": CODES}})
    await database["demo_progress"].drop()


async def ledger(stores: Stores, codes: Sequence[str]) -> dict[str, SlotLedger]:
    async with stores.sql.read() as session:
        rows = await session.exec(select(SlotLedger).where(col(SlotLedger.hospital_code).in_(codes)))
        return {row.schedule_id: row for row in rows}


async def text_ids(stores: Stores, codes: Sequence[str]) -> set[str]:
    found = stores.catalogue.database["schedule"].find({"hospital_code": {"$in": list(codes)}}, {"_id": 1})
    return {document["_id"] async for document in found}


async def test_the_first_start_writes_all_and_the_second_nothing(stores: Stores) -> None:
    lines: list[str] = []
    first = await ensure_demo_data(stores, TODAY, lines.append)
    second = await ensure_demo_data(stores, TODAY, lines.append)
    codes = [hospital.code for hospital in well_known_hospitals()]
    rows = await ledger(stores, codes)
    assert first.hospitals == len(codes)
    assert first.sessions == len(rows) > 30_000
    assert rows.keys() == await text_ids(stores, codes)
    assert second == DemoSummary()
    assert lines[-1].startswith(f"Demo data: {len(codes)} hospitals")
    assert len(set(lines)) == len(lines)


async def test_documents_have_the_shape_in_which_beanie_stores_them(stores: Stores) -> None:
    await fill(stores, invented_hospitals(1), TODAY, quietly)
    code = CODES[-SERIES]
    for collection, model in zip(
        COLLECTIONS, (HospitalDocument, DepartmentDocument, DoctorDocument, ScheduleDocument), strict=True
    ):
        owner = "_id" if model is HospitalDocument else "hospital_code"
        raw = await stores.catalogue.database[collection].find_one({owner: code})
        assert raw is not None
        loaded = await model.get(raw["_id"])
        assert loaded is not None
        assert {"id": raw.pop("_id"), **raw} == loaded.model_dump(exclude={"revision_id"}), collection


async def test_new_rows_can_be_sold_from_the_first_number(stores: Stores) -> None:
    await fill(stores, invented_hospitals(1), TODAY, quietly)
    rows = (await ledger(stores, CODES[-SERIES:])).values()
    assert {(row.taken, row.next_number, tuple(row.returned_numbers), row.revision) for row in rows} == {(0, 1, (), 0)}
    assert any(row.remaining == 0 for row in rows)


async def test_the_next_day_adds_its_sessions_and_touches_nothing_else(stores: Stores) -> None:
    await fill(stores, invented_hospitals(2), TODAY, quietly)
    changed = next(iter(await ledger(stores, CODES[-SERIES:])))
    async with stores.sql.engine.begin() as connection:
        await connection.execute(text("UPDATE slot_ledger SET fee = 1.23 WHERE schedule_id = :id"), {"id": changed})
    hospitals = stores.catalogue.database["hospital"]
    await hospitals.update_one({"_id": CODES[-SERIES]}, {"$set": {"name": "改过的名字"}})
    before = await ledger(stores, CODES[-SERIES:])

    summary = await fill(stores, invented_hospitals(2), TOMORROW, quietly)
    after = await ledger(stores, CODES[-SERIES:])
    added = after.keys() - before.keys()

    assert summary == DemoSummary(sessions=len(added))
    assert {after[id].visit_date for id in added} == {
        max(row.visit_date for row in before.values()) + timedelta(days=1)
    }
    assert len(added) == SESSIONS_PER_SCALE_HOSPITAL // 10 * 2
    assert after[changed].fee == Decimal("1.23")
    assert after.keys() == await text_ids(stores, CODES[-SERIES:])
    document = await hospitals.find_one({"_id": CODES[-SERIES]})
    assert document is not None
    assert document["name"] == "改过的名字"


async def test_days_on_which_nobody_started_it_stay_empty(stores: Stores) -> None:
    await fill(stores, invented_hospitals(1), TODAY, quietly)
    later = TODAY + timedelta(days=30)
    summary = await fill(stores, invented_hospitals(1), later, quietly)
    days = {row.visit_date for row in (await ledger(stores, CODES[-SERIES:])).values()}
    assert summary.sessions == SESSIONS_PER_SCALE_HOSPITAL
    assert not [day for day in days if TODAY + timedelta(days=10) <= day < later]


@pytest.mark.parametrize("step", ["insert_documents", "insert_accounts_and_sessions", "mark_filled"])
async def test_a_run_that_fails_anywhere_is_completed_by_the_next(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    calls = 0
    real = getattr(DemoWriter, step)

    async def failing(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionError("the server went away")
        await real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(DemoWriter, step, failing)
        with pytest.raises(ExceptionGroup):
            await fill(stores, invented_hospitals(4), TODAY, quietly)
    await fill(stores, invented_hospitals(4), TODAY, quietly)
    await everything_stands(stores, hospitals=4)


async def test_a_killed_process_leaves_nothing_that_the_next_cannot_complete(
    stores: Stores, endpoints: Endpoints
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.demo", "--scale", str(SERIES)),
        env={
            **os.environ,
            "DATABASE_URL": endpoints.database_url,
            "MONGODB_URL": endpoints.mongodb_url,
            "REDIS_URL": endpoints.redis_url,
        },
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await something_is_written(stores)
    finally:
        process.kill()
        await process.wait()

    await ensure_nothing_is_sold_without_its_text(stores)
    # The dead process may have begun on another day than this test's.
    await fill(stores, invented_hospitals(SERIES), await day_of_the_killed_run(stores), quietly)
    await everything_stands(stores, hospitals=SERIES)


async def something_is_written(stores: Stores) -> None:
    async with asyncio.timeout(60):
        while True:
            if await text_ids(stores, CODES[-SERIES:]):
                return
            await asyncio.sleep(0.01)


async def day_of_the_killed_run(stores: Stores) -> date:
    document = await stores.catalogue.database["schedule"].find_one({"hospital_code": {"$in": CODES[-SERIES:]}})
    assert document is not None
    day: date = document["updated_at"].date()
    return day


async def ensure_nothing_is_sold_without_its_text(stores: Stores) -> None:
    rows = await ledger(stores, CODES[-SERIES:])
    assert rows.keys() <= await text_ids(stores, CODES[-SERIES:])


async def everything_stands(stores: Stores, *, hospitals: int) -> None:
    codes = CODES[-SERIES:][:hospitals]
    rows = await ledger(stores, codes)
    assert len(rows) == hospitals * SESSIONS_PER_SCALE_HOSPITAL
    assert rows.keys() == await text_ids(stores, codes)
    database = stores.catalogue.database
    assert await database["hospital"].count_documents({"_id": {"$in": codes}}) == hospitals
    assert await database["department"].count_documents({"hospital_code": {"$in": codes}}) == hospitals * 30
    assert await database["doctor"].count_documents({"hospital_code": {"$in": codes}}) == hospitals * 75


async def test_two_processes_at_once_write_it_once(stores: Stores) -> None:
    one, other = await asyncio.gather(
        fill(stores, invented_hospitals(3), TODAY, quietly), fill(stores, invented_hospitals(3), TODAY, quietly)
    )
    assert sorted([one.sessions, other.sessions]) == [0, 3 * SESSIONS_PER_SCALE_HOSPITAL]
    await everything_stands(stores, hospitals=3)


async def test_a_mark_without_its_hospital_is_not_believed(stores: Stores) -> None:
    await DemoWriter(stores).mark_filled(CODES[-SERIES], TODAY + timedelta(days=100))
    await fill(stores, invented_hospitals(1), TODAY, quietly)
    await everything_stands(stores, hospitals=1)


async def test_the_command_asks_for_the_servers_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert await main(["--scale", "1"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("nonsense", ["0", "-3", "many"])
async def test_the_command_refuses_a_scale_that_is_none(nonsense: str) -> None:
    with pytest.raises(SystemExit):
        await main(["--scale", nonsense])
