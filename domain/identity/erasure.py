"""Erasing accounts whose time of grace is over: personal data goes, the row and lawful records stay, anonymous."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import Act, AuditLog
from datasources.sql.sign_in_session import EndReason, Owner, SignInSessions
from datasources.sql.user_account import UserAccounts
from datasources.stores import Stores
from domain.booking.erasure import cancel_orders_of_due_accounts, erase_orders
from domain.booking.waitlist.ending import erase_waits
from domain.discussion.erasure import erase_contributions
from domain.exports.expiry import erase_exports
from domain.files.erasure import erase_files
from domain.identity.accounts import Account, AccountKind, Origin
from domain.identity.sessions import end_all_sessions
from domain.messages.erasure import erase_messages
from domain.onboarding.erasure import erase_applications
from domain.patients.erasure import erase_patients
from domain.payments.erasure import erase_payers
from domain.sms.erasure import erase_texts
from domain.verification.erasure import erase_verifications

MOST_PER_RUN = 200

Eraser = Callable[[AsyncSession, UUID, datetime], Awaitable[None]]
"""Erases one user's personal data from some tables, inside the transaction it is given. Must be repeatable."""

ERASERS: tuple[Eraser, ...] = (
    erase_patients,
    erase_orders,
    erase_payers,
    erase_applications,
    erase_files,
    erase_verifications,
    erase_exports,
    erase_waits,
    erase_texts,
    erase_messages,
    erase_contributions,
)
"""Every other table with users' personal data adds its eraser here. They run in this order, before the account's."""


async def erase_due(stores: Stores, now: datetime) -> int:
    """Erase every account that is due, each in a transaction of its own; how many were erased.

    Workers that run at the same time take different accounts, and one that dies leaves an account whole.
    """
    await cancel_orders_of_due_accounts(stores.sql, now)
    erased = 0
    while erased < MOST_PER_RUN and await _erase_next(stores, now):
        erased += 1
    return erased


async def _erase_next(stores: Stores, now: datetime) -> bool:
    async with stores.sql.unit_of_work() as session:
        users = UserAccounts(session)
        user = await users.next_due(now)
        if user is None:
            return False
        for erase in ERASERS:
            await erase(session, user.id, now)
        await SignInSessions(session).forget_devices(Owner(AccountKind.USER, user.id))
        await users.erase(user.id)
        await end_all_sessions(session, Account.of_user(user.id), EndReason.ACCOUNT_DELETED, Origin(now))
        await AuditLog(session).append(
            Act(
                at=now,
                actor_kind="system",
                actor_id="erase_accounts",
                action="USER_ERASED",
                subject_kind=AccountKind.USER,
                subject_id=str(user.id),
            )
        )
        return True
