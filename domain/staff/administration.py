"""Managing staff: accounts are made, changed, locked and given new passwords by those above them.

Whose accounts a caller can reach stands in the WHERE; changes queue, so that the last administrator is seen as such.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.sign_in_session import EndReason
from datasources.sql.staff_account import StaffAccount, StaffAccounts, StaffStatus
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.identity.accounts import Account
from domain.identity.sessions import end_all_sessions
from domain.permissions import Role
from domain.problems import FieldProblem, InvalidInput, NotAllowed, NotFound, ProblemCode
from domain.staff.authority import fit_together, may_give, reach
from domain.staff.entry import NO_HOSPITAL, NO_ROLES, TAKEN, WRONG_HOSPITAL, entry_problems, name_problem
from domain.staff.own_account import forget_totp
from domain.staff.passwords import generated_password, password_hash

Denied = NotFound | NotAllowed | InvalidInput
KNOWN_ROLES = frozenset(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account to be made."""

    sign_in_name: str
    name: str
    roles: Sequence[Role]
    hospital_code: str | None


@dataclass(frozen=True, slots=True)
class StaffCreated:
    """The account is there; its password is shown this once and must be changed at the first sign-in."""

    staff: StaffAccount
    initial_password: SecretStr


@dataclass(frozen=True, slots=True)
class StaffUpdated:
    """The account as it now is."""

    staff: StaffAccount


@dataclass(frozen=True, slots=True)
class StaffLocked:
    """The account is locked, and its sessions have ended."""

    staff: StaffAccount
    ended_sessions: int


@dataclass(frozen=True, slots=True)
class StaffUnlocked:
    """The account may sign in again."""

    staff: StaffAccount


@dataclass(frozen=True, slots=True)
class StaffPasswordReset:
    """The account has a new password, shown this once; its second factor is off and its sessions have ended."""

    staff: StaffAccount
    initial_password: SecretStr


async def create_staff(database: Database, caller: StaffMember, new: NewStaff, actor: Actor) -> StaffCreated | Denied:
    """Make an account. A hospital's manager makes it in the manager's own hospital, whatever the input leaves out."""
    hospital_code = new.hospital_code if caller.hospital_code is None else new.hospital_code or caller.hospital_code
    problems = entry_problems(new.sign_in_name, new.name, new.roles)
    if not fit_together(new.roles, hospital_code):
        problems.append(FieldProblem("hospitalCode", ProblemCode.MALFORMED, WRONG_HOSPITAL))
    if problems:
        return InvalidInput(problems)
    if not may_give(caller, new.roles) or caller.hospital_code not in {None, hospital_code}:
        return NotAllowed(ProblemCode.BEYOND_OWN_RIGHTS)
    password = generated_password()
    account = StaffAccount(
        id=uuid.uuid4(),
        sign_in_name=new.sign_in_name.strip(),
        name=new.name.strip(),
        hospital_code=hospital_code,
        roles=_ordered(new.roles),
        password_hash=await password_hash(password),
        must_change_password=True,
    )
    try:
        async with database.unit_of_work() as session:
            if hospital_code is not None and await HospitalAccounts(session).get(hospital_code) is None:
                return InvalidInput([FieldProblem("hospitalCode", ProblemCode.UNKNOWN_REFERENCE, NO_HOSPITAL)])
            await StaffAccounts(session).add(account)
            await AuditLog(session).append(
                actor.act(
                    "STAFF_CREATED",
                    "staff",
                    account.id,
                    hospital_code=hospital_code,
                    detail={"sign_in_name": account.sign_in_name, "roles": account.roles},
                )
            )
    except IntegrityError:
        return InvalidInput([FieldProblem("signInName", ProblemCode.DUPLICATE, TAKEN)])
    return StaffCreated(account, SecretStr(password))


async def update_staff(
    database: Database, caller: StaffMember, id: UUID, name: str | None, roles: Sequence[Role] | None, actor: Actor
) -> StaffUpdated | Denied:
    """Change an account's name, its roles, or both; None leaves as it is. New roles count from the next request on."""
    problem = None if name is None else name_problem(name)
    if problem is not None:
        return InvalidInput([problem])
    async with database.unit_of_work() as session:
        accounts = StaffAccounts(session)
        account = await _managed(accounts, caller, id)
        if not isinstance(account, StaffAccount):
            return account
        new_roles = account.roles if roles is None else _ordered(roles)
        if roles is not None and new_roles != account.roles:
            denied = await _roles_denied(accounts, caller, account, roles)
            if denied is not None:
                return denied
        detail: dict[str, object] = {}
        if name is not None and name.strip() != account.name:
            detail["changed"] = ["name"]
            account.name = name.strip()
        if new_roles != account.roles:
            detail |= {"roles_before": account.roles, "roles": new_roles}
            account.roles = new_roles
        if detail:
            await AuditLog(session).append(
                actor.act("STAFF_UPDATED", "staff", id, hospital_code=account.hospital_code, detail=detail)
            )
    return StaffUpdated(account)


async def lock_staff(
    database: Database, caller: StaffMember, id: UUID, reason: str, actor: Actor
) -> StaffLocked | Denied:
    """Lock an account and end its sessions at once. Locking again changes nothing."""
    async with database.unit_of_work() as session:
        accounts = StaffAccounts(session)
        account = await _managed(accounts, caller, id, deny=_losing_access(caller))
        if not isinstance(account, StaffAccount):
            return account
        if await _is_last_administrator(accounts, account):
            return NotAllowed(ProblemCode.LAST_ADMINISTRATOR)
        if account.status == StaffStatus.LOCKED:
            return StaffLocked(account, 0)
        account.status = StaffStatus.LOCKED
        await session.flush()
        ended = await end_all_sessions(
            session, _account(account), EndReason.ACCOUNT_LOCKED, actor.origin, by=actor.account
        )
        await AuditLog(session).append(
            actor.act(
                "STAFF_LOCKED",
                "staff",
                id,
                hospital_code=account.hospital_code,
                detail={"reason": reason.strip()[:200]},
            )
        )
    return StaffLocked(account, ended)


async def unlock_staff(database: Database, caller: StaffMember, id: UUID, actor: Actor) -> StaffUnlocked | Denied:
    """Let an account sign in again, after an administrator's lock as after too many wrong passwords."""
    async with database.unit_of_work() as session:
        account = await _managed(StaffAccounts(session), caller, id)
        if not isinstance(account, StaffAccount):
            return account
        if account.status != StaffStatus.ACTIVE or account.failed_tries:
            account.status = StaffStatus.ACTIVE
            account.failed_tries = 0
            account.locked_until = None
            await AuditLog(session).append(
                actor.act("STAFF_UNLOCKED", "staff", id, hospital_code=account.hospital_code)
            )
    return StaffUnlocked(account)


async def reset_password(
    database: Database, caller: StaffMember, id: UUID, actor: Actor
) -> StaffPasswordReset | Denied:
    """Give an account that lost its password or its second factor a new password, and end its sessions."""
    password = generated_password()
    hashed = await password_hash(password)
    async with database.unit_of_work() as session:
        account = await _managed(StaffAccounts(session), caller, id, deny=_losing_access(caller))
        if not isinstance(account, StaffAccount):
            return account
        account.password_hash = hashed
        account.must_change_password = True
        account.failed_tries = 0
        account.locked_until = None
        forget_totp(account)
        await session.flush()
        await end_all_sessions(session, _account(account), EndReason.PASSWORD_CHANGED, actor.origin, by=actor.account)
        await AuditLog(session).append(
            actor.act("STAFF_PASSWORD_RESET", "staff", id, hospital_code=account.hospital_code)
        )
    return StaffPasswordReset(account, SecretStr(password))


Deny = Callable[[StaffAccount], NotAllowed | None]


def _losing_access(caller: StaffMember) -> Deny:
    def deny(account: StaffAccount) -> NotAllowed | None:
        return NotAllowed(ProblemCode.OWN_ACCOUNT) if account.id == caller.staff_id else None

    return deny


async def _managed(
    accounts: StaffAccounts, caller: StaffMember, id: UUID, *, deny: Deny = lambda _: None
) -> StaffAccount | NotFound | NotAllowed:
    """The account, locked for a change that this caller may make; nobody else's change runs meanwhile."""
    await accounts.queue_administration()
    account = await accounts.locked(id, within=reach(caller))
    if account is None:
        return NotFound()
    denied = deny(account)
    if denied is not None:
        return denied
    if not may_give(caller, _known(account.roles)):
        return NotAllowed(ProblemCode.BEYOND_OWN_RIGHTS)
    return account


async def _roles_denied(
    accounts: StaffAccounts, caller: StaffMember, account: StaffAccount, roles: Sequence[Role]
) -> NotAllowed | InvalidInput | None:
    if account.id == caller.staff_id:
        return NotAllowed(ProblemCode.OWN_ACCOUNT)
    if not roles:
        return InvalidInput([FieldProblem("roles", ProblemCode.MISSING, NO_ROLES)])
    if not fit_together(roles, account.hospital_code):
        return InvalidInput([FieldProblem("roles", ProblemCode.MALFORMED, WRONG_HOSPITAL)])
    if not may_give(caller, roles):
        return NotAllowed(ProblemCode.BEYOND_OWN_RIGHTS)
    if Role.PLATFORM_ADMINISTRATOR not in roles and await _is_last_administrator(accounts, account):
        return NotAllowed(ProblemCode.LAST_ADMINISTRATOR)
    return None


async def _is_last_administrator(accounts: StaffAccounts, account: StaffAccount) -> bool:
    role = Role.PLATFORM_ADMINISTRATOR.value
    if role not in account.roles or account.status != StaffStatus.ACTIVE:
        return False
    return await accounts.others_active_with(role, account.id) == 0


def _account(account: StaffAccount) -> Account:
    return Account.of_staff(account.id, account.hospital_code)


def _known(roles: Sequence[str]) -> list[Role]:
    return [Role(role) for role in roles if role in KNOWN_ROLES]


def _ordered(roles: Sequence[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]
