"""Hospitals' accounts: whether they take bookings, for the hospital itself and for those who look after hospitals."""

from datasources.sql.hospital_account import AccountCriteria, BookingMode, HospitalAccount, HospitalAccounts
from datasources.sql.hospital_account import HospitalStatus as Status
from domain.callers import HospitalSystem
from domain.hospitals import status
from domain.hospitals.status import LockAnswer, StatusAnswer
from domain.page import Page
from domain.permissions import Permission
from domain.problems import NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_text, sql_page
from resolvers.staff_callers import managed_hospital, staff, staff_with


async def own(context: RequestContext) -> HospitalAccount | None:
    """The account of the caller's hospital; None for the platform's staff."""
    caller = context.caller
    code = caller.hospital_code if isinstance(caller, HospitalSystem) else staff(context).hospital_code
    if code is None:
        return None
    async with context.stores.sql.read() as session:
        return await HospitalAccounts(session).get(code)


async def listed(
    context: RequestContext, criteria: AccountCriteria, *, first: int, after: str | None
) -> Page[HospitalAccount]:
    """Accounts by their codes."""
    staff_with(context, Permission.EDIT_HOSPITALS)
    return await sql_page(
        context,
        by_text("hospitalAccounts", lambda account: account.code),
        first,
        after,
        read=lambda session, behind, limit: HospitalAccounts(session).page(criteria, behind, limit),
        count=lambda session: HospitalAccounts(session).count(criteria),
    )


async def set_online(context: RequestContext, *, online: bool) -> StatusAnswer:
    """Have the caller's hospital take bookings, or none."""
    caller = context.caller
    if isinstance(caller, HospitalSystem):
        code = caller.hospital_code
    else:
        code = managed_hospital(context, Permission.EDIT_OWN_CATALOGUE)
    return await status.set_online(context.stores, code, online=online, actor=actor(context))


async def lock(context: RequestContext, hospital_code: str, reason: str) -> LockAnswer:
    """Lock a hospital."""
    staff_with(context, Permission.EDIT_HOSPITALS)
    if not hospital_code.strip():
        return NotFound()
    return await status.lock(context.stores, hospital_code.strip(), reason, actor(context))


async def unlock(context: RequestContext, hospital_code: str) -> LockAnswer:
    """Unlock a hospital."""
    staff_with(context, Permission.EDIT_HOSPITALS)
    return await status.unlock(context.stores, hospital_code.strip(), actor(context))


def status_of(account: HospitalAccount) -> Status:
    """Where it stands."""
    return Status(account.status)


def mode_of(account: HospitalAccount) -> BookingMode:
    """Who makes orders final."""
    return BookingMode(account.booking_mode)
