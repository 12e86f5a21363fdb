"""Any steps that orders of one session take, in any order: the ledger counts what they hold, at every moment."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasources.sql.booking_order import HOLDING, OrderState
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.booking.order_states import TRANSITIONS, OrderStep, StepNotPossible
from tests.booked import at, new_session
from tests.order_steps import assert_true, row_of, step

NOW = at("08:00")
FIRST = (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT, OrderState.PAID)
ORDERS = 3


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    firsts=st.lists(st.sampled_from(FIRST), min_size=ORDERS, max_size=ORDERS),
    steps=st.lists(st.tuples(st.integers(0, ORDERS - 1), st.sampled_from(OrderStep)), max_size=12),
)
async def test_the_ledger_counts_what_orders_hold(
    stores: Stores, firsts: list[OrderState], steps: list[tuple[int, OrderStep]]
) -> None:
    session = await new_session(stores)
    orders = [await session.book(first) for first in firsts]
    for which, taken in steps:
        before = OrderState((await row_of(stores, orders[which].id)).state)
        after = TRANSITIONS.get((before, taken))
        waits = after in (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT)
        values = {"lapses_at": at("09:00") if waits else None, "paid_amount": Decimal("9.67")}
        try:
            row = await step(stores, orders[which].id, taken, NOW, **values)
        except StepNotPossible:
            assert after is None
        else:
            assert row.state == after
        await assert_true(stores, session.schedule_id)
    held = [(await row_of(stores, order.id)).state in HOLDING for order in orders]
    async with stores.sql.read() as reading:
        ledger = await reading.get(SlotLedger, session.schedule_id)
        assert ledger is not None
        assert ledger.taken == sum(held)
