"""Bans from booking, as the banned and staff see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_bans import BookingBans
from domain.booking import bans
from domain.global_id import NodeKind, global_id, node_reference
from domain.patients.views import PatientView
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.patients import owner_of
from resolvers.staff_callers import staff_with


@dataclass(frozen=True, slots=True)
class BanView:
    """A ban, with the patient that the banned person is in the account that is looked at."""

    ban: BookingBan
    patient_id: UUID | None


@dataclass(frozen=True, slots=True)
class BanLifted:
    """A ban that holds no longer."""

    ban: BanView


async def my_bans(context: RequestContext) -> list[BanView]:
    """The bans of the caller's own patients."""
    return await _of_user(context, owner_of(context).user_id)


async def bans_of_user(context: RequestContext, user_id: str) -> list[BanView]:
    """The bans of an account's patients, for staff."""
    staff_with(context, Permission.READ_PATIENTS)
    reference = node_reference(user_id)
    id = _uuid(reference.key) if reference.kind is NodeKind.USER else None
    return [] if id is None else await _of_user(context, id)


async def lift(context: RequestContext, ban_id: str, reason: str) -> BanLifted | NotFound | InvalidInput:
    """Let a banned person book again."""
    staff_with(context, Permission.EDIT_USERS)
    id = _uuid(ban_id)
    if id is None:
        return NotFound()
    answer = await bans.lift_ban(context.stores.sql, id, reason, actor(context))
    if not isinstance(answer, bans.BookingBanLifted):
        return answer
    return BanLifted(BanView(answer.ban, answer.ban.patient_id))


async def banned_until(context: RequestContext, patient: PatientView) -> datetime | None:
    """Until when the patient may not be booked for."""
    until = await context.loaders.last_ban_end_by_patient.load(patient.id)
    return until if until is not None and until > context.clock() else None


def is_in_force(context: RequestContext, view: BanView) -> bool:
    """Whether it keeps the person from booking now."""
    now = context.clock()
    return view.ban.lifted_at is None and view.ban.since <= now < view.ban.until


def patient_id(view: BanView) -> str | None:
    """The patient's global id."""
    return None if view.patient_id is None else global_id(NodeKind.PATIENT, view.patient_id)


async def _of_user(context: RequestContext, user_id: UUID) -> list[BanView]:
    async with context.stores.sql.read() as session:
        found: Sequence[tuple[BookingBan, UUID]] = await BookingBans(session).of_patients_of(user_id)
    return [BanView(ban, patient) for ban, patient in found]


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
