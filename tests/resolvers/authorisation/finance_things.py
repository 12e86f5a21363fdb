"""Money that moved for the owner's order, and what finance has to look at."""

from decimal import Decimal
from uuid import UUID

from uuid_utils.compat import uuid7

from datasources.payments.channel import ClientKind, Provider
from datasources.sql.finance_item import FinanceItem, FinanceItemState, FinanceKind, ReconciledDay
from datasources.sql.finance_item_reads import ReconciledDays
from datasources.sql.payment import Payment, PaymentState
from datasources.sql.refund import RefundRow, RefundRowState
from domain.global_id import node_reference
from tests.resolvers.authorisation.world import Thing, World


async def finance_payment(world: World) -> Thing:
    """Paid, of the owner's order."""
    number, now = f"Tworld{world.next_number()}", world.platform.clock()
    payment = Payment(
        id=uuid7(),
        order_id=UUID(node_reference(str(world.things["Order"].value)).key),
        channel=Provider.WECHAT_PAY,
        client_kind=ClientKind.SCAN,
        trade_number=number,
        amount=Decimal("9.67"),
        state=PaymentState.PAID,
        expires_at=now,
        paid_at=now,
        provider_number=f"P{number}",
        created_at=now,
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(payment)
    return Thing(number, key="number", names={"payment_number": number, "payment_key": str(payment.id)})


async def finance_refund(world: World) -> Thing:
    """Of that payment; it went wrong."""
    number, now = f"Rworld{world.next_number()}", world.platform.clock()
    payment = world.things["FinancePayment"]
    refund = RefundRow(
        order_id=UUID(node_reference(str(world.things["Order"].value)).key),
        payment_id=UUID(payment.names["payment_key"]),
        refund_number=number,
        amount=Decimal("0.01"),
        reason="CANCEL_PAID",
        state=RefundRowState.ABNORMAL,
        created_at=now,
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(refund)
    return Thing(number, key="number")


async def finance_item(world: World) -> Thing:
    """About that payment."""
    item = FinanceItem(
        kind=FinanceKind.PAID_TWICE,
        channel=Provider.WECHAT_PAY,
        trade_number=str(world.things["FinancePayment"].value),
        refund_number=f"world{world.next_number()}",
        state=FinanceItemState.OPEN,
        found_at=world.platform.clock(),
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(item)
        await sql.flush()
        return Thing(str(item.id))


async def reconciled_day(world: World) -> Thing:
    """The day of the tests."""
    now = world.platform.clock()
    day = ReconciledDay(
        channel=Provider.WECHAT_PAY,
        day=now.date(),
        reconciled_at=now,
        bill_rows=1,
        differences=0,
        paid=Decimal("9.67"),
        refunded=Decimal(0),
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        await ReconciledDays(sql).keep(day)
    return Thing("ReconciledDay", key="__typename")
