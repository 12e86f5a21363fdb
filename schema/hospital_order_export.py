"""A hospital's orders as a workbook."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain.hospitals.order_workbook import OrdersExport, OrdersWanted
from domain.permissions import Permission
from domain.problems import InvalidInput as InvalidInputRecord
from resolvers import hospital_order_export
from schema.binding import Context, mutates
from schema.permissions import may
from schema.problems import InvalidInput, record_of


@strawberry.type(description="The workbook can be fetched for some minutes, without further proof: do not pass it on.")
class HospitalOrdersExportReady:
    url: str = strawberry.field(description="A path on the graph's own origin.")
    expires_at: dt.datetime = strawberry.field(description="Until when it works: five minutes at most.")
    row_count: int = strawberry.field(description="How many orders it holds, as counted now.")

    is_type_of = record_of(OrdersExport)


@strawberry.input(description="Which orders.")
class ExportHospitalOrdersInput:
    from_day: dt.date = strawberry.field(description="The first date of visits.")
    to_day: dt.date = strawberry.field(description="The last date of visits, at most 365 days after the first.")
    department_code: str | None = strawberry.field(default=None, description="Only orders of this department.")


ExportHospitalOrdersResult = Annotated[
    HospitalOrdersExportReady | InvalidInput,
    strawberry.union("ExportHospitalOrdersResult", description="The link, or why there is none."),
]


@strawberry.type
class HospitalOrderExportMutation:
    @mutates(
        ExportHospitalOrdersResult,
        "A link to an Excel workbook of the caller's hospital's orders, at most 50,000, people masked. Recorded.",
        only=may(Permission.RECEIVE_PATIENTS),
    )
    def export_hospital_orders(
        self, info: Context, input: Annotated[ExportHospitalOrdersInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[OrdersExport | InvalidInputRecord]:
        wanted = OrdersWanted(input.from_day, input.to_day, input.department_code)
        return hospital_order_export.export(info.context, wanted)
