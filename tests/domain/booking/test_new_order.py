"""An order that was just made is answered without reading it: it must be what would be read."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from datasources.sql.booking_order import OrderState
from datasources.sql.booking_statements import Outcome, book_numbers
from datasources.stores import Stores
from domain.booking.new_order import order_of
from tests.booked import NO_LIMITS, new_session

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("state", [OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT, OrderState.PAID])
async def test_an_order_just_made_is_the_one_that_is_stored(stores: Stores, state: OrderState) -> None:
    session, now = await new_session(stores), datetime.now(UTC)
    lapses_at = None if state is OrderState.PAID else now + timedelta(minutes=15)
    attempt = await session.attempt(state, lapses_at)
    attempt = attempt._replace(texts={"hospital": "测试医院", "doctor": "林一鸣"}, fee=Decimal("0.00"))

    [taken] = await book_numbers(stores.sql, [attempt], NO_LIMITS, now)

    assert taken.outcome is Outcome.TAKEN
    assert taken.number is not None
    stored = await session.order(attempt.id)
    assert order_of(attempt, taken.number, now).model_dump() == stored.model_dump()


async def test_fees_keep_their_two_places(stores: Stores) -> None:
    session, now = await new_session(stores), datetime.now(UTC)
    attempt = await session.attempt(OrderState.PAID, None)
    [taken] = await book_numbers(stores.sql, [attempt._replace(fee=Decimal("0.00"))], NO_LIMITS, now)
    assert taken.number == 1
    stored = await session.order(attempt.id)
    made = order_of(attempt._replace(fee=Decimal("0.00")), 1, now)
    assert (str(made.fee), str(made.paid_amount)) == (str(stored.fee), str(stored.paid_amount))
