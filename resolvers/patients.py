"""Patients as their owner and as staff meet them. Nothing leaves here unmasked, except what is revealed on proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from datasources.sql.audit_entry import AuditLog
from datasources.sql.patient import Patient, Patients
from domain.callers import SignedInUser
from domain.global_id import NodeKind, node_reference
from domain.language import Words
from domain.patients import changes
from domain.patients.changes import Owner, PatientHasLiveOrders, TooManyPatients
from domain.patients.consent import ConsentNeeded
from domain.patients.details import GivenPatient
from domain.patients.views import PatientView, named_like, view_of
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from domain.refusals import Refusal, RefusalCode
from resolvers import dictionary
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.staff_callers import staff_with

_SIGN_IN = Words("请先登录。", "Sign in first.")


@dataclass(frozen=True, slots=True)
class PatientAdded:
    """A new patient."""

    patient: PatientView


@dataclass(frozen=True, slots=True)
class PatientUpdated:
    """A patient whose details changed."""

    patient: PatientView


@dataclass(frozen=True, slots=True)
class PatientRemoved:
    """A patient who is gone."""

    patient_id: UUID


AddAnswer = PatientAdded | InvalidInput | TooManyPatients | ConsentNeeded
UpdateAnswer = PatientUpdated | InvalidInput | NotFound | PatientHasLiveOrders | ConsentNeeded
RemoveAnswer = PatientRemoved | InvalidInput | NotFound | PatientHasLiveOrders


async def my_patients(context: RequestContext, text: str | None) -> list[PatientView]:
    """The caller's own patients; with a text, those whose name has it. Names are sealed, so all few are opened."""
    owner = owner_of(context)
    async with context.stores.sql.read() as session:
        rows = await Patients(session).of_user(owner.user_id)
    views = [_own_view(context, row) for row in rows]
    return [view for view in views if named_like(view, text)] if text else views


async def own_patient(context: RequestContext, key: str) -> PatientView | None:
    """The caller's own patient with this key; None for everybody else, as if there were none."""
    id = _uuid(key)
    if id is None or not isinstance(context.caller, SignedInUser):
        return None
    async with context.stores.sql.read() as session:
        row = await Patients(session).own(context.caller.user_id, id)
    return None if row is None else _own_view(context, row)


async def patients_of_user(context: RequestContext, user_id: str) -> list[PatientView]:
    """What staff see of an account's patients: everything masked, and that they looked is on record."""
    staff_with(context, Permission.READ_PATIENTS)
    reference = node_reference(user_id)
    id = _uuid(reference.key) if reference.kind is NodeKind.USER else None
    if id is None:
        return []
    async with context.stores.sql.unit_of_work() as session:
        rows = await Patients(session).of_user(id)
        detail = {"patients": [str(row.id) for row in rows]}
        await AuditLog(session).append(actor(context).act("PATIENTS_READ", "user", id, detail=detail))
    return [view_of(context.ring, row, today(context), by_owner=False) for row in rows]


async def add_patient(context: RequestContext, given: GivenPatient) -> AddAnswer:
    """Add a patient to the caller's account."""
    owner = owner_of(context)
    async with context.stores.sql.unit_of_work() as session:
        answer = await changes.add_patient(session, context.ring, owner, given)
    return PatientAdded(_own_view(context, answer)) if isinstance(answer, Patient) else answer


async def update_patient(context: RequestContext, id: str, named: Mapping[str, Any]) -> UpdateAnswer:
    """Change what is named of one of the caller's patients."""
    owner, patient_id = owner_of(context), patient_id_of(id)
    if patient_id is None:
        return NotFound()
    async with context.stores.sql.unit_of_work() as session:
        answer = await changes.update_patient(session, context.ring, owner, patient_id, named)
    return PatientUpdated(_own_view(context, answer)) if isinstance(answer, Patient) else answer


async def remove_patient(context: RequestContext, id: str) -> RemoveAnswer:
    """Remove one of the caller's patients."""
    owner, patient_id = owner_of(context), patient_id_of(id)
    if patient_id is None:
        return NotFound()
    async with context.stores.sql.unit_of_work() as session:
        answer = await changes.remove_patient(session, owner, patient_id)
    return PatientRemoved(answer) if isinstance(answer, UUID) else answer


async def region_name(context: RequestContext, patient: PatientView) -> str | None:
    """The full name of the patient's region."""
    return None if patient.region_code is None else await dictionary.region_full_name(context, patient.region_code)


def owner_of(context: RequestContext) -> Owner:
    """The caller as the owner of an account. Refused (UNAUTHENTICATED) for everybody else."""
    caller = context.caller
    if not isinstance(caller, SignedInUser):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return Owner(caller.user_id, actor(context), today(context))


def today(context: RequestContext) -> date:
    """The platform's date."""
    return context.clock().astimezone(context.zone).date()


def patient_id_of(id: str) -> UUID | None:
    """What a patient's global id names; None if it names something else."""
    reference = node_reference(id)
    return _uuid(reference.key) if reference.kind is NodeKind.PATIENT else None


def _own_view(context: RequestContext, row: Patient) -> PatientView:
    return view_of(context.ring, row, today(context), by_owner=True)


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
