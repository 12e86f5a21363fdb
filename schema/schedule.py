"""Schedule: one doctor's session on one date and half-day."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from domain.booking.days import ScheduleState
from domain.global_id import NodeKind, global_id
from resolvers import calendar, nodes
from resolvers.calendar import Session
from schema import enums as enums
from schema.binding import Context, of, on
from schema.doctor import Doctor
from schema.money import Money
from schema.node import Node

if TYPE_CHECKING:
    from schema.department import Department
    from schema.hospital import Hospital


@strawberry.federation.type(
    keys=["id", "hospitalCode externalId"],
    description="One doctor's session on one date and half-day, of which numbers can be taken.",
)
class Schedule(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda session: global_id(NodeKind.SCHEDULE, session.ledger.schedule_id)),
        description="Global, opaque id.",
    )
    hospital_code: str = strawberry.field(
        resolver=of(lambda session: session.ledger.hospital_code), description="Code of its hospital."
    )
    department_code: str = strawberry.field(
        resolver=of(lambda session: session.ledger.department_code), description="Code of its department."
    )
    external_id: str = strawberry.field(
        resolver=of(lambda session: session.ledger.external_id), description="The hospital's own id of the session."
    )
    date: dt.date = strawberry.field(
        resolver=of(lambda session: session.ledger.visit_date), description="Date of the visit."
    )
    half_day: HalfDay = strawberry.field(
        resolver=of(lambda session: HalfDay(session.ledger.half_day)), description="Morning or afternoon."
    )
    status: ScheduleStatus = strawberry.field(
        resolver=of(lambda session: ScheduleStatus(session.ledger.status)),
        description="What the hospital allows with it.",
    )
    state: ScheduleState = strawberry.field(
        resolver=on(calendar.state), description="What a patient can do with it now."
    )
    capacity: int = strawberry.field(
        resolver=of(lambda session: session.ledger.capacity), description="Numbers it has altogether."
    )
    remaining: int = strawberry.field(
        resolver=of(lambda session: session.ledger.remaining), description="Numbers that are left."
    )
    fee: Money = strawberry.field(resolver=of(calendar.fee), description="What a number costs (医事服务费).")
    doctor_name: str = strawberry.field(
        resolver=of(lambda session: session.text.doctor_name),
        description="The doctor's name; empty for a session that no doctor is named for.",
    )
    doctor_title: str = strawberry.field(
        resolver=of(lambda session: session.text.doctor_title), description="The doctor's professional title."
    )
    skill: str = strawberry.field(
        resolver=of(lambda session: session.text.skill), description="What the doctor is good at."
    )
    notice: str = strawberry.field(
        resolver=of(lambda session: session.text.notice), description="What the hospital wants patients to know."
    )
    fetch_address: str = strawberry.field(
        resolver=of(lambda session: session.text.fetch_address), description="Where to check in."
    )
    doctor: Doctor | None = strawberry.field(
        resolver=on(calendar.doctor_of), description="The doctor's own entry, where the hospital keeps one."
    )
    hospital: Annotated["Hospital", strawberry.lazy("schema.hospital")] = strawberry.field(
        resolver=on(calendar.hospital_of), description="Its hospital."
    )
    department: Annotated["Department", strawberry.lazy("schema.department")] | None = strawberry.field(
        resolver=on(calendar.department_of), description="Its department."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, Session)

    @classmethod
    async def resolve_reference(
        cls,
        info: Context,
        id: strawberry.ID | None = None,
        hospitalCode: str | None = None,  # noqa: N803 - federation passes the graph's own field names
        externalId: str | None = None,  # noqa: N803
    ) -> object | None:
        return (
            await nodes.node_of_kind(info.context, str(id), NodeKind.SCHEDULE)
            if id is not None
            else await calendar.session(info.context, hospitalCode or "", externalId or "")
        )
