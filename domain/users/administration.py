"""Staff look after users' accounts: made, renamed, locked, unlocked and deleted, each on record."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.sign_in_session import EndReason
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus
from datasources.sql.user_administration import UserAdministration
from domain.audit.actor import Actor
from domain.identity.accounts import Account
from domain.identity.own_account import DELETION_GRACE, LONGEST_NICKNAME, normal_nickname
from domain.identity.phones import normal_phone
from domain.identity.sessions import end_all_sessions
from domain.identity.sign_in import with_phone
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

ALL_BUT_DELETED = (UserStatus.ACTIVE, UserStatus.LOCKED, UserStatus.DELETING)
LONGEST_REASON = 200

_BAD_PHONE = Words(
    "须为中国大陆手机号，例如 138 0000 1234。", "Send a mobile number of mainland China, such as 138 0000 1234."
)
_TAKEN = Words("这个手机号已有账号。", "There is an account with this phone already.")
_LONG_NICKNAME = Words("昵称最多 {most} 个字符。", "A nickname has at most {most} characters.")
_BEING_DELETED = Words("账号正在注销，不能锁定。", "The account is being deleted and cannot be locked.")


@dataclass(frozen=True, slots=True)
class UserCreated:
    """The account is there; its owner signs in by phone."""

    user: UserAccount


@dataclass(frozen=True, slots=True)
class UserUpdated:
    """The account as it now is."""

    user: UserAccount


@dataclass(frozen=True, slots=True)
class UserLocked:
    """The account is locked and its sessions have ended."""

    user: UserAccount
    ended_sessions: int


@dataclass(frozen=True, slots=True)
class UserUnlocked:
    """The account may be signed in again."""

    user: UserAccount


@dataclass(frozen=True, slots=True)
class UserDeletionBegun:
    """The account's personal data will be erased after the time of grace; its sessions have ended."""

    user: UserAccount
    ended_sessions: int


async def create_user(database: Database, ring: KeyRing, phone: str, actor: Actor) -> UserCreated | InvalidInput:
    """Make an account for a phone that has none."""
    normal = normal_phone(phone)
    if normal is None:
        return _invalid("phone", ProblemCode.MALFORMED, _BAD_PHONE)
    user = with_phone(ring, uuid.uuid4(), normal)
    user.created_at = actor.now
    try:
        async with database.unit_of_work() as session:
            await UserAdministration(session).add(user)
            await _record(session, actor, "USER_CREATED", user.id)
    except IntegrityError:
        return _invalid("phone", ProblemCode.DUPLICATE, _TAKEN)
    return UserCreated(user)


async def update_user(
    database: Database, id: UUID, nickname: str, actor: Actor
) -> UserUpdated | NotFound | InvalidInput:
    """Change what a user is called; an empty nickname removes it."""
    normal = normal_nickname(nickname)
    if len(normal) > LONGEST_NICKNAME:
        return _invalid("nickname", ProblemCode.TOO_LONG, _LONG_NICKNAME, most=LONGEST_NICKNAME)
    async with database.unit_of_work() as session:
        user = await UserAdministration(session).change(id, ALL_BUT_DELETED, {"nickname": normal})
        if user is None:
            return NotFound()
        await _record(session, actor, "USER_UPDATED", id, {"changed": ["nickname"]})
    return UserUpdated(user)


async def lock_user(database: Database, id: UUID, reason: str, actor: Actor) -> UserLocked | NotFound | InvalidInput:
    """Lock an active account and end its sessions at once. Locking again changes nothing."""
    async with database.unit_of_work() as session:
        user = await UserAdministration(session).change(id, (UserStatus.ACTIVE,), {"status": UserStatus.LOCKED.value})
        if user is None:
            there = await _there(session, id)
            if there is None:
                return NotFound()
            if there.status == UserStatus.LOCKED:
                return UserLocked(there, 0)
            return _invalid("id", ProblemCode.STILL_IN_USE, _BEING_DELETED)
        ended = await end_all_sessions(
            session, Account.of_user(id), EndReason.ACCOUNT_LOCKED, actor.origin, by=actor.account
        )
        await _record(session, actor, "USER_LOCKED", id, {"reason": reason.strip()[:LONGEST_REASON]})
    return UserLocked(user, ended)


async def unlock_user(database: Database, id: UUID, actor: Actor) -> UserUnlocked | NotFound:
    """Let a locked account be signed in again. Without a lock nothing changes."""
    async with database.unit_of_work() as session:
        user = await UserAdministration(session).change(id, (UserStatus.LOCKED,), {"status": UserStatus.ACTIVE.value})
        if user is None:
            there = await _there(session, id)
            return NotFound() if there is None else UserUnlocked(there)
        await _record(session, actor, "USER_UNLOCKED", id)
    return UserUnlocked(user)


async def delete_user(database: Database, id: UUID, reason: str, actor: Actor) -> UserDeletionBegun | NotFound:
    """Begin an account's deletion: it is erased after the time of grace. Beginning again changes nothing."""
    values = {"status": UserStatus.DELETING.value, "delete_after": actor.now + DELETION_GRACE}
    async with database.unit_of_work() as session:
        user = await UserAdministration(session).change(id, (UserStatus.ACTIVE, UserStatus.LOCKED), values)
        if user is None:
            there = await _there(session, id)
            return NotFound() if there is None else UserDeletionBegun(there, 0)
        ended = await end_all_sessions(
            session, Account.of_user(id), EndReason.ACCOUNT_DELETED, actor.origin, by=actor.account
        )
        await _record(session, actor, "USER_DELETION_BEGUN", id, {"reason": reason.strip()[:LONGEST_REASON]})
    return UserDeletionBegun(user, ended)


async def _there(session: AsyncSession, id: UUID) -> UserAccount | None:
    user = await UserAccounts(session).get(id)
    return None if user is None or user.status == UserStatus.DELETED else user


async def _record(
    session: AsyncSession, actor: Actor, action: str, id: UUID, detail: dict[str, object] | None = None
) -> None:
    await AuditLog(session).append(actor.act(action, "user", id, detail=detail))


def _invalid(field: str, code: ProblemCode, words: Words, **values: object) -> InvalidInput:
    return InvalidInput([FieldProblem(field, code, words, values)])
