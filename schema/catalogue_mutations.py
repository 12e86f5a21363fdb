"""What hospitals' systems change: their own catalogue, proved by an integration key."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import strawberry

from domain.catalogue.push import PushOutcome
from resolvers import catalogue_pushes as pushes
from resolvers.catalogue_pushes import SingleAnswer, Upserted
from schema.binding import Context, F, mutates, of
from schema.department import Department
from schema.doctor import Doctor
from schema.hospital import Hospital
from schema.permissions import IsHospitalSystem
from schema.problems import HospitalLocked, IdempotencyKeyReused, InvalidBatch, InvalidInput, ItemProblem
from schema.push_inputs import (
    CodesInput,
    UpsertDepartmentInput,
    UpsertDepartmentsInput,
    UpsertDoctorInput,
    UpsertDoctorsInput,
    UpsertHospitalInput,
    UpsertScheduleInput,
    UpsertSchedulesInput,
)
from schema.schedule import Schedule


@strawberry.type(description="What a batch changed.")
class CataloguePushed:
    created: int = strawberry.field(description="Things that are new.")
    replaced: int = strawberry.field(description="Things that were there and were replaced or withdrawn.")
    removed: int = strawberry.field(description="Things that were removed.")
    revision: int = strawberry.field(description="Number of the push; it grows with each of the hospital's pushes.")
    refused: list[ItemProblem] = strawberry.field(
        description="Items that were not taken; empty when the batch was all or nothing."
    )
    replayed: bool = strawberry.field(description="Whether the same call was made before and nothing was done again.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, PushOutcome)


@strawberry.type(description="The hospital's entry was taken.")
class HospitalUpserted:
    hospital: Hospital = strawberry.field(
        resolver=of(lambda upserted: upserted.entity), description="The entry as patients now see it."
    )
    replayed: bool = strawberry.field(description="Whether the same call was made before and nothing was done again.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, Upserted) and value.kind is pushes.EntityKind.HOSPITAL


@strawberry.type(description="The department was taken.")
class DepartmentUpserted:
    department: Department = strawberry.field(
        resolver=of(lambda upserted: upserted.entity), description="The department as it now is."
    )
    replayed: bool = strawberry.field(description="Whether the same call was made before and nothing was done again.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, Upserted) and value.kind is pushes.EntityKind.DEPARTMENT


@strawberry.type(description="The doctor was taken.")
class DoctorUpserted:
    doctor: Doctor = strawberry.field(
        resolver=of(lambda upserted: upserted.entity), description="The doctor as patients now see them."
    )
    replayed: bool = strawberry.field(description="Whether the same call was made before and nothing was done again.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, Upserted) and value.kind is pushes.EntityKind.DOCTOR


@strawberry.type(description="The session was taken.")
class ScheduleUpserted:
    schedule: Schedule = strawberry.field(
        resolver=of(lambda upserted: upserted.entity), description="The session as patients now see it."
    )
    replayed: bool = strawberry.field(description="Whether the same call was made before and nothing was done again.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, Upserted) and value.kind is pushes.EntityKind.SCHEDULE


CataloguePushResult = Annotated[
    CataloguePushed | InvalidBatch | InvalidInput | IdempotencyKeyReused | HospitalLocked,
    strawberry.union("CataloguePushResult", description="What became of a batch."),
]
UpsertHospitalResult = Annotated[
    HospitalUpserted | InvalidInput | IdempotencyKeyReused | HospitalLocked,
    strawberry.union("UpsertHospitalResult", description="What became of the hospital's entry."),
]
UpsertDepartmentResult = Annotated[
    DepartmentUpserted | InvalidInput | IdempotencyKeyReused | HospitalLocked,
    strawberry.union("UpsertDepartmentResult", description="What became of the department."),
]
UpsertDoctorResult = Annotated[
    DoctorUpserted | InvalidInput | IdempotencyKeyReused | HospitalLocked,
    strawberry.union("UpsertDoctorResult", description="What became of the doctor."),
]
UpsertScheduleResult = Annotated[
    ScheduleUpserted | InvalidInput | IdempotencyKeyReused | HospitalLocked,
    strawberry.union("UpsertScheduleResult", description="What became of the session."),
]


T = TypeVar("T")
Pushed = Annotated[T, strawberry.argument(description="What to push, and the key of this call.")]


def for_hospitals(graphql_type: Any, description: str) -> Callable[[F], F]:
    """Declare a mutation that only a hospital's own system may use."""
    return mutates(graphql_type, description, only=IsHospitalSystem)


@strawberry.type
class CatalogueMutation:
    @for_hospitals(UpsertHospitalResult, "Push the hospital's own entry; a second push replaces the first.")
    def upsert_hospital(self, info: Context, input: Pushed[UpsertHospitalInput]) -> Awaitable[SingleAnswer]:
        return pushes.upsert_hospital(info.context, input.idempotency_key, asdict(input.hospital))

    @for_hospitals(UpsertDepartmentResult, "Push one department.")
    def upsert_department(self, info: Context, input: Pushed[UpsertDepartmentInput]) -> Awaitable[SingleAnswer]:
        return pushes.upsert_department(info.context, input.idempotency_key, asdict(input.department))

    @for_hospitals(UpsertDoctorResult, "Push one doctor.")
    def upsert_doctor(self, info: Context, input: Pushed[UpsertDoctorInput]) -> Awaitable[SingleAnswer]:
        return pushes.upsert_doctor(info.context, input.idempotency_key, asdict(input.doctor))

    @for_hospitals(UpsertScheduleResult, "Push one session; what was sold of it stays sold.")
    def upsert_schedule(self, info: Context, input: Pushed[UpsertScheduleInput]) -> Awaitable[SingleAnswer]:
        return pushes.upsert_schedule(info.context, input.idempotency_key, asdict(input.schedule))

    @for_hospitals(CataloguePushResult, "Push up to 1,000 departments; parents may stand in the same batch.")
    def upsert_departments(self, info: Context, input: Pushed[UpsertDepartmentsInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.upsert_departments(info.context, _batch(input))

    @for_hospitals(CataloguePushResult, "Push up to 1,000 doctors.")
    def upsert_doctors(self, info: Context, input: Pushed[UpsertDoctorsInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.upsert_doctors(info.context, _batch(input))

    @for_hospitals(CataloguePushResult, "Push up to 1,000 sessions; what was sold of them stays sold.")
    def upsert_schedules(self, info: Context, input: Pushed[UpsertSchedulesInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.upsert_schedules(info.context, _batch(input))

    @for_hospitals(CataloguePushResult, "Remove departments on which nothing hangs any more.")
    def remove_departments(self, info: Context, input: Pushed[CodesInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.remove_departments(info.context, _codes(input))

    @for_hospitals(CataloguePushResult, "Remove doctors; their sessions keep the names they were pushed with.")
    def remove_doctors(self, info: Context, input: Pushed[CodesInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.remove_doctors(info.context, _codes(input))

    @for_hospitals(CataloguePushResult, "Remove sessions of which no number was ever sold.")
    def remove_schedules(self, info: Context, input: Pushed[CodesInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.remove_schedules(info.context, _codes(input))

    @for_hospitals(CataloguePushResult, "Withdraw sessions (停诊): no more numbers are taken of them.")
    def withdraw_schedules(self, info: Context, input: Pushed[CodesInput]) -> Awaitable[pushes.BatchAnswer]:
        return pushes.withdraw_schedules(info.context, _codes(input))


def _batch(input: UpsertDepartmentsInput | UpsertDoctorsInput | UpsertSchedulesInput) -> pushes.Batch:
    return pushes.Batch(input.idempotency_key, [asdict(item) for item in input.items], input.all_or_nothing)


def _codes(input: CodesInput) -> pushes.Batch:
    return pushes.Batch(input.idempotency_key, [{"code": code} for code in input.codes], input.all_or_nothing)
