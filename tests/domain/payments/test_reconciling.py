"""A day of our books beside the provider's bill: what differs is for people, once; what we missed is settled."""

import secrets
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text

from datasources.payments.channel import BillRow, Provider, RefundState
from datasources.sql.booking_order import OrderState
from datasources.sql.payment import Payment
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.lapsing import lapse_order
from domain.booking.order_states import OrderStep
from domain.payments.desk import PaymentDesk
from domain.payments.looking import AFTERMATH, look_at_payment
from domain.payments.reconciling import reconcile_day, reconcile_due
from domain.payments.refunding import run_refund
from domain.payments.worklist import MatterResolved, Resolution, resolve_matter
from domain.problems import InvalidInput, NotFound
from tests.booked import at
from tests.domain.payments.channel import TestProvider
from tests.domain.payments.money import (
    FEE,
    NOW,
    desk_of,
    matters_about,
    new_order,
    offered,
    paid_order,
    payment_of,
    refund_rows,
)
from tests.order_steps import row_of, step

TODAY = NOW.date()
MORNING_AFTER = NOW + timedelta(days=1, hours=2)


def paid_row(payment: Payment, amount: Decimal = FEE) -> BillRow:
    """The payment as the bill tells it."""
    return BillRow(payment.trade_number, f"P{payment.trade_number}", amount, NOW)


async def compared(desk: PaymentDesk, provider: TestProvider, *rows: BillRow, day: date = TODAY) -> None:
    """Compare a day whose bill has these rows; what other tests have paid on that day is left aside."""
    async with desk.stores.sql.read() as session:
        others = await (await session.connection()).execute(
            text("SELECT trade_number, amount FROM payment WHERE state = 'PAID' AND channel = 'WECHAT_PAY'")
        )
        known = {number: amount for number, amount in others if number not in provider.trades}
        gone = await (await session.connection()).execute(
            text("""SELECT p.trade_number, r.refund_number, r.amount FROM refund r JOIN payment p ON p.id = r.payment_id
                     WHERE r.state = 'DONE'""")
        )
        back = [(trade, number, amount) for trade, number, amount in gone if number not in provider.refunds]
    provider.bills[day] = [
        *rows,
        *(BillRow(number, f"P{number}", amount, NOW) for number, amount in known.items()),
        *(BillRow(trade, f"P{trade}", amount, NOW, number, f"R{number}") for trade, number, amount in back),
    ]
    assert await reconcile_day(desk, Provider.WECHAT_PAY, day, MORNING_AFTER) is not None


async def kinds(stores: Stores, payment: Payment) -> list[tuple[str, str]]:
    """What stands on the worklist about a payment."""
    return [(kind, state) for kind, state, _ in await matters_about(stores, payment.trade_number)]


async def test_what_agrees_brings_up_nothing_and_what_differs_is_brought_up_once(stores: Stores) -> None:
    provider = TestProvider()
    desk = desk_of(stores, provider)
    (_, good), (_, absent), (_, other) = [await paid_order(desk, provider) for _ in range(3)]
    stray = secrets.token_hex(12)
    rows = [paid_row(good), paid_row(other, Decimal("9.66")), BillRow(stray, f"P{stray}", FEE, NOW)]

    for _ in range(2):
        await compared(desk, provider, *rows)

    assert await kinds(stores, good) == []
    assert await kinds(stores, absent) == [("BILL_MISSING_THERE", "OPEN")]
    assert await kinds(stores, other) == [("BILL_AMOUNT_DIFFERS", "OPEN")]
    assert await matters_about(stores, stray) == [("BILL_MISSING_HERE", "OPEN", str(TODAY))]

    await compared(desk, provider, *rows, paid_row(absent))
    assert await kinds(stores, absent) == [("BILL_MISSING_THERE", "RESOLVED")], "a later bill has it"


async def test_a_payment_of_which_nobody_told_is_settled_by_the_bill_and_given_back(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await offered(desk, order)
    provider.down = True
    await lapse_order(stores.sql, order.id, at("23:00"))
    await look_at_payment(desk, payment, at("23:00"))
    provider.down = False
    unknown = provider.trades.pop(payment.trade_number)
    await look_at_payment(desk, payment, at("23:00") + AFTERMATH)
    assert (await payment_of(stores, payment.id)).state == "CLOSED"
    provider.trades[payment.trade_number] = unknown
    provider.pay(payment.trade_number, NOW)

    await compared(desk, provider, paid_row(payment))

    assert (await row_of(stores, order.id)).state == OrderState.EXPIRED
    assert [row.amount for row in await refund_rows(stores, order.id)] == [FEE]
    assert await kinds(stores, payment) == []


async def test_a_refund_is_looked_for_on_the_bills_since_it_was_promised(stores: Stores) -> None:
    provider = TestProvider(refund_states=[RefundState.SUCCEEDED])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
    (refund,) = await refund_rows(stores, order.id)
    await run_refund(desk, refund, MORNING_AFTER)
    asked = BillRow(payment.trade_number, "P", FEE, NOW, refund.refund_number, "R")

    await compared(desk, provider, paid_row(payment), asked)
    await compared(desk, provider, day=TODAY + timedelta(days=1))
    assert await kinds(stores, payment) == []

    await compared(desk, provider, paid_row(payment))
    await compared(desk, provider, day=TODAY + timedelta(days=1))
    assert await kinds(stores, payment) == [("BILL_MISSING_THERE", "OPEN")]


async def test_days_are_compared_once_each_when_their_bill_is_there(stores: Stores) -> None:
    provider = TestProvider(provider=Provider.ALIPAY)
    desk = desk_of(stores, provider)
    await offered(desk, await new_order(stores), Provider.ALIPAY)

    assert await reconcile_due(desk, MORNING_AFTER) == 0, "no bill yet"
    provider.bills[TODAY] = []
    assert await reconcile_due(desk, at("09:00", TODAY + timedelta(days=1))) == 0, "too early to ask"
    assert await reconcile_due(desk, MORNING_AFTER) == 1
    assert await reconcile_due(desk, MORNING_AFTER) == 0


async def item_about(stores: Stores, trade_number: str) -> int:
    """The id of the last matter about a trade."""
    async with stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text("SELECT max(id) FROM finance_item WHERE trade_number = :number"), {"number": trade_number}
        )
        return int(found.scalar_one())


async def test_people_settle_or_have_asked_again_what_went_wrong_and_say_why(stores: Stores) -> None:
    staff = StaffAccount(
        id=(await new_order(stores)).user_id,
        sign_in_name=secrets.token_hex(6),
        name="财务",
        roles=[],
        password_hash="-",
    )
    async with stores.sql.unit_of_work() as session:
        await StaffAccounts(session).add(staff)
    clerk = Actor("staff", str(staff.id), NOW)
    provider = TestProvider(refund_states=[RefundState.ABNORMAL, RefundState.ABNORMAL])
    desk = desk_of(stores, provider)
    (first, one), (second, two) = [await paid_order(desk, provider) for _ in range(2)]
    for order in (first, second):
        await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
        await run_refund(desk, (await refund_rows(stores, order.id))[0], NOW)
    id, other = await item_about(stores, one.trade_number), await item_about(stores, two.trade_number)

    assert isinstance(await resolve_matter(stores.sql, id, Resolution.SETTLED_BY_HAND, " ", clerk), InvalidInput)
    assert isinstance(await resolve_matter(stores.sql, 0, Resolution.NO_ACTION, "无", clerk), NotFound)
    answer = await resolve_matter(stores.sql, id, Resolution.SETTLED_BY_HAND, "已转账至本人银行卡", clerk)
    assert isinstance(answer, MatterResolved)
    assert (answer.item.state, answer.item.resolved_by, answer.item.note) == (
        "RESOLVED",
        staff.id,
        "已转账至本人银行卡",
    )
    assert (await row_of(stores, first.id)).state == OrderState.REFUNDED

    await resolve_matter(stores.sql, other, Resolution.ASK_AGAIN, "用户已换卡", clerk)
    (refund,) = await refund_rows(stores, second.id)
    provider.finish(refund.refund_number, NOW)
    await run_refund(desk, refund, NOW)
    assert (await row_of(stores, second.id)).state == OrderState.REFUNDED
