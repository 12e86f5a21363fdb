"""Payments, refunds, the worklist and the sums, for people in finance."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.payments.channel import Provider
from datasources.sql.finance_item import FinanceItem as ItemRow
from datasources.sql.finance_item import FinanceItemState, FinanceKind
from datasources.sql.finance_item import ReconciledDay as DayRow
from datasources.sql.finance_item_reads import ItemCriteria
from datasources.sql.money_reads import MoneyCriteria, MoneyTotal, PaymentLine, RefundLine, TotalsBy
from datasources.sql.payment import PaymentState
from datasources.sql.refund import RefundRowState
from domain.money import Money as MoneyRecord
from domain.page import Page
from domain.permissions import Permission
from resolvers import finance
from schema.binding import After, Context, First, answers, described_enum, of
from schema.connection import Connection
from schema.money import Money
from schema.permissions import may
from schema.problems import record_of

described_enum(
    FinanceKind,
    "What does not fit.",
    {
        "AMOUNT_DIFFERS": "Another amount was paid than was asked for; nothing was applied.",
        "UNKNOWN_TRADE": "A provider tells of a payment or refund that is none of ours.",
        "PAID_TWICE": "An order was paid twice; what came second goes back by itself.",
        "REFUND_ABNORMAL": "A refund can't go on by itself, or was refused several times.",
        "BILL_MISSING_HERE": "It stands on the provider's bill and not in our books.",
        "BILL_MISSING_THERE": "It stands in our books and not on the provider's bill.",
        "BILL_AMOUNT_DIFFERS": "Bill and books tell two amounts.",
    },
)
described_enum(
    FinanceItemState,
    "Whether a matter was dealt with.",
    {"OPEN": "Somebody has to look at it.", "RESOLVED": "It was dealt with, or came right by itself."},
)
described_enum(
    TotalsBy,
    "What sums are made for.",
    {
        "DAY": "Each day.",
        "HOSPITAL": "Each hospital: what is to be settled with it.",
        "DAY_AND_HOSPITAL": "Each hospital's day.",
    },
)


@strawberry.type(description="A payment as finance sees it.")
class FinancePayment:
    number: str = strawberry.field(
        resolver=of(lambda line: line.trade_number), description="Our number of it; the provider's bill has it too."
    )
    provider: Provider = strawberry.field(
        resolver=of(lambda line: Provider(line.channel)), description="Who took the money."
    )
    provider_number: str | None = strawberry.field(description="The provider's number of it, once it is paid.")
    state: PaymentState = strawberry.field(
        resolver=of(lambda line: PaymentState(line.state)), description="How far it is."
    )
    amount: Money = strawberry.field(resolver=of(lambda line: MoneyRecord(line.amount)), description="How much.")
    refunded: Money = strawberry.field(
        resolver=of(lambda line: MoneyRecord(line.refund_total)), description="What of it went back or goes back."
    )
    created_at: dt.datetime = strawberry.field(description="When it was begun.")
    paid_at: dt.datetime | None = strawberry.field(description="When it was paid.")
    order_id: strawberry.ID = strawberry.field(
        resolver=of(finance.line_order_id), description="Global id of the order."
    )
    order_number: str = strawberry.field(description="The order's number.")
    hospital_code: str = strawberry.field(description="Code of the order's hospital.")
    hospital_name: str = strawberry.field(description="Its name when it was booked.")

    is_type_of = record_of(PaymentLine)


@strawberry.type(description="A refund as finance sees it.")
class FinanceRefund:
    number: str = strawberry.field(
        resolver=of(lambda line: line.refund_number), description="Our number of it; the provider's bill has it too."
    )
    payment_number: str = strawberry.field(
        resolver=of(lambda line: line.trade_number), description="Our number of the payment that it is of."
    )
    provider: Provider = strawberry.field(
        resolver=of(lambda line: Provider(line.channel)), description="Who gives the money back."
    )
    provider_number: str | None = strawberry.field(description="The provider's number of it, once there is one.")
    state: RefundRowState = strawberry.field(
        resolver=of(lambda line: RefundRowState(line.state)), description="How far it is."
    )
    amount: Money = strawberry.field(resolver=of(lambda line: MoneyRecord(line.amount)), description="How much.")
    reason: str = strawberry.field(description="Why, as a code.")
    problem: str = strawberry.field(description="What the provider last said against it, in its own code; or empty.")
    attempts: int = strawberry.field(description="How often the provider was called about it.")
    created_at: dt.datetime = strawberry.field(description="When it was promised.")
    finished_at: dt.datetime | None = strawberry.field(description="When the money arrived.")
    order_id: strawberry.ID = strawberry.field(
        resolver=of(finance.line_order_id), description="Global id of the order."
    )
    order_number: str = strawberry.field(description="The order's number.")
    hospital_code: str = strawberry.field(description="Code of the order's hospital.")
    hospital_name: str = strawberry.field(description="Its name when it was booked.")

    is_type_of = record_of(RefundLine)


@strawberry.type(description="A matter that people in finance have to look at: money that is not where books say.")
class FinanceItem:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda item: str(item.id)), description="For `resolveFinanceItem`."
    )
    kind: FinanceKind = strawberry.field(
        resolver=of(lambda item: FinanceKind(item.kind)), description="What does not fit."
    )
    state: FinanceItemState = strawberry.field(
        resolver=of(lambda item: FinanceItemState(item.state)), description="Whether it was dealt with."
    )
    provider: Provider = strawberry.field(
        resolver=of(lambda item: Provider(item.channel)), description="At which provider."
    )
    payment_number: str = strawberry.field(
        resolver=of(lambda item: item.trade_number), description="Our number of the payment, as the provider told it."
    )
    refund_number: str = strawberry.field(description="Our number of the refund; empty when it is about a payment.")
    order_id: strawberry.ID | None = strawberry.field(
        resolver=of(finance.item_order_id), description="Global id of the order, where there is one."
    )
    expected: Money | None = strawberry.field(
        resolver=of(lambda item: finance.amount_or_none(item.expected)), description="The amount by our books."
    )
    found: Money | None = strawberry.field(
        resolver=of(lambda item: finance.amount_or_none(item.found)), description="The amount by the provider's word."
    )
    detail: str = strawberry.field(description="More, as a code, a number, or the day of the bill.")
    found_at: dt.datetime = strawberry.field(description="When it came up.")
    resolved_at: dt.datetime | None = strawberry.field(description="When it was dealt with.")
    resolved_by: strawberry.ID | None = strawberry.field(
        resolver=of(finance.resolved_by), description="Global id of who did; null where it came right by itself."
    )
    resolution: str | None = strawberry.field(description="How, as a code; CAME_RIGHT: by itself.")
    note: str = strawberry.field(description="What they wrote about it.")

    is_type_of = record_of(ItemRow)


@strawberry.type(description="What came and what went.")
class FinanceTotal:
    day: dt.date | None = strawberry.field(description="The day; null in sums of hospitals.")
    hospital_code: str | None = strawberry.field(description="Code of the hospital; null in sums of days.")
    hospital_name: str | None = strawberry.field(description="Its name in one of the orders.")
    payments: int = strawberry.field(description="How many payments.")
    paid: Money = strawberry.field(resolver=of(lambda total: MoneyRecord(total.paid)), description="What was paid.")
    refunds: int = strawberry.field(description="How many refunds arrived.")
    refunded: Money = strawberry.field(
        resolver=of(lambda total: MoneyRecord(total.refunded)), description="What arrived back."
    )
    net: Money = strawberry.field(resolver=of(finance.net), description="The difference: what is to be settled.")

    is_type_of = record_of(MoneyTotal)


@strawberry.type(description="One day that was compared with a provider's bill. Days are Beijing's.")
class ReconciledDay:
    provider: Provider = strawberry.field(resolver=of(lambda day: Provider(day.channel)), description="Whose bill.")
    day: dt.date = strawberry.field(description="Which day.")
    reconciled_at: dt.datetime = strawberry.field(description="When it was compared last.")
    bill_rows: int = strawberry.field(description="How many payments and refunds the bill has.")
    differences: int = strawberry.field(description="How many of them, or of ours, did not agree.")
    paid: Money = strawberry.field(resolver=of(lambda day: MoneyRecord(day.paid)), description="Paid, by the bill.")
    refunded: Money = strawberry.field(
        resolver=of(lambda day: MoneyRecord(day.refunded)), description="Given back, by the bill."
    )

    is_type_of = record_of(DayRow)


@strawberry.input(description="Which payments to list; what is left out asks for nothing.")
class FinancePaymentFilter:
    provider: Provider | None = strawberry.field(default=None, description="At this provider.")
    state: PaymentState | None = strawberry.field(default=None, description="In this state.")
    hospital_code: str | None = strawberry.field(default=None, description="For orders at this hospital.")
    number: str | None = strawberry.field(
        default=None, description="The order's number, our number of the payment, or the provider's."
    )
    created_from: dt.datetime | None = strawberry.field(default=None, description="Begun at this time or later.")
    created_before: dt.datetime | None = strawberry.field(default=None, description="Begun before this time.")


@strawberry.input(description="Which refunds to list; what is left out asks for nothing.")
class FinanceRefundFilter:
    provider: Provider | None = strawberry.field(default=None, description="At this provider.")
    state: RefundRowState | None = strawberry.field(default=None, description="In this state.")
    hospital_code: str | None = strawberry.field(default=None, description="For orders at this hospital.")
    number: str | None = strawberry.field(
        default=None, description="The order's number, our numbers of the refund or its payment, or the provider's."
    )
    created_from: dt.datetime | None = strawberry.field(default=None, description="Promised at this time or later.")
    created_before: dt.datetime | None = strawberry.field(default=None, description="Promised before this time.")


@strawberry.input(description="Which matters to list; what is left out asks for nothing.")
class FinanceItemFilter:
    state: FinanceItemState | None = strawberry.field(default=None, description="In this state.")
    kinds: list[FinanceKind] | None = strawberry.field(default=None, description="Of one of these kinds.")
    provider: Provider | None = strawberry.field(default=None, description="At this provider.")
    number: str | None = strawberry.field(default=None, description="About the payment or refund with this number.")


_reading = may(Permission.READ_FINANCE)


@strawberry.type
class FinanceQuery:
    @answers(Connection[FinancePayment], "Payments, the newest first.", only=_reading)
    def finance_payments(
        self,
        info: Context,
        filter: Annotated[FinancePaymentFilter | None, strawberry.argument(description="Which payments.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[PaymentLine]]:
        return finance.payments(info.context, _criteria(filter), first, after)

    @answers(Connection[FinanceRefund], "Refunds, the newest first.", only=_reading)
    def finance_refunds(
        self,
        info: Context,
        filter: Annotated[FinanceRefundFilter | None, strawberry.argument(description="Which refunds.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[RefundLine]]:
        return finance.refunds(info.context, _criteria(filter), first, after)

    @answers(Connection[FinanceItem], "Finance's worklist, the newest first.", only=_reading)
    def finance_items(
        self,
        info: Context,
        filter: Annotated[FinanceItemFilter | None, strawberry.argument(description="Which matters.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[ItemRow]]:
        wanted = filter or FinanceItemFilter()
        criteria = ItemCriteria(wanted.state, wanted.kinds, wanted.provider, wanted.number)
        return finance.items(info.context, criteria, first, after)

    @answers(
        list[FinanceTotal],
        "Sums of what was paid and of what arrived back on some days, at most 366, in the platform's zone; the last "
        "day first. At most 5000 rows.",
        only=_reading,
    )
    def finance_totals(
        self,
        info: Context,
        from_day: Annotated[dt.date, strawberry.argument(description="The first day.")],
        to_day: Annotated[dt.date, strawberry.argument(description="The last day.")],
        by: Annotated[TotalsBy, strawberry.argument(description="What sums are made for.")] = TotalsBy.DAY,
        provider: Annotated[Provider | None, strawberry.argument(description="At this provider only.")] = None,
        hospital_code: Annotated[str | None, strawberry.argument(description="Of this hospital only.")] = None,
    ) -> Awaitable[list[MoneyTotal]]:
        return finance.totals(info.context, from_day, to_day, by, provider, hospital_code)

    @answers(
        list[ReconciledDay],
        "The days that were compared with the providers' bills, the latest first; at most 100.",
        only=_reading,
    )
    def reconciled_days(
        self,
        info: Context,
        provider: Annotated[Provider | None, strawberry.argument(description="Of this provider only.")] = None,
    ) -> Awaitable[list[DayRow]]:
        return finance.reconciled_days(info.context, provider)


def _criteria(wanted: FinancePaymentFilter | FinanceRefundFilter | None) -> MoneyCriteria:
    if wanted is None:
        return MoneyCriteria()
    return MoneyCriteria(
        provider=wanted.provider,
        state=None if wanted.state is None else str(wanted.state),
        hospital_code=wanted.hospital_code,
        number=wanted.number,
        since=wanted.created_from,
        before=wanted.created_before,
    )
