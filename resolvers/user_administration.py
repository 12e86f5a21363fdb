"""Users as staff see and change them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from datasources.sql.sign_in_session import Owner, SignInSession, SignInSessions
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus, Verification
from datasources.sql.user_administration import UserAdministration, UserCriteria, UserSort
from domain.global_id import NodeKind, node_reference
from domain.identity.accounts import AccountKind
from domain.identity.login_codes import phone_index
from domain.identity.phones import normal_phone
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from domain.users import administration
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_moment, sql_page
from resolvers.staff_callers import staff_with

T = TypeVar("T")


async def users(
    context: RequestContext,
    *,
    text: str | None,
    status: UserStatus | None,
    verification: Verification | None,
    sort: UserSort,
    first: int,
    after: str | None,
) -> Page[UserAccount]:
    """Users who meet the criteria. A whole phone number finds its account; part of one finds nobody."""
    staff_with(context, Permission.READ_USERS)
    text = text.strip() if text and text.strip() else None
    phone = None if text is None else normal_phone(text)
    criteria = UserCriteria(
        nickname=text,
        phone_index=None if phone is None else phone_index(context.ring, phone),
        status=status,
        verification=verification,
    )
    return await sql_page(
        context,
        by_moment(f"users.{sort}", lambda user: user.created_at, lambda user: user.id),
        first,
        after,
        read=lambda session, behind, limit: UserAdministration(session).page(criteria, sort, behind, limit),
        count=lambda session: UserAdministration(session).count(criteria),
    )


async def user(context: RequestContext, id: str) -> UserAccount | None:
    """The user with this global id."""
    staff_with(context, Permission.READ_USERS)
    key = _key(id)
    if key is None:
        return None
    async with context.stores.sql.read() as session:
        return await UserAccounts(session).get(key)


async def sessions_of(context: RequestContext, id: str) -> list[SignInSession]:
    """Where the user is signed in, the session used last first; empty if there is no such user."""
    staff_with(context, Permission.READ_USERS)
    key = _key(id)
    if key is None:
        return []
    async with context.stores.sql.read() as session:
        return await SignInSessions(session).live(Owner(AccountKind.USER.value, key), context.clock())


async def create(context: RequestContext, phone: str) -> administration.UserCreated | InvalidInput:
    """Make an account."""
    staff_with(context, Permission.EDIT_USERS)
    return await administration.create_user(context.stores.sql, context.ring, phone, actor(context))


async def update(
    context: RequestContext, id: str, nickname: str
) -> administration.UserUpdated | NotFound | InvalidInput:
    """Change an account."""
    staff_with(context, Permission.EDIT_USERS)
    sql, who = context.stores.sql, actor(context)
    return await _of(id, lambda key: administration.update_user(sql, key, nickname, who))


async def lock(context: RequestContext, id: str, reason: str) -> administration.UserLocked | NotFound | InvalidInput:
    """Lock an account."""
    staff_with(context, Permission.LOCK_USERS)
    sql, who = context.stores.sql, actor(context)
    return await _of(id, lambda key: administration.lock_user(sql, key, reason, who))


async def unlock(context: RequestContext, id: str) -> administration.UserUnlocked | NotFound:
    """Unlock an account."""
    staff_with(context, Permission.LOCK_USERS)
    sql, who = context.stores.sql, actor(context)
    return await _of(id, lambda key: administration.unlock_user(sql, key, who))


async def delete(context: RequestContext, id: str, reason: str) -> administration.UserDeletionBegun | NotFound:
    """Begin an account's deletion."""
    staff_with(context, Permission.EDIT_USERS)
    sql, who = context.stores.sql, actor(context)
    return await _of(id, lambda key: administration.delete_user(sql, key, reason, who))


async def _of(id: str, do: Callable[[UUID], Awaitable[T]]) -> T | NotFound:
    key = _key(id)
    return NotFound() if key is None else await do(key)


def _key(id: str) -> UUID | None:
    reference = node_reference(id)
    try:
        return UUID(reference.key) if reference.kind is NodeKind.USER else None
    except ValueError:
        return None
