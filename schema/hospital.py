"""Hospital and its booking rule."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument
from domain.global_id import NodeKind, global_id
from domain.page import Page
from resolvers import calendar, departments, doctors, hospitals, nodes
from schema.binding import After, Context, First, answers, of, on
from schema.connection import Connection
from schema.department import Department
from schema.dictionary import DictItem
from schema.doctor import Doctor
from schema.node import Node
from schema.schedule import Schedule


@strawberry.type(description="When a hospital's numbers go on sale, and until when they can be taken and given back.")
class BookingRule:
    cycle: int = strawberry.field(description="Dates shown in the calendar, today included.")
    release_time: str = strawberry.field(description="Time of day, HH:MM, at which the next date's numbers go on sale.")
    stop_time: str = strawberry.field(description="Time of day, HH:MM, until which today's numbers are sold.")
    quit_day: int = strawberry.field(
        description="Last day to cancel, counted from the visit: 0 the day itself, -1 the day before."
    )
    quit_time: str = strawberry.field(description="Time of that day, HH:MM, until which to cancel.")
    rules: list[str] = strawberry.field(description="What else the hospital wants patients to know, line by line.")


@strawberry.federation.type(keys=["id", "code"], description="A hospital that takes bookings on the platform.")
class Hospital(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda hospital: global_id(NodeKind.HOSPITAL, hospital.code)), description="Global, opaque id."
    )
    code: str = strawberry.field(description="The hospital's code on the platform.")
    name: str = strawberry.field(description="Its name.")
    level: DictItem | None = strawberry.field(
        resolver=on(hospitals.level), description="Its level, from the dictionary HospitalType (三级甲等 is 3A)."
    )
    region: DictItem | None = strawberry.field(
        resolver=on(hospitals.region), description="The district, city or province it lies in, the deepest known."
    )
    region_name: str | None = strawberry.field(
        resolver=on(hospitals.region_name), description="That region in full: 北京市东城区."
    )
    address: str = strawberry.field(description="Street address.")
    introduction: str = strawberry.field(description="What the hospital says of itself.")
    route: str = strawberry.field(description="How to get there.")
    phone: str = strawberry.field(description="Phone for enquiries.")
    logo_url: str | None = strawberry.field(
        resolver=of(hospitals.logo_path), description="Path of its logo on this server, if it has one."
    )
    booking_rule: BookingRule = strawberry.field(description="When its numbers can be taken and given back.")
    withdrawn_sessions: list[Schedule] = strawberry.field(
        resolver=on(calendar.withdrawn_of),
        description="Sessions from today on that the hospital withdrew (停诊), the earliest first, at most 20.",
        metadata={"list_size": 20},
    )
    department_tree: list[Department] = strawberry.field(
        resolver=on(departments.tree_of),
        description="Departments without a parent, in order; go down by `children`.",
    )

    @answers(
        Connection[Department], "Departments that patients book in (those without children), in the hospital's order."
    )
    def departments(
        self,
        info: Context,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the name, its pinyin or its initials.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[DepartmentDocument]]:
        return departments.departments_of(info.context, self, text=text, first=first, after=after)  # type: ignore[arg-type]

    @answers(Connection[Doctor], "Doctors of the hospital, by name.")
    def doctors(
        self,
        info: Context,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the name, its pinyin or its initials.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[DoctorDocument]]:
        return doctors.doctors_of(
            info.context, hospital_code=self.code, department_code=None, text=text, first=first, after=after
        )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, HospitalDocument)

    @classmethod
    async def resolve_reference(
        cls, info: Context, id: strawberry.ID | None = None, code: str | None = None
    ) -> object | None:
        return (
            await nodes.node_of_kind(info.context, str(id), NodeKind.HOSPITAL)
            if id is not None
            else await hospitals.hospital(info.context, code or "")
        )
