"""Payments in the export of one's own data, and after the account was erased."""

from sqlalchemy import text

from datasources.payments.channel import RefundState
from datasources.stores import Stores
from domain.booking.order_states import OrderStep
from domain.exports.parts import EXPORTERS
from domain.global_id import NodeKind, global_id
from domain.identity.erasure import ERASERS
from domain.payments.erasure import erase_payers
from domain.payments.export import export_payments
from domain.payments.refunding import run_refund
from tests.booked import RING
from tests.domain.payments.channel import TestProvider
from tests.domain.payments.money import NOW, desk_of, new_order, paid_order, payment_of, refund_rows
from tests.order_steps import step


async def test_the_owner_is_told_what_was_paid_and_given_back_and_nobody_elses(stores: Stores) -> None:
    provider = TestProvider(refund_states=[RefundState.SUCCEEDED])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
    (refund,) = await refund_rows(stores, order.id)
    await run_refund(desk, refund, NOW)

    async with stores.sql.read() as session:
        (told,) = await export_payments(session, RING, order.user_id)
        assert await export_payments(session, RING, (await new_order(stores)).user_id) == []

    assert (told["number"], told["orderId"]) == (payment.trade_number, global_id(NodeKind.ORDER, order.id))
    assert (told["state"], told["amount"], told["refunded"]) == ("PAID", "9.67", "9.67")
    assert [(each["number"], each["state"], each["amount"]) for each in told["refunds"]] == [
        (refund.refund_number, "DONE", "9.67")
    ]
    assert export_payments in [part.export for part in EXPORTERS]


async def test_who_paid_is_forgotten_with_the_account_and_the_money_is_not(stores: Stores) -> None:
    provider = TestProvider()
    desk = desk_of(stores, provider)
    (order, payment), (_, others) = [await paid_order(desk, provider) for _ in range(2)]
    async with stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(
            text("UPDATE payment SET payer = 'openid' WHERE id IN (:one, :other)"),
            {"one": payment.id, "other": others.id},
        )

    async with stores.sql.unit_of_work() as session:
        await erase_payers(session, order.user_id, NOW)

    after = await payment_of(stores, payment.id)
    assert (after.payer, after.state, after.amount) == (None, "PAID", payment.amount)
    assert (await payment_of(stores, others.id)).payer == "openid"
    assert erase_payers in ERASERS
