"""What happens to orders in tests where the graph has no way yet: steps, and what came of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.order_event import OrderEventRow
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from domain.global_id import node_reference
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from tests.booking import Booker
from tests.ledger import assert_ledger_true
from tests.platform import Platform


def key_of(order_id: str) -> UUID:
    """What an order's global id names."""
    return UUID(node_reference(order_id).key)


async def later(platform: Platform, booker: Booker, now: datetime) -> Booker:
    """Set the clock, and sign the booker in anew: tokens live for minutes."""
    platform.clock.now = now
    async with platform.stores.sql.unit_of_work() as session:
        tokens = await start_session(session, platform.ring, Account.of_user(booker.user_key), Origin(now))
    return replace(booker, token=tokens.access_token.get_secret_value())


async def row_of(stores: Stores, id: UUID) -> BookingOrder:
    """The order's row as it is now."""
    async with stores.sql.read() as session:
        order = await BookingOrders(session).get(id)
    assert order is not None
    return order


async def step(stores: Stores, id: UUID, step: OrderStep, now: datetime, **values: Any) -> BookingOrder:
    """Take a step as some part of the platform does."""
    async with stores.sql.unit_of_work() as session:
        order = await BookingOrders(session).get(id, for_change=True)
        assert order is not None
        return await take_step(session, order, step, Actor.system("test", now), values=values)


async def pay(stores: Stores, id: UUID, now: datetime) -> BookingOrder:
    """The order's whole fee arrives."""
    fee = (await row_of(stores, id)).fee
    return await step(stores, id, OrderStep.PAY, now, paid_amount=Decimal(fee))


async def events_of(stores: Stores, id: UUID) -> Sequence[OrderEventRow]:
    """The order's history."""
    async with stores.sql.read() as session:
        found = await session.exec(
            select(OrderEventRow).where(col(OrderEventRow.order_id) == id).order_by(col(OrderEventRow.id))
        )
        return found.all()


async def assert_true(stores: Stores, *schedule_ids: str) -> None:
    """The ledgers of these sessions are true."""
    async with stores.sql.read() as session:
        for schedule_id in schedule_ids:
            await assert_ledger_true(session, schedule_id)
