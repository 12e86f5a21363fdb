"""Hospitals' applications to join: handed in by signed-in accounts, looked into and decided by reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_application import HospitalApplication
from datasources.sql.hospital_application_reads import ApplicationFilter, HospitalApplicationReads
from domain.files.links import FileLink
from domain.onboarding import applying, receipt, reviewing, taking_up
from domain.onboarding.applying import ApplicationNotChangeable, HospitalApplied, HospitalKnown, TooManyApplications
from domain.onboarding.details import GivenHospital
from domain.onboarding.receipt import ReceiptView
from domain.onboarding.reviewing import ApplicationContact
from domain.onboarding.taking_up import TakeUpAnswer
from domain.onboarding.views import ApplicationView, applicants_view, reviewers_view
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.files import file_key
from resolvers.listing import by_moment, sql_page
from resolvers.patients import owner_of
from resolvers.staff_callers import staff_with

MOST_OWN = 50


@dataclass(frozen=True, slots=True)
class Applied:
    """A new application that was taken."""

    application: ApplicationView
    receipt_code: SecretStr


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """A corrected application that was taken."""

    application: ApplicationView


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An application that was taken back."""

    application: ApplicationView


@dataclass(frozen=True, slots=True)
class Approved:
    """An application that this call approved."""

    application: ApplicationView


@dataclass(frozen=True, slots=True)
class Rejected:
    """An application that this call rejected."""

    application: ApplicationView


@dataclass(frozen=True, slots=True)
class ContactRevealed:
    """A contact person in clear."""

    application: ApplicationView
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class TypedHospital:
    """What was typed about a hospital, and the licences' global ids."""

    name: str
    level: str
    region_code: str
    address: str
    registration_number: str
    phone: str
    contact_name: str
    contact_phone: str
    api_base: str
    licence_file_ids: Sequence[str]


ApplyAnswer = Applied | InvalidInput | HospitalKnown | TooManyApplications
ResubmitAnswer = Resubmitted | InvalidInput | NotFound | HospitalKnown | TooManyApplications | ApplicationNotChangeable
WithdrawAnswer = Withdrawn | NotFound | ApplicationNotChangeable
ApproveAnswer = Approved | InvalidInput | NotFound | ApplicationNotChangeable
RejectAnswer = Rejected | InvalidInput | NotFound | ApplicationNotChangeable
RevealAnswer = ContactRevealed | InvalidInput | NotFound


async def apply(context: RequestContext, typed: TypedHospital) -> ApplyAnswer:
    """Hand in an application for the caller's account."""
    answer = await applying.apply_to_join(
        context.stores.sql, context.ring, owner_of(context), _given(typed), day_began=_midnight(context)
    )
    if isinstance(answer, HospitalApplied):
        return Applied(applicants_view(context.ring, answer.application), answer.receipt_code)
    return answer


async def resubmit(context: RequestContext, id: str, typed: TypedHospital) -> ResubmitAnswer:
    """Hand a rejected application in again."""
    owner, key = owner_of(context), _key(id)
    if key is None:
        return NotFound()
    answer = await applying.resubmit_application(
        context.stores.sql, context.ring, owner, key, _given(typed), day_began=_midnight(context)
    )
    if isinstance(answer, HospitalApplication):
        return Resubmitted(applicants_view(context.ring, answer))
    return answer


async def withdraw(context: RequestContext, id: str) -> WithdrawAnswer:
    """Take an application back."""
    owner, key = owner_of(context), _key(id)
    if key is None:
        return NotFound()
    answer = await applying.withdraw_application(context.stores.sql, owner, key)
    return Withdrawn(applicants_view(context.ring, answer)) if isinstance(answer, HospitalApplication) else answer


async def take_up(context: RequestContext, id: str) -> TakeUpAnswer:
    """A link for the first manager of a hospital that was approved."""
    owner, key = owner_of(context), _key(id)
    return NotFound() if key is None else await taking_up.take_up_hospital(context.stores.sql, owner, key)


async def mine(context: RequestContext) -> list[ApplicationView]:
    """The caller's own applications."""
    rows = await applying.own_applications(context.stores.sql, owner_of(context).user_id, most=MOST_OWN)
    return [applicants_view(context.ring, row) for row in rows]


async def by_receipt(context: RequestContext, number: str, code: str) -> ReceiptView | None:
    """How an application stands, for whoever has its receipt."""
    return await receipt.look_up(context.stores, number, code, context.exchange.address)


async def queue(
    context: RequestContext, filter: ApplicationFilter, *, first: int, after: str | None
) -> Page[ApplicationView]:
    """Applications that the filter lets through, those that wait longest first."""
    _reviewer(context)

    async def read(session: AsyncSession, behind: tuple[datetime, UUID] | None, limit: int) -> list[ApplicationView]:
        reads = HospitalApplicationReads(session)
        found = await reads.page(filter, limit=limit, behind=behind)
        named = await reads.hospitals_named([row.name for row in found])
        return [reviewers_view(context.ring, row, named.get(row.name, [])) for row in found]

    return await sql_page(
        context,
        by_moment("hospitalApplications", lambda view: view.submitted_at, lambda view: view.id),
        first,
        after,
        read=read,
        count=lambda session: HospitalApplicationReads(session).count(filter),
    )


async def approve(context: RequestContext, id: str, hospital_code: str | None) -> ApproveAnswer:
    """Approve an application."""
    staff_id, key = _reviewer(context), _key(id)
    if key is None:
        return NotFound()
    answer = await reviewing.approve_application(context.stores.sql, actor(context), staff_id, key, hospital_code)
    return Approved(await _reviewed(context, answer)) if isinstance(answer, HospitalApplication) else answer


async def reject(context: RequestContext, id: str, reason: str) -> RejectAnswer:
    """Reject an application."""
    staff_id, key = _reviewer(context), _key(id)
    if key is None:
        return NotFound()
    answer = await reviewing.reject_application(context.stores.sql, actor(context), staff_id, key, reason)
    return Rejected(await _reviewed(context, answer)) if isinstance(answer, HospitalApplication) else answer


async def view_licence(context: RequestContext, id: str, file_id: str) -> FileLink | NotFound:
    """A link to a licence, on record."""
    _reviewer(context)
    key = _key(id)
    if key is None:
        return NotFound()
    return await reviewing.view_licence(context.stores, context.files, actor(context), key, file_key(file_id))


async def reveal_contact(context: RequestContext, id: str, reason: str) -> RevealAnswer:
    """An application's contact person in clear, on record."""
    _reviewer(context)
    key = _key(id)
    if key is None:
        return NotFound()
    answer = await reviewing.reveal_contact(context.stores.sql, context.ring, actor(context), key, reason)
    if isinstance(answer, ApplicationContact):
        return ContactRevealed(await _reviewed(context, answer.application), answer.name, answer.phone)
    return answer


async def _reviewed(context: RequestContext, row: HospitalApplication) -> ApplicationView:
    async with context.stores.sql.read() as session:
        named = await HospitalApplicationReads(session).hospitals_named([row.name])
    return reviewers_view(context.ring, row, named.get(row.name, []))


def _reviewer(context: RequestContext) -> UUID:
    return staff_with(context, Permission.EDIT_HOSPITALS).staff_id


def _given(typed: TypedHospital) -> GivenHospital:
    return GivenHospital(
        typed.name,
        typed.level,
        typed.region_code,
        typed.address,
        typed.registration_number,
        typed.phone,
        typed.contact_name,
        typed.contact_phone,
        typed.api_base,
        [file_key(id) for id in typed.licence_file_ids],
    )


def _midnight(context: RequestContext) -> datetime:
    return context.clock().astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _key(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None
