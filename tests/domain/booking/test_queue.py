"""Running a session's queue: each is called once, the absent later, and the screen names nobody."""

import asyncio
import dataclasses
import uuid
from datetime import timedelta

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.session_queues import SessionQueues
from datasources.sql.slot_ledger import HalfDay
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import check_in_own
from domain.booking.order_states import OrderStep
from domain.booking.queue import (
    CallAnswer,
    NextCall,
    NotCalled,
    NotInQueue,
    PatientCalled,
    PatientPassedOver,
    QueueEmpty,
    VisitCompleted,
    call_next,
    complete_visit,
    pass_over,
)
from domain.booking.queue_display import DisplaySelection, queue_display
from domain.booking.transitions import take_step
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound
from tests.booked import DAY, POLICY, Session, at, new_session
from tests.ledger import assert_ledger_true

CLERK = Actor("staff", "clerk", at("08:30"))


async def with_patients(stores: Stores, count: int) -> tuple[Session, list[BookingOrder]]:
    session = await new_session(stores)
    orders = [await session.book() for _ in range(count)]
    for order in orders:
        await arrive(session, order)
    return session, orders


async def arrive(session: Session, order: BookingOrder) -> None:
    actor = Actor("user", str(order.user_id), at("08:00"))
    await check_in_own(session.stores.sql, POLICY, actor, order.user_id, order.id)


async def call(session: Session, key: str | None = None, *, room: str = "3 诊室", hospital: str = "") -> CallAnswer:
    code = hospital or session.hospital_code
    return await call_next(
        session.stores.sql, NextCall(code, session.schedule_id, room, key or uuid.uuid4().hex, CLERK)
    )


async def called(session: Session) -> int:
    answer = await call(session)
    assert isinstance(answer, PatientCalled), answer
    return answer.order.number


async def ahead(session: Session, orders: list[BookingOrder]) -> list[int]:
    async with session.stores.sql.read() as read:
        places = await SessionQueues(read).places([order.id for order in orders])
    return [places[order.id].ahead for order in orders]


async def test_people_are_called_in_order_and_those_behind_move_up(stores: Stores) -> None:
    session, orders = await with_patients(stores, 3)
    assert await ahead(session, orders) == [0, 1, 2]
    first = await call(session)
    assert isinstance(first, PatientCalled)
    assert (first.order.number, first.place.room, first.place.times_called) == (1, "3 诊室", 1)
    assert await ahead(session, orders) == [0, 0, 1]
    assert [await called(session), await called(session)] == [2, 3]
    assert await call(session) == QueueEmpty()


async def test_the_same_call_again_calls_nobody_else(stores: Stores) -> None:
    session, _ = await with_patients(stores, 3)
    answers = await asyncio.gather(*(call(session, "k") for _ in range(10)))
    assert {each.order.number for each in answers if isinstance(each, PatientCalled)} == {1}
    assert await call(session, "k", room="4 诊室") == IdempotencyKeyReused("k")
    assert await called(session) == 2


async def test_desks_that_call_at_once_call_different_people(stores: Stores) -> None:
    session, _ = await with_patients(stores, 10)
    assert sorted(await asyncio.gather(*(called(session) for _ in range(10)))) == list(range(1, 11))


async def test_whoever_comes_late_is_called_after_those_who_are_there(stores: Stores) -> None:
    session = await new_session(stores)
    orders = [await session.book() for _ in range(5)]
    for index in (1, 2):
        await arrive(session, orders[index])
    assert await called(session) == 2
    await arrive(session, orders[0])
    await arrive(session, orders[4])
    await arrive(session, orders[3])
    assert [await called(session) for _ in range(4)] == [3, 1, 4, 5]


async def test_whoever_is_not_there_waits_behind_the_next_three(stores: Stores) -> None:
    session, orders = await with_patients(stores, 6)
    assert await pass_over(stores.sql, session.hospital_code, orders[0].id, CLERK) == NotCalled()
    assert await called(session) == 1
    for _ in range(2):
        passed = await pass_over(stores.sql, session.hospital_code, orders[0].id, CLERK)
        assert isinstance(passed, PatientPassedOver)
        assert (passed.place.ahead, passed.place.called_at, passed.place.times_called) == (3, None, 1)
    assert [await called(session) for _ in range(6)] == [2, 3, 4, 1, 5, 6]


async def test_a_visit_ends_once(stores: Stores) -> None:
    session, orders = await with_patients(stores, 2)
    await called(session)
    answers = await asyncio.gather(
        *(complete_visit(stores.sql, session.hospital_code, orders[0].id, CLERK) for _ in range(5))
    )
    assert {type(answer) for answer in answers} == {VisitCompleted}
    assert await ahead(session, orders) == [0, 0]
    assert await pass_over(stores.sql, session.hospital_code, orders[0].id, CLERK) == NotInQueue(OrderState.COMPLETED)
    async with stores.sql.read() as read:
        await assert_ledger_true(read, session.schedule_id)


async def test_who_called_passed_over_and_saw_off_is_on_record_once(stores: Stores) -> None:
    session, orders = await with_patients(stores, 2)
    key = uuid.uuid4().hex
    for _ in range(2):
        await call(session, key)
    for _ in range(2):
        await pass_over(stores.sql, session.hospital_code, orders[0].id, CLERK)
    for _ in range(2):
        await complete_visit(stores.sql, session.hospital_code, orders[0].id, CLERK)
    async with stores.sql.read() as read:
        entries = await AuditReads(read).page(AuditCriteria(subject_id=str(orders[0].id)), None, 9)
    acts = [(each.action, each.actor_kind, each.actor_id, each.hospital_code, each.detail) for each in entries]
    whose = ("staff", "clerk", session.hospital_code)
    assert sorted(acts) == [
        ("PATIENT_CALLED", *whose, {"room": "3 诊室"}),
        ("PATIENT_PASSED_OVER", *whose, {}),
        ("VISIT_COMPLETED", *whose, {}),
    ]


async def test_only_who_is_there_can_be_done(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    assert await complete_visit(stores.sql, session.hospital_code, order.id, CLERK) == NotInQueue(OrderState.PAID)
    assert await pass_over(stores.sql, session.hospital_code, order.id, CLERK) == NotInQueue(OrderState.PAID)


async def test_another_hospital_finds_nothing(stores: Stores) -> None:
    session, orders = await with_patients(stores, 1)
    other = (await new_session(stores)).hospital_code
    assert await call(session, hospital=other) == NotFound()
    assert await pass_over(stores.sql, other, orders[0].id, CLERK) == NotFound()
    assert await complete_visit(stores.sql, other, orders[0].id, CLERK) == NotFound()
    assert await called(session) == 1


async def test_what_a_call_says_is_checked(stores: Stores) -> None:
    session, _ = await with_patients(stores, 1)
    assert isinstance(await call(session, "k" * 129), InvalidInput)
    assert isinstance(await call(session, room="室" * 41), InvalidInput)


async def test_whose_order_the_hospital_ends_is_in_nobodys_way(stores: Stores) -> None:
    session, orders = await with_patients(stores, 3)
    async with stores.sql.unit_of_work() as work:
        await take_step(work, await session.order(orders[0].id), OrderStep.WITHDRAW, CLERK)
    assert await ahead(session, orders[1:]) == [0, 1]
    assert await called(session) == 2


async def test_the_screen_shows_numbers_and_surnames_of_today(stores: Stores) -> None:
    session = await new_session(stores)
    orders = [await session.book(name=name) for name in ("张*", "欧**娜", "李*", "王*")]
    for order in orders[:3]:
        await arrive(session, order)
    await called(session)
    await called(session)
    selection = DisplaySelection(session.hospital_code, session.department_code, DAY, HalfDay.AM)
    (queue,) = (await queue_display(stores.sql, POLICY, selection, at("09:00"))).queues
    assert [(each.number, each.surname, each.room) for each in queue.called] == [
        (2, "欧", "3 诊室"),
        (1, "张", "3 诊室"),
    ]
    assert [(each.number, each.surname) for each in queue.waiting] == [(3, "李")]
    assert queue.waiting_count == 1

    await complete_visit(stores.sql, session.hospital_code, orders[0].id, CLERK)
    (queue,) = (await queue_display(stores.sql, POLICY, selection, at("09:00"))).queues
    assert [each.number for each in queue.called] == [2]

    afternoon = dataclasses.replace(selection, half_day=HalfDay.PM)
    assert (await queue_display(stores.sql, POLICY, afternoon, at("09:00"))).queues == []
    assert (await queue_display(stores.sql, POLICY, selection, at("09:00") + timedelta(days=1))).queues == []
