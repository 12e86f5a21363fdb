"""What users change of their own account: the nickname, the phone, and whether there is an account at all."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError

from datasources.sql.sign_in_session import EndReason
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus
from datasources.stores import Stores
from domain.callers import SignedInUser
from domain.identity.accounts import Account, Origin
from domain.identity.login_codes import CodePurpose, Desk, Proof, TooManyTries, WrongCode, prove_code
from domain.identity.sessions import SessionEnded, end_all_sessions
from domain.identity.sign_in import phone_of, record, with_phone

LONGEST_NICKNAME = 30
DELETION_GRACE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Changed:
    """The account as it now is."""

    user: UserAccount


@dataclass(frozen=True, slots=True)
class PhoneTaken:
    """Another account has this phone. Said only to whoever proved to have it in hand."""


def normal_nickname(text: str) -> str:
    """Without what cannot be seen, and with single spaces."""
    seen = "".join(
        " " if character.isspace() else character
        for character in text
        if unicodedata.category(character)[0] != "C" or character.isspace()
    )
    return " ".join(seen.split())


async def rename(stores: Stores, user_id: UUID, nickname: str) -> Changed | SessionEnded:
    """Change what the user is called; an empty nickname removes it."""
    async with stores.sql.unit_of_work() as session:
        return _changed(await UserAccounts(session).rename(user_id, nickname))


async def change_phone(
    desk: Desk, caller: SignedInUser, new_phone: str, old: Proof, new: Proof, origin: Origin
) -> Changed | WrongCode | TooManyTries | PhoneTaken | SessionEnded:
    """Give the account another phone, once the old and the new are both proved. Its other sessions end.

    Both codes are looked at before either is used up, so a mistyped one costs a try and not the other code.
    """
    async with desk.stores.sql.read() as session:
        user = await UserAccounts(session).get(caller.user_id)
    old_phone = None if user is None else phone_of(desk.ring, user)
    if user is None or user.phone_index is None or old_phone is None:
        return SessionEnded()
    for phone, purpose, proof, spend in (
        (old_phone, CodePurpose.OLD_PHONE, old, False),
        (new_phone, CodePurpose.NEW_PHONE, new, False),
        (old_phone, CodePurpose.OLD_PHONE, old, True),
        (new_phone, CodePurpose.NEW_PHONE, new, True),
    ):
        wrong = await prove_code(desk, phone, purpose, proof, address=origin.address, now=origin.at, spend=spend)
        if wrong is not None:
            return wrong
    try:
        async with desk.stores.sql.unit_of_work() as session:
            changed = await UserAccounts(session).change_phone(
                user.id, user.phone_index, with_phone(desk.ring, user.id, new_phone)
            )
            if changed is not None:
                await record(session, user.id, "PHONE_CHANGED", origin)
                account = Account.of_user(user.id)
                spared = caller.session_id
                await end_all_sessions(session, account, EndReason.PHONE_CHANGED, origin, except_session=spared)
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        return PhoneTaken()
    return _changed(changed)


async def request_deletion(stores: Stores, user_id: UUID, origin: Origin) -> Changed | SessionEnded:
    """Ask for the account's deletion after the time of grace. Asking again changes nothing."""
    async with stores.sql.unit_of_work() as session:
        users = UserAccounts(session)
        changed = await users.request_deletion(user_id, origin.at + DELETION_GRACE)
        if changed is None:
            return _changed(await users.get(user_id))
        await record(session, user_id, "DELETION_REQUESTED", origin)
        return Changed(changed)


async def cancel_deletion(stores: Stores, user_id: UUID, origin: Origin) -> Changed | SessionEnded:
    """Keep the account after all. Without a request nothing changes."""
    async with stores.sql.unit_of_work() as session:
        users = UserAccounts(session)
        changed = await users.cancel_deletion(user_id)
        if changed is None:
            return _changed(await users.get(user_id))
        await record(session, user_id, "DELETION_CANCELLED", origin)
        return Changed(changed)


def _changed(user: UserAccount | None) -> Changed | SessionEnded:
    # Locked or erased since the request was let in.
    if user is None or user.status in (UserStatus.LOCKED, UserStatus.DELETED):
        return SessionEnded()
    return Changed(user)


def _is_taken(error: IntegrityError) -> bool:
    cause: BaseException | None = error.orig
    return isinstance(cause.__cause__ if cause else None, asyncpg.UniqueViolationError)
