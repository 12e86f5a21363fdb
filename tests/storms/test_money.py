"""Notifies lost, doubled, late, forged and out of order; providers that fail before or after they act; workers stopped
anywhere: in the end each order has what its state says, by the provider's own books, and nothing went back twice."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from datasources.payments.channel import ClientKind, Refund, RefundState, Trade, TradeState
from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.sql.square_orders import refunds_under_way
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.cancelling import cancel_order
from domain.booking.lapsing import lapse_order
from domain.booking.order_states import TRANSITIONS, OrderStep
from domain.booking.transitions import take_step
from domain.payments.looking import look_at_payment
from domain.payments.notifying import take_notify
from domain.payments.paying import PayRequest, pay_order
from domain.payments.refunding import run_refund
from tests.domain.payments.channel import SIGNATURE, TestProvider
from tests.domain.payments.money import FEE, NOW, desk_of, new_order, refund_rows
from tests.order_steps import row_of

ORDERS = 3
FEES = (Decimal("9.67"), Decimal("12.01"), Decimal("0.03"))

ACTS = (
    *("offer", "offer", "pay", "pay", "pay", "tell", "tell", "look", "look", "run", "run", "finish", "finish"),
    *("cancel", "lapse", "move", "move", "forge", "fail", "mute", "heal", "later", "tell_refund", "go_wrong"),
)
storm = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, ORDERS - 1), st.integers(0, 2), st.integers(0, 40)),
    min_size=20,
    max_size=45,
)


class MoneyStorm:
    """Three orders, one provider, and a clock that goes on."""

    def __init__(self, stores: Stores, provider: TestProvider, orders: list[BookingOrder]) -> None:
        self.stores = stores
        self.provider = provider
        self.desk = desk_of(stores, provider)
        self.orders = orders
        self.now = NOW

    async def act(self, name: str, which: int, how: int, stopped_after: int) -> None:
        """One act; where it is a worker's or a request's, it may be stopped after so many turns of the loop."""
        work: Callable[[UUID, int], Awaitable[object]] = getattr(self, name)
        task = asyncio.ensure_future(work(self.orders[which].id, how))
        if name in ("offer", "tell", "look", "run", "tell_refund", "cancel", "lapse") and stopped_after > 20:
            for _ in range(stopped_after - 20):
                await asyncio.sleep(0)
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def order(self, id: UUID) -> BookingOrder:
        return await row_of(self.stores, id)

    async def payments(self, id: UUID) -> list[Payment]:
        async with self.stores.sql.read() as session:
            return list((await Payments(session).of_orders([id])).get(id, []))

    async def offer(self, id: UUID, _how: int) -> object:
        order = await self.order(id)
        request = PayRequest(order.user_id, id, self.provider.provider, ClientKind.SCAN, secrets.token_hex(8))
        return await pay_order(self.desk, request, Actor("user", str(order.user_id), self.now))

    async def pay(self, id: UUID, how: int) -> None:
        """Somebody pays whatever the provider still takes, in time or late."""
        for payment in (await self.payments(id))[how:]:
            trade = self.provider.trades.get(payment.trade_number)
            if trade is not None and trade.state is TradeState.NOT_PAID:
                self.provider.pay(payment.trade_number, self.now)
                return

    async def tell(self, id: UUID, how: int) -> None:
        """The provider's message, once or several times at once; under one number or, as a repetition, another."""
        for payment in await self.payments(id):
            trade = self.provider.trades.get(payment.trade_number)
            if trade is not None and trade.state.was_paid:
                said = replace(trade, state=TradeState.PAID)
                await asyncio.gather(*(self._send(said, None if how else payment.trade_number) for _ in range(how + 1)))

    async def tell_refund(self, id: UUID, how: int) -> None:
        for refund in await refund_rows(self.stores, id):
            known = self.provider.refunds.get(refund.refund_number)
            if known is not None and known.state is not RefundState.PROCESSING:
                await asyncio.gather(*(self._send(known) for _ in range(how + 1)))

    async def forge(self, id: UUID, _how: int) -> None:
        for payment in await self.payments(id):
            said = Trade(payment.trade_number, TradeState.PAID, "forged", payment.amount, self.now)
            _, body = self.provider.notice(said)
            answer = await take_notify(self.desk, self.provider, {SIGNATURE: secrets.token_hex(32)}, body, self.now)
            assert answer.status == 400

    async def look(self, id: UUID, how: int) -> None:
        for payment in await self.payments(id):
            await asyncio.gather(*(look_at_payment(self.desk, payment, self.now) for _ in range(how + 1)))

    async def run(self, id: UUID, how: int) -> None:
        for refund in await refund_rows(self.stores, id):
            await asyncio.gather(*(run_refund(self.desk, refund, self.now) for _ in range(how + 1)))

    async def finish(self, id: UUID, how: int) -> None:
        """The provider comes to an end with what it has taken: it is done, or now and then never will be."""
        for refund in await refund_rows(self.stores, id):
            known = self.provider.refunds.get(refund.refund_number)
            if known is not None and known.state is RefundState.PROCESSING:
                self.provider.finish(
                    refund.refund_number, self.now, RefundState.CLOSED if how == 2 else RefundState.SUCCEEDED
                )

    async def go_wrong(self, id: UUID, _how: int) -> None:
        for refund in await refund_rows(self.stores, id):
            known = self.provider.refunds.get(refund.refund_number)
            if known is not None and known.state is RefundState.PROCESSING:
                self.provider.finish(refund.refund_number, self.now, RefundState.ABNORMAL)

    async def cancel(self, id: UUID, _how: int) -> None:
        order = await self.order(id)
        actor = Actor("user", str(order.user_id), self.now)
        await cancel_order(self.stores.sql, order.user_id, id, secrets.token_hex(8), "", actor)

    async def lapse(self, id: UUID, _how: int) -> None:
        order = await self.order(id)
        if order.lapses_at is not None:
            self.now = max(self.now, order.lapses_at)
            await lapse_order(self.stores.sql, id, self.now)

    async def move(self, id: UUID, how: int) -> None:
        """To a session that costs something else, as rescheduling does it."""
        async with self.stores.sql.unit_of_work() as session:
            order = await BookingOrders(session).get(id, for_change=True)
            assert order is not None
            state, fee = OrderState(order.state), FEES[how]
            if (state, OrderStep.RESCHEDULE) not in TRANSITIONS:
                return
            owing = fee > order.paid_amount - await refunds_under_way(session, id)
            values: dict[str, Any] = {"fee": fee}
            if owing or state is OrderState.AWAITING_PAYMENT:
                values["lapses_at"] = order.lapses_at or self.now + timedelta(minutes=15)
            paid = state is OrderState.PAID
            step = OrderStep.RESCHEDULE_OWING if owing and paid else OrderStep.RESCHEDULE
            actor = Actor("user", str(order.user_id), self.now)
            changed = await take_step(session, order, step, actor, values=values)
            if not owing and not paid:
                await take_step(session, changed, OrderStep.PAY, actor)

    async def fail(self, _id: UUID, _how: int) -> None:
        self.provider.down = True

    async def mute(self, _id: UUID, _how: int) -> None:
        self.provider.mute = True

    async def heal(self, _id: UUID, _how: int) -> None:
        self.provider.down = self.provider.mute = False

    async def later(self, _id: UUID, how: int) -> None:
        self.now += timedelta(minutes=1 + 10 * how)

    async def settle_down(self) -> None:
        """The provider is well, time passes, and the workers run; no message comes any more but of what went wrong."""
        await self.heal(self.orders[0].id, 0)
        for _ in range(8):
            self.now += timedelta(hours=4)
            for order in self.orders:
                await self.lapse(order.id, 0)
                await self.look(order.id, 0)
                await self.run(order.id, 0)
                for refund in await refund_rows(self.stores, order.id):
                    if (known := self.provider.refunds.get(refund.refund_number)) is not None:
                        await self._come_to_an_end(known)

    async def _come_to_an_end(self, known: Refund) -> None:
        if known.state is RefundState.PROCESSING:
            self.provider.finish(known.refund_number, self.now)
        elif known.state is RefundState.ABNORMAL:
            await self._send(self.provider.finish(known.refund_number, self.now))

    async def _send(self, about: Trade | Refund, id: str | None = None) -> None:
        headers, body = self.provider.notice(about, id=id)
        answer = await take_notify(self.desk, self.provider, headers, body, self.now)
        assert answer.status == 204


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=storm)
async def test_whatever_the_wire_does_each_order_has_what_its_state_says(
    stores: Stores, acts: list[tuple[str, int, int, int]]
) -> None:
    storm = MoneyStorm(stores, TestProvider(), [await new_order(stores, FEE) for _ in range(ORDERS)])
    for number, (name, which, how, stopped_after) in enumerate(acts):
        await storm.act(name, which, how, stopped_after)
        if number % 8 == 0:
            await nothing_was_given_away(storm)

    await storm.settle_down()

    await nothing_was_given_away(storm)
    for order in storm.orders:
        await everything_is_where_it_belongs(storm, order.id)


async def nothing_was_given_away(storm: MoneyStorm) -> None:
    """At every moment: no trade gave back more than it received, and no order is paid without its money."""
    for number in storm.provider.trades:
        assert storm.provider.given_back(number) <= storm.provider.received(number)
    for each in storm.orders:
        order = await storm.order(each.id)
        received = sum((storm.provider.received(payment.trade_number) for payment in await storm.payments(each.id)), 0)
        assert order.paid_amount <= received
        if order.state == OrderState.PAID:
            assert order.paid_amount >= order.fee


async def everything_is_where_it_belongs(storm: MoneyStorm, id: UUID) -> None:
    """In the end, by the provider's own books and by ours."""
    order, payments = await storm.order(id), await storm.payments(id)
    numbers = [payment.trade_number for payment in payments]
    kept = sum((storm.provider.received(each) - storm.provider.given_back(each) for each in numbers), Decimal(0))
    wanted = order.fee if OrderState(order.state) in HOLDING else Decimal(0)
    assert (order.state, kept, order.paid_amount) == (order.state, wanted, wanted)
    assert order.state in ("PAID", "CANCELLED", "EXPIRED", "REFUNDED")
    assert {payment.state for payment in payments} <= {"PAID", "CLOSED"}
    for payment in payments:
        assert payment.refund_total == storm.provider.given_back(payment.trade_number)
    assert {row.state for row in await refund_rows(storm.stores, id)} <= {"DONE", "REPLACED"}
