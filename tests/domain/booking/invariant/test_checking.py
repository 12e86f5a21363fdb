"""A check finds each thing that a hand can put wrong, and nothing else, however busy the sessions are."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind, write_changes
from datasources.mongo.documents import ScheduleDocument
from datasources.mongo.schedule_keys import ScheduleKeys
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.catalogue_push import CataloguePush, CataloguePushes
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import check_in_own
from domain.booking.invariant.checking import SESSIONS_AT_ONCE, TEXTS_AT_ONCE, Checked, check_sessions
from domain.booking.invariant.findings import FindingKind
from domain.booking.invariant.repairs import repair
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from tests.booked import POLICY, Session, at, new_session

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
K = FindingKind
TAKEN, LOST, TWICE, NEVER = K.TAKEN_MISCOUNTED, K.NUMBER_LOST, K.NUMBER_DOUBLED, K.NUMBER_NEVER_ISSUED


async def put_text(session: Session, revision: int = 0) -> None:
    document = {"hospital_code": session.hospital_code, "external_id": "x", "doctor_name": "林一鸣"}
    change = DocumentChange(kind=DocumentKind.SCHEDULE, id=session.schedule_id, document=document)
    await write_changes([change], revision, NOW)


async def a_session(stores: Stores, orders: int = 3) -> Session:
    """With three orders and a returned number: 1, 2 and 4 are held, 3 is back."""
    session = await new_session(stores)
    await put_text(session)
    for _ in range(orders):
        await session.book()
    if orders == 3:
        await cancel(session, 2)
        await session.book()
        await session.book()
        await cancel(session, 2)
    return session


async def cancel(session: Session, index: int) -> None:
    actor = Actor("user", "u", NOW)
    async with session.stores.sql.unit_of_work() as work:
        order = await BookingOrders(work).get(session.orders.pop(index), for_change=True)
        assert order is not None
        await take_step(work, order, OrderStep.CANCEL, actor)


async def by_hand(session: Session, *statements: str) -> None:
    values: Mapping[str, Any] = {
        "s": session.schedule_id,
        "first": session.orders[0],
        "second": session.orders[1],
    }
    async with session.stores.sql.unit_of_work() as work:
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await (await work.connection()).execute(text(statement), used)


def kinds(checked: Checked) -> Counter[FindingKind]:
    return Counter(finding.kind for finding in checked.findings)


LEDGER = "UPDATE slot_ledger SET {} WHERE schedule_id = :s"
FIRST = "UPDATE booking_order SET {} WHERE id = :first"
SECOND = "UPDATE booking_order SET {} WHERE id = :second"
ENTRY = """INSERT INTO waitlist_entry (id, user_id, patient_id, person, masked_patient_name, schedule_id, state, number,
             joined_at, offered_at, offer_until)
           SELECT gen_random_uuid(), user_id, patient_id, '\\x01', '', schedule_id, 'OFFERED', {}, now(), now(), now()
             FROM booking_order WHERE id = :first"""

PLANTED: dict[str, tuple[list[str], set[FindingKind]]] = {
    "a number sold to nobody": ([LEDGER.format("taken = taken + 1, next_number = next_number + 1")], {TAKEN, LOST}),
    "a sale forgotten": ([LEDGER.format("taken = taken - 1, next_number = next_number - 1")], {TAKEN, NEVER}),
    "a number given back while somebody has it": (
        [LEDGER.format("taken = taken - 1, returned_numbers = ARRAY[1] || returned_numbers")],
        {TAKEN, TWICE},
    ),
    "an order cancelled without its number": ([FIRST.format("state = 'CANCELLED'")], {TAKEN, LOST}),
    "an order with a number that was never issued": ([FIRST.format("number = 99")], {LOST, NEVER}),
    "an order with a returned number": ([FIRST.format("number = 3")], {LOST, TWICE}),
    "a returned number for sale twice": (
        [LEDGER.format("returned_numbers = returned_numbers || 3, next_number = next_number + 1")],
        {TWICE, LOST},
    ),
    "an order of another day": ([FIRST.format("visit_date = visit_date + 1")], {K.ORDER_ELSEWHERE}),
    "an order of another hospital": ([FIRST.format("hospital_code = 'elsewhere'")], {K.ORDER_ELSEWHERE}),
    "two orders of one person": (
        [
            SECOND.format("half_day = 'PM'"),
            SECOND.format("person = (SELECT person FROM booking_order WHERE id = :first)"),
        ],
        {K.ORDER_ELSEWHERE, K.PERSON_DOUBLED},
    ),
    "an offer of somebody's number": ([ENTRY.format("1")], {TAKEN, TWICE}),
    "an offer of a returned number": ([ENTRY.format("3")], {TAKEN, TWICE}),
    "people counted who do not wait": ([LEDGER.format("waiting = 2")], {K.WAITING_MISCOUNTED}),
}


@pytest.mark.parametrize("what", PLANTED)
async def test_what_is_put_wrong_by_hand_is_found(stores: Stores, what: str) -> None:
    statements, expected = PLANTED[what]
    wrong, right = await a_session(stores), await a_session(stores)
    assert (await check_sessions(stores)).findings == []
    await by_hand(wrong, *statements)
    checked = await check_sessions(stores)
    assert set(kinds(checked)) == expected
    assert {finding.schedule_id for finding in checked.findings} == {wrong.schedule_id}
    assert checked.sessions == 2
    assert right.schedule_id != wrong.schedule_id


async def test_a_session_as_offers_and_waiting_leave_it_is_right(stores: Stores) -> None:
    session = await a_session(stores)
    await by_hand(
        session,
        ENTRY.format("3"),
        LEDGER.format("returned_numbers = '{}', taken = taken + 1, waiting = 1"),
        "INSERT INTO waitlist_entry (id, user_id, patient_id, person, masked_patient_name, schedule_id, state,"
        " joined_at) SELECT gen_random_uuid(), user_id, patient_id, '\\x02', '', schedule_id, 'WAITING', now()"
        " FROM booking_order WHERE id = :first",
    )
    assert (await check_sessions(stores)).findings == []


async def test_a_storm_of_booking_cancelling_and_checking_in_alarms_nobody(stores: Stores) -> None:
    sessions = [await new_session(stores, capacity=15) for _ in range(8)]
    for session in sessions:
        await put_text(session)
    chance = random.Random(7)
    over = asyncio.Event()
    runs = 0

    async def watch() -> None:
        nonlocal runs
        while not over.is_set():
            checked = await check_sessions(stores)
            assert checked.findings == []
            assert checked.sessions == len(sessions)
            runs += 1

    async def one(session: Session, choice: float) -> None:
        order = await session.try_to_book()
        if order is None or choice < 0.2:
            return
        actor = Actor("user", str(order.user_id), at("08:00"))
        if choice < 0.4:
            await check_in_own(stores.sql, POLICY, actor, order.user_id, order.id)
            return
        async with stores.sql.unit_of_work() as work:
            held = await BookingOrders(work).get(order.id, for_change=True)
            assert held is not None
            await take_step(work, held, OrderStep.CANCEL, actor)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(one(sessions[number % len(sessions)], chance.random()) for number in range(200)))
    over.set()
    await watching
    assert runs >= 3
    assert (await check_sessions(stores)).findings == []


async def test_only_what_changed_is_looked_at_when_asked_so(stores: Stores) -> None:
    old, new, named = [await a_session(stores) for _ in range(3)]
    for session, moment in ((old, NOW - timedelta(days=1)), (named, NOW - timedelta(days=1)), (new, NOW)):
        async with stores.sql.unit_of_work() as work:
            await (await work.connection()).execute(
                text("UPDATE slot_ledger SET updated_at = :moment, waiting = 1 WHERE schedule_id = :s"),
                {"moment": moment, "s": session.schedule_id},
            )
    checked = await check_sessions(stores, changed_since=NOW, besides=[named.schedule_id])
    assert {finding.schedule_id for finding in checked.findings} == {new.schedule_id, named.schedule_id}
    assert checked.sessions == 2


async def test_more_than_one_batch_is_all_looked_at(stores: Stores) -> None:
    sessions, texts = 2 * SESSIONS_AT_ONCE + 1, 2 * TEXTS_AT_ONCE + 1
    pattern = await new_session(stores)
    await put_text(pattern)
    async with stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(
            text("""
                INSERT INTO slot_ledger (schedule_id, hospital_code, department_code, external_id, visit_date, half_day,
                                         status, fee, capacity)
                SELECT hospital_code || ':' || n, hospital_code, department_code, n::text, visit_date, half_day,
                       status, fee, capacity FROM slot_ledger, generate_series(1, :count) AS n
            """),
            {"count": sessions - 1},
        )
    documents = [{"_id": f"nobody:{number}", "hospital_code": "nobody", "revision": 1} for number in range(texts)]
    await ScheduleDocument.get_pymongo_collection().insert_many(documents)
    checked = await check_sessions(stores)
    assert checked.sessions == sessions
    assert kinds(checked) == {K.TEXT_MISSING: sessions - 1, K.TEXT_ORPHANED: texts}


async def test_those_who_wait_are_counted_again(stores: Stores) -> None:
    session = await a_session(stores)
    await by_hand(session, LEDGER.format("waiting = 7"))
    checked = await check_sessions(stores)
    assert [each.kind for each in await repair(stores, checked, NOW)] == [K.WAITING_MISCOUNTED]
    assert (await check_sessions(stores)).findings == []
    # What holds by now stays as it is.
    assert len(await repair(stores, checked, NOW)) == 1
    assert (await check_sessions(stores)).findings == []


async def test_a_breach_is_never_mended(stores: Stores) -> None:
    session = await a_session(stores)
    await by_hand(session, FIRST.format("state = 'CANCELLED'"))
    checked = await check_sessions(stores)
    assert await repair(stores, checked, NOW) == []
    assert kinds(await check_sessions(stores)) == kinds(checked)


async def test_a_session_without_its_text_is_found_and_left(stores: Stores) -> None:
    session = await new_session(stores)
    checked = await check_sessions(stores)
    assert [(each.kind, each.schedule_id) for each in checked.findings] == [(K.TEXT_MISSING, session.schedule_id)]
    assert await repair(stores, checked, NOW) == []


async def test_a_push_on_its_way_is_no_drift(stores: Stores) -> None:
    session = await new_session(stores)
    async with stores.sql.unit_of_work() as work:
        push = CataloguePush(
            hospital_code=session.hospital_code,
            idempotency_key="k",
            operation="upsertSchedules",
            request_hash=bytes(32),
            revision=1,
            outcome={},
            documents=[],
        )
        await CataloguePushes(work).add(push)
    assert (await check_sessions(stores)).findings == []
    orphan = await new_session(stores, hospital_code=session.hospital_code)
    await put_text(orphan)
    async with stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(
            text("DELETE FROM slot_ledger WHERE schedule_id = :s"), {"s": orphan.schedule_id}
        )
    assert (await check_sessions(stores)).findings == []
    async with stores.sql.unit_of_work() as work:
        await CataloguePushes(work).mark_applied(push, NOW)
    assert sorted(kinds(await check_sessions(stores))) == [K.TEXT_MISSING, K.TEXT_ORPHANED]


async def test_a_text_of_no_session_is_deleted_unless_it_is_written_anew(stores: Stores) -> None:
    session = await new_session(stores)
    await put_text(session, revision=1)
    async with stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(text("DELETE FROM slot_ledger"))
    checked = await check_sessions(stores)
    assert list(kinds(checked)) == [K.TEXT_ORPHANED]
    await put_text(session, revision=2)
    await repair(stores, checked, NOW)
    assert len(await ScheduleKeys().present([session.schedule_id])) == 1
    await repair(stores, await check_sessions(stores), NOW)
    assert await ScheduleKeys().present([session.schedule_id]) == set()
    assert (await check_sessions(stores)).findings == []
