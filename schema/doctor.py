"""Doctor."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.mongo.documents import DoctorDocument
from domain.global_id import NodeKind, global_id
from resolvers import doctors, nodes
from schema.binding import Context, of, on
from schema.node import Node

if TYPE_CHECKING:
    from schema.department import Department
    from schema.hospital import Hospital


@strawberry.federation.type(keys=["id", "hospitalCode code"], description="A doctor of a hospital.")
class Doctor(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda doctor: global_id(NodeKind.DOCTOR, doctor.id)), description="Global, opaque id."
    )
    hospital_code: str = strawberry.field(description="Code of the doctor's hospital.")
    code: str = strawberry.field(description="The hospital's own code of the doctor.")
    name: str = strawberry.field(description="The doctor's name.")
    title: str = strawberry.field(description="Professional title: 主任医师, 副主任医师, …")
    skill: str = strawberry.field(description="What the doctor is good at.")
    introduction: str = strawberry.field(description="More about the doctor.")
    hospital: Annotated["Hospital", strawberry.lazy("schema.hospital")] = strawberry.field(
        resolver=on(doctors.hospital_of), description="The doctor's hospital."
    )
    departments: list[Annotated["Department", strawberry.lazy("schema.department")]] = strawberry.field(
        resolver=on(doctors.departments_of), description="Departments the doctor works in."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, DoctorDocument)

    @classmethod
    async def resolve_reference(
        cls,
        info: Context,
        id: strawberry.ID | None = None,
        hospitalCode: str | None = None,  # noqa: N803 - federation passes the graph's own field names
        code: str | None = None,
    ) -> object | None:
        return (
            await nodes.node_of_kind(info.context, str(id), NodeKind.DOCTOR)
            if id is not None
            else await doctors.doctor(info.context, hospitalCode or "", code or "")
        )
