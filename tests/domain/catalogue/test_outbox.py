"""A push survives whatever kills its process: it is wholly there in the end, or wholly not."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from datasources.mongo.documents import ScheduleDocument
from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.catalogue import outbox, schedules
from domain.catalogue.push import PushOutcome, push
from server.embedded.data_lock import Endpoints
from tests.domain.catalogue.killed_push import MOMENTS
from tests.domain.catalogue.requests import NOW, SHANGHAI, hospital_with_a_department, request_for


@pytest.fixture
async def bound(stores: Stores) -> Stores:
    """The stores, their documents bound whatever an earlier test left."""
    await stores.catalogue.bind()
    return stores


async def killed_push(endpoints: Endpoints, hospital_code: str, moment: str) -> None:
    """Start a push in a process of its own, which dies by SIGKILL at this moment."""
    environment = os.environ | {
        "DATABASE_URL": endpoints.database_url,
        "MONGODB_URL": endpoints.mongodb_url,
        "REDIS_URL": endpoints.redis_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.domain.catalogue.killed_push", moment, hospital_code, env=environment
    )
    assert await process.wait() == -signal.SIGKILL


async def stored(stores: Stores, hospital_code: str) -> tuple[int, int, list[bool]]:
    """Sessions in the ledger, texts in MongoDB, and for each record of a push whether it is applied."""
    async with stores.sql.read() as session:
        rows = (await session.exec(select(SlotLedger).where(SlotLedger.hospital_code == hospital_code))).all()
        pushes = (await session.exec(select(CataloguePush).where(CataloguePush.hospital_code == hospital_code))).all()
    texts = await ScheduleDocument.find({"hospital_code": hospital_code}).count()
    return len(rows), texts, [each.applied_at is not None for each in pushes]


async def test_killed_before_the_commit_nothing_was_pushed(bound: Stores, endpoints: Endpoints) -> None:
    code = await hospital_with_a_department(bound)
    await killed_push(endpoints, code, "before the commit")
    assert await stored(bound, code) == (0, 0, [])
    outcome = await push(bound, request_for(code), schedules.plan_upsert(SHANGHAI))
    assert isinstance(outcome, PushOutcome)
    assert (outcome.created, outcome.replayed) == (2, False)


@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != "before the commit"])
async def test_killed_after_the_commit_the_relay_finishes_the_push(
    bound: Stores, endpoints: Endpoints, moment: str
) -> None:
    code = await hospital_with_a_department(bound)
    await killed_push(endpoints, code, moment)
    written = 2 if moment == "between MongoDB and its record" else 0
    assert await stored(bound, code) == (2, written, [False])
    await outbox.relay(bound, NOW)
    assert await stored(bound, code) == (2, 2, [True])
    assert await outbox.apply_waiting(bound, code, NOW) == 0


async def test_the_same_call_again_finishes_what_was_killed_and_answers_as_it_would_have(
    bound: Stores, endpoints: Endpoints
) -> None:
    code = await hospital_with_a_department(bound)
    await killed_push(endpoints, code, "between the commit and MongoDB")
    outcome = await push(bound, request_for(code), schedules.plan_upsert(SHANGHAI))
    assert isinstance(outcome, PushOutcome)
    assert (outcome.created, outcome.replayed) == (2, True)
    assert await stored(bound, code) == (2, 2, [True])


async def test_a_later_push_comes_after_the_one_that_was_killed(bound: Stores, endpoints: Endpoints) -> None:
    code = await hospital_with_a_department(bound)
    await killed_push(endpoints, code, "between the commit and MongoDB")
    await push(bound, request_for(code, key="later", doctor_name="许知远"), schedules.plan_upsert(SHANGHAI))
    await outbox.relay(bound, NOW)
    text = await ScheduleDocument.get(f"{code}:a")
    assert text is not None
    assert (text.doctor_name, text.revision) == ("许知远", 2)


async def test_many_relays_at_once_leave_the_last_push(bound: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    code = await hospital_with_a_department(bound)
    plan = schedules.plan_upsert(SHANGHAI)

    async def nothing_now(*_: object) -> int:
        return 0

    async def nothing_waits(*_: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr("domain.catalogue.push.apply_waiting", nothing_now)
        patch.setattr("datasources.sql.catalogue_push.CataloguePushes.has_waiting", nothing_waits)
        for number in range(8):
            await push(bound, request_for(code, key=str(number), doctor_name=f"医生{number}"), plan)
    applied = await asyncio.gather(*(outbox.apply_waiting(bound, code, NOW) for _ in range(6)))
    assert sum(applied) == 8
    text = await ScheduleDocument.get(f"{code}:b")
    assert text is not None
    assert (text.doctor_name, text.revision) == ("医生7", 8)


async def test_an_applied_push_lets_go_of_its_documents(bound: Stores) -> None:
    code = await hospital_with_a_department(bound)
    await push(bound, request_for(code), schedules.plan_upsert(SHANGHAI))
    async with bound.sql.read() as session:
        record = (await session.exec(select(CataloguePush).where(CataloguePush.hospital_code == code))).one()
    assert record.documents is None
    assert record.outcome["created"] == 2


async def test_a_push_can_be_repeated_for_ninety_days(bound: Stores) -> None:
    code = await hospital_with_a_department(bound)
    await push(bound, request_for(code), schedules.plan_upsert(SHANGHAI))
    made = datetime.now(UTC)
    await outbox.forget_old_pushes(bound, made + outbox.KEY_LIFETIME - timedelta(minutes=1))
    assert (await stored(bound, code))[2] == [True]
    assert await outbox.forget_old_pushes(bound, made + outbox.KEY_LIFETIME + timedelta(minutes=1)) >= 1
    assert await stored(bound, code) == (2, 2, [])
