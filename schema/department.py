"""Department and its calendar."""

from collections.abc import Awaitable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.mongo.documents import DepartmentDocument, DoctorDocument
from datasources.sql.slot_ledger import HalfDay
from domain.booking.days import BookableDay as BookableDayRecord
from domain.global_id import NodeKind, global_id
from domain.page import Page
from resolvers import calendar, departments, doctors, nodes
from resolvers.calendar import Session
from schema.binding import After, Context, First, answers, of, on
from schema.bookable_day import BookableDay
from schema.connection import Connection
from schema.doctor import Doctor
from schema.node import Node
from schema.schedule import Schedule

if TYPE_CHECKING:
    from schema.hospital import Hospital


@strawberry.federation.type(
    keys=["id", "hospitalCode code"],
    description="A department of a hospital. Its code is unique within the hospital only.",
)
class Department(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda department: global_id(NodeKind.DEPARTMENT, department.id)),
        description="Global, opaque id.",
    )
    hospital_code: str = strawberry.field(description="Code of its hospital.")
    code: str = strawberry.field(description="The hospital's own code of the department.")
    name: str = strawberry.field(description="Its name.")
    introduction: str = strawberry.field(description="What it treats.")
    address: str = strawberry.field(description="Where in the hospital it is.")
    is_leaf: bool = strawberry.field(description="Whether nothing stands below it: patients book in these.")
    hospital: Annotated["Hospital", strawberry.lazy("schema.hospital")] = strawberry.field(
        resolver=on(departments.hospital_of), description="Its hospital."
    )
    parent: "Department | None" = strawberry.field(
        resolver=on(departments.parent_of), description="The department above."
    )
    children: list["Department"] = strawberry.field(
        resolver=on(departments.children_of), description="The departments directly below, in order."
    )

    @answers(
        Connection[BookableDay],
        "Its calendar from today on: each date's state and what remains. The last date is yet to open.",
    )
    def bookable_days(self, info: Context, first: First = 7, after: After = None) -> Awaitable[Page[BookableDayRecord]]:
        return calendar.bookable_days(info.context, self, first=first, after=after)  # type: ignore[arg-type]

    @answers(list[Schedule], "Its sessions on a date, morning first.")
    def schedules(
        self,
        info: Context,
        date: Annotated[date, strawberry.argument(description="The date of the visit.")],
        half_day: Annotated[
            HalfDay | None, strawberry.argument(description="Only the morning's or the afternoon's.")
        ] = None,
    ) -> Awaitable[list[Session]]:
        return calendar.sessions(info.context, self.hospital_code, self.code, date, half_day)

    @answers(Connection[Doctor], "Doctors who work in the department, by name.")
    def doctors(self, info: Context, first: First = 20, after: After = None) -> Awaitable[Page[DoctorDocument]]:
        return doctors.doctors_of(
            info.context,
            hospital_code=self.hospital_code,
            department_code=self.code,
            text=None,
            first=first,
            after=after,
        )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, DepartmentDocument)

    @classmethod
    async def resolve_reference(
        cls,
        info: Context,
        id: strawberry.ID | None = None,
        hospitalCode: str | None = None,  # noqa: N803 - federation passes the graph's own field names
        code: str | None = None,
    ) -> object | None:
        return (
            await nodes.node_of_kind(info.context, str(id), NodeKind.DEPARTMENT)
            if id is not None
            else await departments.department(info.context, hospitalCode or "", code or "")
        )
