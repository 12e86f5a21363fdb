"""Staff: their list, and what is done to their accounts."""

from collections.abc import Sequence
from uuid import UUID

from datasources.sql.staff_account import StaffAccount, StaffAccounts, StaffCriteria, StaffStatus
from domain.callers import StaffMember
from domain.global_id import NodeKind, global_id, node_reference
from domain.page import Page
from domain.permissions import Permission, Role, granted
from domain.problems import NotFound
from domain.staff import administration
from domain.staff.administration import Denied, NewStaff
from domain.staff.authority import reach
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_text, sql_page
from resolvers.staff_callers import staff_with

READERS = (Permission.READ_STAFF, Permission.EDIT_OWN_STAFF)
EDITORS = (Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF)


async def staff_list(
    context: RequestContext,
    *,
    text: str | None,
    role: Role | None,
    hospital_code: str | None,
    status: StaffStatus | None,
    first: int,
    after: str | None,
) -> Page[StaffAccount]:
    """Staff within the caller's reach, by sign-in name."""
    caller = staff_with(context, *READERS)
    criteria = StaffCriteria(
        within=reach(caller),
        text=text.strip() if text and text.strip() else None,
        role=role,
        hospital_code=hospital_code,
        status=status,
    )
    return await sql_page(
        context,
        by_text("staff", lambda account: account.sign_in_name.lower()),
        first,
        after,
        read=lambda session, behind, limit: StaffAccounts(session).page(criteria, behind, limit),
        count=lambda session: StaffAccounts(session).count(criteria),
    )


async def create(context: RequestContext, new: NewStaff) -> administration.StaffCreated | Denied:
    """Make an account."""
    return await administration.create_staff(context.stores.sql, _editor(context), new, actor(context))


async def update(
    context: RequestContext, id: str, name: str | None, roles: Sequence[Role] | None
) -> administration.StaffUpdated | Denied:
    """Change an account."""
    caller, key = _editor(context), staff_key(id)
    if key is None:
        return NotFound()
    return await administration.update_staff(context.stores.sql, caller, key, name, roles, actor(context))


async def lock(context: RequestContext, id: str, reason: str) -> administration.StaffLocked | Denied:
    """Lock an account."""
    caller, key = _editor(context), staff_key(id)
    if key is None:
        return NotFound()
    return await administration.lock_staff(context.stores.sql, caller, key, reason, actor(context))


async def unlock(context: RequestContext, id: str) -> administration.StaffUnlocked | Denied:
    """Unlock an account."""
    caller, key = _editor(context), staff_key(id)
    if key is None:
        return NotFound()
    return await administration.unlock_staff(context.stores.sql, caller, key, actor(context))


async def reset_password(context: RequestContext, id: str) -> administration.StaffPasswordReset | Denied:
    """Give an account a new password."""
    caller, key = _editor(context), staff_key(id)
    if key is None:
        return NotFound()
    return await administration.reset_password(context.stores.sql, caller, key, actor(context))


def staff_id(account: StaffAccount) -> str:
    """The global id of an account."""
    return global_id(NodeKind.STAFF, account.id)


def staff_key(id: str) -> UUID | None:
    """The account that a global id names; None when it names something else."""
    reference = node_reference(id)
    try:
        return UUID(reference.key) if reference.kind is NodeKind.STAFF else None
    except ValueError:
        return None


def roles(account: StaffAccount) -> list[Role]:
    """The roles that this version of the platform knows."""
    return [Role(role) for role in account.roles if role in administration.KNOWN_ROLES]


def permissions(account: StaffAccount) -> list[Permission]:
    """Everything that an account's roles grant, in a fixed order."""
    has = granted(roles(account))
    return [permission for permission in Permission if permission in has]


def status(account: StaffAccount) -> StaffStatus:
    """Whether it may sign in."""
    return StaffStatus(account.status)


def has_second_factor(account: StaffAccount) -> bool:
    """Whether TOTP is on."""
    return account.totp_confirmed_at is not None


def recovery_codes_left(account: StaffAccount) -> int:
    """How many recovery codes are still unused."""
    return len(account.recovery_code_hashes)


def _editor(context: RequestContext) -> StaffMember:
    return staff_with(context, *EDITORS)
