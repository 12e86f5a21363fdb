"""Proving a staff member's password under the lock-out rule, exact however many tries run at the same time.

A try is counted before the password is looked at, with the account's row locked, so of any number of parallel tries
only as many as the rule allows get that far. A try that turns out right is uncounted.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from domain.audit.actor import Actor
from domain.problems import SignInLocked, WrongPassword
from domain.staff.lock_out import lock_after, seconds_until
from domain.staff.passwords import is_password


@dataclass(frozen=True, slots=True)
class Proof:
    """A right password, and the try that it took."""

    account: StaffAccount
    locked_until: datetime | None
    """The lock that counting the try set, to be lifted with it."""


async def prove_password(
    database: Database, id: UUID, password: str, actor: Actor
) -> Proof | WrongPassword | SignInLocked:
    """Whether this is the account's password. Its status is the caller's to check. Wrong tries are audited."""
    async with database.unit_of_work() as session:
        account = await StaffAccounts(session).locked(id)
        if account is None:
            return WrongPassword()
        if account.locked_until is not None and account.locked_until > actor.now:
            return SignInLocked(seconds_until(account.locked_until, actor.now))
        account.failed_tries += 1
        lock = lock_after(account.failed_tries)
        account.locked_until = None if lock is None else actor.now + lock
    if not await is_password(account.password_hash, password):
        await record_wrong_try(database, account, actor, "PASSWORD")
        return WrongPassword()
    return Proof(account, account.locked_until)


async def record_wrong_try(database: Database, account: StaffAccount, actor: Actor, factor: str) -> None:
    """Note in the audit log which factor was wrong; the try itself is counted already."""
    async with database.unit_of_work() as session:
        await AuditLog(session).append(
            actor.act(
                "SIGN_IN",
                "staff",
                account.id,
                result="WRONG",
                hospital_code=account.hospital_code,
                detail={"factor": factor, "failed_tries": account.failed_tries},
            )
        )


async def give_back(database: Database, proof: Proof) -> None:
    """Uncount the try: the password was right, and nothing more was to be proved."""
    async with database.unit_of_work() as session:
        await StaffAccounts(session).give_back_try(proof.account.id, proof.locked_until)
