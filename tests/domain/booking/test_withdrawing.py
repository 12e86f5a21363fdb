"""A withdrawn session's orders are all cancelled, each once, whatever dies in the middle."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from datasources.sql.booking_order import OrderState
from datasources.sql.order_sweeps import OrderSweeps
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.booking.order_states import OrderStep
from domain.booking.withdrawing import BATCH, LOOKED_BACK, cancel_withdrawn
from server.embedded.data_lock import Endpoints
from tests.booked import DAY, Session, at, new_session
from tests.domain.booking.killed_withdrawal import BATCHES
from tests.order_steps import assert_true, events_of, row_of, step

NOW = at("09:00", DAY - timedelta(days=1))
TODAY = DAY - timedelta(days=1)
MANY = 2_000

# Copies the session's only order under other people's names, as if they had booked one after another.
_COPY = text("""
    INSERT INTO booking_order (
        id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id, hospital_code,
        department_code, visit_date, half_day, number, state, fee, paid_amount, cancel_until, fetch_address, texts,
        idempotency_key, request_hash, created_at, state_changed_at)
    SELECT gen_random_uuid(), order_number || '-' || n, user_id, patient_id, decode(lpad(to_hex(n), 32, '0'), 'hex'),
           masked_patient_name, schedule_id, hospital_code, department_code, visit_date, half_day, n, state,
           CASE WHEN n % 2 = 0 THEN 9.67 ELSE 0 END, CASE WHEN n % 2 = 0 THEN 9.67 ELSE 0 END, cancel_until,
           fetch_address, texts, idempotency_key || n, request_hash, created_at, state_changed_at
      FROM booking_order, generate_series(2, :many) AS n
     WHERE schedule_id = :schedule_id
""")
_COUNTED = text("UPDATE slot_ledger SET taken = :many, next_number = :many + 1 WHERE schedule_id = :schedule_id")
_STATES = text("SELECT state, count(*) FROM booking_order WHERE schedule_id = :schedule_id GROUP BY state")
_MOST_EVENTS = text("""
    SELECT max(events) FROM (
        SELECT count(*) AS events FROM order_event e JOIN booking_order o ON o.id = e.order_id
         WHERE o.schedule_id = :schedule_id AND e.event LIKE 'WITHDRAW%' GROUP BY e.order_id) AS each
""")


async def withdraw(stores: Stores, session: Session) -> None:
    """As a push does."""
    async with stores.sql.unit_of_work() as writing:
        which = col(SlotLedger.schedule_id) == session.schedule_id
        await writing.exec(update(SlotLedger).where(which).values(status="WITHDRAWN"))


async def full_session(stores: Stores, many: int) -> Session:
    """A session with so many paid orders, every second of them for 9.67."""
    session = await new_session(stores, capacity=many)
    await session.book()
    values = {"many": many, "schedule_id": session.schedule_id}
    async with stores.sql.unit_of_work() as writing:
        connection = await writing.connection()
        await connection.execute(_COPY, values)
        await connection.execute(_COUNTED, values)
    return session


async def states(stores: Stores, session: Session) -> Counter[str]:
    """How many orders of the session stand where."""
    async with stores.sql.read() as reading:
        rows = await (await reading.connection()).execute(_STATES, {"schedule_id": session.schedule_id})
        return Counter({row[0]: row[1] for row in rows})


async def test_every_live_order_is_cancelled_and_what_was_paid_is_promised_back(stores: Stores) -> None:
    session = await new_session(stores)
    waiting = await session.book(OrderState.AWAITING_PAYMENT)
    pending = await session.book(OrderState.PENDING_HOSPITAL)
    paid, there = await session.book(OrderState.AWAITING_PAYMENT), await session.book()
    missed = await session.book()
    await step(stores, paid.id, OrderStep.PAY, NOW, paid_amount=Decimal("9.67"))
    await step(stores, there.id, OrderStep.CHECK_IN, NOW)
    await step(stores, missed.id, OrderStep.MISS, NOW)
    await withdraw(stores, session)

    await cancel_withdrawn(stores.sql, TODAY, NOW)
    await cancel_withdrawn(stores.sql, TODAY, NOW)

    found = [(await row_of(stores, order.id)).state for order in (waiting, pending, paid, there, missed)]
    assert found == ["CANCELLED", "CANCELLED", "REFUNDING", "CANCELLED", "NO_SHOW"]
    last = (await events_of(stores, paid.id))[-1]
    assert (last.event, last.reason, last.actor_kind) == ("WITHDRAW_PAID", "SESSION_WITHDRAWN", "system")
    after = await row_of(stores, paid.id)
    assert (after.paid_amount, after.ended_because) == (Decimal("9.67"), "SESSION_WITHDRAWN")
    await assert_true(stores, session.schedule_id)


async def test_sessions_that_are_sold_keep_their_orders(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()

    await cancel_withdrawn(stores.sql, TODAY, NOW)

    assert (await row_of(stores, order.id)).state == OrderState.PAID


async def test_many_sweeps_at_once_cancel_each_of_two_thousand_once(stores: Stores) -> None:
    session = await full_session(stores, MANY)
    await withdraw(stores, session)

    began = time.monotonic()
    await asyncio.gather(*(cancel_withdrawn(stores.sql, TODAY, NOW) for _ in range(2)))
    print(f"{MANY} orders cancelled in {time.monotonic() - began:.1f} s")  # noqa: T201 - a figure, not a check

    assert await states(stores, session) == {"CANCELLED": MANY // 2, "REFUNDING": MANY // 2}
    async with stores.sql.read() as reading:
        found = await (await reading.connection()).execute(_MOST_EVENTS, {"schedule_id": session.schedule_id})
        assert found.scalar_one() == 1
        assert await OrderSweeps(reading).held([session.schedule_id]) == set()
    await assert_true(stores, session.schedule_id)


async def test_killed_in_the_middle_the_next_run_finishes(stores: Stores, endpoints: Endpoints) -> None:
    many = BATCHES * BATCH + 100
    session = await full_session(stores, many)
    await withdraw(stores, session)
    environment = os.environ | {"DATABASE_URL": endpoints.database_url}
    program = ("-m", "tests.domain.booking.killed_withdrawal", TODAY.isoformat(), NOW.isoformat())
    process = await asyncio.create_subprocess_exec(sys.executable, *program, env=environment)
    assert await process.wait() == -signal.SIGKILL

    # What its transaction had done is undone; the batches before it stand.
    assert (await states(stores, session))["PAID"] == many - BATCH
    await assert_true(stores, session.schedule_id)

    await cancel_withdrawn(stores.sql, TODAY, NOW)
    assert await states(stores, session) == {"CANCELLED": many // 2, "REFUNDING": many // 2}
    await assert_true(stores, session.schedule_id)


@pytest.mark.parametrize(("days", "swept"), [(0, True), (LOOKED_BACK.days, True), (LOOKED_BACK.days + 1, False)])
async def test_sessions_of_long_ago_are_left_alone(stores: Stores, days: int, swept: bool) -> None:
    session = await new_session(stores)
    order = await session.book()
    await withdraw(stores, session)

    await cancel_withdrawn(stores.sql, DAY + timedelta(days=days), NOW)

    assert ((await row_of(stores, order.id)).state == OrderState.CANCELLED) == swept
