"""Hospitals' pushes: each is for the hospital whose key signed the request, whatever the input says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from datasources.keys import department_key, doctor_key, schedule_key
from datasources.mongo.hospitals import HospitalReads
from datasources.sql.slot_ledger import ScheduleStatus
from domain.booking.follow_up import cancel_withdrawn_soon
from domain.booking.waitlist.offering import serve_hospital
from domain.callers import HospitalSystem
from domain.catalogue import departments, doctors, hospital, schedules
from domain.catalogue.push import Plan, PushAnswer, PushOutcome, PushRequest, push
from domain.language import Words
from domain.problems import HospitalLocked, IdempotencyKeyReused, InvalidBatch, InvalidInput
from domain.refusals import Refusal, RefusalCode
from resolvers import calendar
from resolvers.context import RequestContext

BatchAnswer = PushAnswer
WITHDRAW = "withdrawSchedules"

_NOT_A_HOSPITAL = Words("此操作只供医院系统使用。", "Only a hospital's own system may do this.")


class EntityKind(Enum):
    """What a single push put."""

    HOSPITAL = "hospital"
    DEPARTMENT = "department"
    DOCTOR = "doctor"
    SCHEDULE = "schedule"


OF_SESSIONS = ("upsertSchedules", f"upsert {EntityKind.SCHEDULE.value}", WITHDRAW)
"""Pushes that may free places, or end what people wait for."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it came."""

    idempotency_key: str
    items: Sequence[Mapping[str, object]]
    all_or_nothing: bool


@dataclass(frozen=True, slots=True)
class Upserted:
    """A single push that was taken, with the entity as it now is."""

    kind: EntityKind
    entity: object
    replayed: bool


SingleAnswer = Upserted | InvalidInput | IdempotencyKeyReused | HospitalLocked


async def upsert_hospital(context: RequestContext, key: str, item: Mapping[str, object]) -> SingleAnswer:
    """Put the hospital's own entry."""
    code = _hospital_code(context)
    return await _single(
        context,
        EntityKind.HOSPITAL,
        key,
        item,
        hospital.plan_upsert,
        # Its own hospital sees it whether or not patients do.
        lambda: HospitalReads().whether_listed_or_not(code),
    )


async def upsert_department(context: RequestContext, key: str, item: Mapping[str, object]) -> SingleAnswer:
    """Put one department."""
    id = department_key(_hospital_code(context), _trimmed(item["code"]))
    return await _single(
        context,
        EntityKind.DEPARTMENT,
        key,
        item,
        departments.plan_upsert,
        lambda: context.loaders.department_by_id.load(id),
    )


async def upsert_doctor(context: RequestContext, key: str, item: Mapping[str, object]) -> SingleAnswer:
    """Put one doctor."""
    id = doctor_key(_hospital_code(context), _trimmed(item["code"]))
    return await _single(
        context, EntityKind.DOCTOR, key, item, doctors.plan_upsert, lambda: context.loaders.doctor_by_id.load(id)
    )


async def upsert_schedule(context: RequestContext, key: str, item: Mapping[str, object]) -> SingleAnswer:
    """Put one session."""
    id = schedule_key(_hospital_code(context), _trimmed(item["external_id"]))
    return await _single(
        context,
        EntityKind.SCHEDULE,
        key,
        item,
        schedules.plan_upsert(context.zone),
        lambda: calendar.own_session(context, id),
    )


async def upsert_departments(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Put departments."""
    return await _push(context, "upsertDepartments", batch, departments.plan_upsert)


async def upsert_doctors(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Put doctors."""
    return await _push(context, "upsertDoctors", batch, doctors.plan_upsert)


async def upsert_schedules(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Put sessions."""
    return await _push(context, "upsertSchedules", batch, schedules.plan_upsert(context.zone))


async def remove_departments(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Remove departments."""
    return await _push(context, "removeDepartments", batch, departments.plan_remove(context.zone))


async def remove_doctors(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Remove doctors."""
    return await _push(context, "removeDoctors", batch, doctors.plan_remove)


async def remove_schedules(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Remove sessions."""
    return await _push(context, "removeSchedules", batch, schedules.plan_remove)


async def withdraw_schedules(context: RequestContext, batch: Batch) -> BatchAnswer:
    """Withdraw sessions."""
    return await _push(context, WITHDRAW, batch, schedules.plan_withdraw)


async def _push(context: RequestContext, operation: str, batch: Batch, plan: Plan) -> PushAnswer:
    request = PushRequest(
        hospital_code=_hospital_code(context),
        operation=operation,
        idempotency_key=batch.idempotency_key,
        items=batch.items,
        all_or_nothing=batch.all_or_nothing,
        now=context.clock(),
    )
    answer = await push(context.stores, request, plan)
    if isinstance(answer, PushOutcome) and _withdraws(request):
        await cancel_withdrawn_soon(context.stores)
    if isinstance(answer, PushOutcome) and operation in OF_SESSIONS:
        await serve_hospital(context.stores, context.booking.policy, request.hospital_code, request.now)
    return answer


async def _single(
    context: RequestContext,
    kind: EntityKind,
    key: str,
    item: Mapping[str, object],
    plan: Plan,
    load: Callable[[], Awaitable[object]],
) -> SingleAnswer:
    answer = await _push(context, f"upsert {kind.value}", Batch(key, [item], all_or_nothing=True), plan)
    if isinstance(answer, InvalidBatch):
        return InvalidInput([each.problem for each in answer.items])
    if isinstance(answer, PushOutcome):
        return Upserted(kind, await load(), answer.replayed)
    return answer


def _withdraws(request: PushRequest) -> bool:
    said = {str(item.get("status")).strip().upper() for item in request.items}
    # What this misses is found by the clock some seconds later.
    return request.operation == WITHDRAW or not said.isdisjoint({ScheduleStatus.WITHDRAWN.value, "-1"})


def _hospital_code(context: RequestContext) -> str:
    if not isinstance(context.caller, HospitalSystem):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _NOT_A_HOSPITAL)
    return context.caller.hospital_code


def _trimmed(code: object) -> str:
    return str(code).strip()
