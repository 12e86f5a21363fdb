"""What people in finance do: deal with the worklist, have a day compared again, take workbooks away."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.payments.channel import Provider
from domain import problems
from domain.payments import finance_exports, worklist
from domain.payments.finance_exports import ExportKind
from domain.payments.worklist import Resolution
from domain.permissions import Permission
from resolvers import finance
from schema.binding import Context, described_enum, mutates
from schema.finance import FinanceItem
from schema.permissions import may
from schema.problems import InvalidInput, NotFound, record_of

described_enum(
    Resolution,
    "How a matter was dealt with.",
    {
        "SETTLED_BY_HAND": "The money is where it belongs, by somebody's doing. An ABNORMAL refund is DONE thereby.",
        "ASK_AGAIN": "The provider is asked again about an ABNORMAL refund, under the same number.",
        "NO_ACTION": "It was looked into, and nothing is to be done.",
    },
    name="FinanceResolution",
)
described_enum(
    ExportKind,
    "What a workbook holds.",
    {
        "PAYMENTS": "Payments that were begun on these days.",
        "REFUNDS": "Refunds that were promised on these days.",
        "ITEMS": "Matters of the worklist that came up on these days, differences from bills among them.",
        "SETTLEMENT": "What came and went, of each hospital's day.",
    },
    name="FinanceExportKind",
)


@strawberry.type(description="The matter is dealt with, by this call or before.")
class FinanceItemResolved:
    item: FinanceItem = strawberry.field(description="The matter as it now is.")

    is_type_of = record_of(worklist.MatterResolved)


@strawberry.type(description="The day is compared by the worker within moments; `reconciledDays` tells.")
class ReconciliationRequested:
    provider: Provider = strawberry.field(description="With whose bill.")
    day: dt.date = strawberry.field(description="Which day.")

    is_type_of = record_of(finance.ReconciliationRequested)


@strawberry.type(description="The workbook can be fetched.")
class FinanceExportReady:
    url: str = strawberry.field(description="Where, on this server; made for the caller.")
    expires_at: dt.datetime = strawberry.field(description="Until when the link holds.")

    is_type_of = record_of(finance_exports.ExportLink)


@strawberry.input(description="Which matter was dealt with, and how.")
class ResolveFinanceItemInput:
    item_id: strawberry.ID = strawberry.field(description="The matter's id.")
    resolution: Resolution = strawberry.field(description="How.")
    note: str = strawberry.field(description="What was found and done, 1 to 500 characters.")


@strawberry.input(description="Which day to compare.")
class ReconcileDayInput:
    provider: Provider = strawberry.field(description="With whose bill.")
    day: dt.date = strawberry.field(description="One of the last 90 days, yesterday at the latest, in Beijing.")


@strawberry.input(description="Which workbook to make.")
class ExportFinanceInput:
    kind: ExportKind = strawberry.field(description="What it holds.")
    from_day: dt.date = strawberry.field(description="The first day.")
    to_day: dt.date = strawberry.field(description="The last day; at most 366 days in all.")


ResolveFinanceItemResult = Annotated[
    FinanceItemResolved | NotFound | InvalidInput,
    strawberry.union("ResolveFinanceItemResult", description="The matter, or what stands in the way."),
]
ReconcileDayResult = Annotated[
    ReconciliationRequested | InvalidInput,
    strawberry.union("ReconcileDayResult", description="What was asked for, or what stands in the way."),
]
ExportFinanceResult = Annotated[
    FinanceExportReady | InvalidInput,
    strawberry.union("ExportFinanceResult", description="Where the workbook is, or what stands in the way."),
]


@strawberry.type
class FinanceMutation:
    @mutates(
        ResolveFinanceItemResult,
        "Say how a matter of the worklist was dealt with. Once more changes nothing. It is recorded in the audit log.",
        only=may(Permission.EDIT_FINANCE),
    )
    def resolve_finance_item(
        self,
        info: Context,
        input: Annotated[ResolveFinanceItemInput, strawberry.argument(description="Which matter, and how.")],
    ) -> Awaitable[worklist.ResolveAnswer]:
        return finance.resolve(info.context, str(input.item_id), input.resolution, input.note)

    @mutates(
        ReconcileDayResult,
        "Compare a day with a provider's bill now, once more if it was: what agrees by now leaves the worklist, what "
        "people have dealt with stays so. It is recorded in the audit log.",
        only=may(Permission.EDIT_FINANCE),
    )
    def reconcile_day(
        self, info: Context, input: Annotated[ReconcileDayInput, strawberry.argument(description="Which day.")]
    ) -> Awaitable[finance.ReconciliationRequested | problems.InvalidInput]:
        return finance.reconcile(info.context, input.provider, input.day)

    @mutates(
        ExportFinanceResult,
        "Make an Excel workbook of some days. It is recorded in the audit log.",
        only=may(Permission.READ_FINANCE),
    )
    def export_finance(
        self, info: Context, input: Annotated[ExportFinanceInput, strawberry.argument(description="Which workbook.")]
    ) -> Awaitable[finance_exports.ExportLink | problems.InvalidInput]:
        return finance.export(info.context, input.kind, input.from_day, input.to_day)
