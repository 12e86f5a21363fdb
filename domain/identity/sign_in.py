"""Signing in by phone: whoever proves a phone is its account; the first time makes the account."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretBytes
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import Act, AuditLog
from datasources.sql.user_account import UserAccount, UserAccounts
from domain.identity.accounts import Account, AccountKind, Origin
from domain.identity.login_codes import CodePurpose, Desk, Proof, TooManyTries, WrongCode, phone_index, prove_code
from domain.identity.sessions import Tokens, start_session
from domain.masking import mask_phone

SEALED_PHONE = "user_account.sealed_phone"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is signed in to an account."""

    tokens: Tokens
    user: UserAccount


@dataclass(frozen=True, slots=True)
class AccountLocked:
    """The platform locked the account. Said only to whoever proved its phone."""


async def sign_in_with_phone(
    desk: Desk, phone: str, proof: Proof, origin: Origin
) -> SignedIn | WrongCode | TooManyTries | AccountLocked:
    """Sign in to the account of this phone (in E.164), which is made if there is none yet."""
    wrong = await prove_code(desk, phone, CodePurpose.SIGN_IN, proof, address=origin.address, now=origin.at)
    if wrong is not None:
        return wrong
    new = with_phone(desk.ring, uuid.uuid4(), phone)
    async with desk.stores.sql.unit_of_work() as session:
        user = await UserAccounts(session).sign_in(new, origin.at)
        if user is None:
            await _record_refusal(session, new, origin)
            return AccountLocked()
        if user.id == new.id:
            await record(session, user.id, "USER_CREATED", origin)
        return SignedIn(await start_session(session, desk.ring, Account.of_user(user.id), origin), user)


def with_phone(ring: KeyRing, id: UUID, phone: str) -> UserAccount:
    """A row of this id that has this phone (in E.164): sealed, indexed and masked."""
    return UserAccount(
        id=id,
        sealed_phone=ring.seal(SEALED_PHONE, str(id), SecretBytes(phone.encode())),
        phone_index=phone_index(ring, phone),
        masked_phone=mask_phone(phone),
    )


def phone_of(ring: KeyRing, user: UserAccount) -> str | None:
    """The account's phone in E.164; None once it is erased."""
    if user.sealed_phone is None:
        return None
    return ring.open(SEALED_PHONE, str(user.id), user.sealed_phone).get_secret_value().decode()


async def record(session: AsyncSession, user_id: UUID, action: str, origin: Origin, *, result: str = "DONE") -> None:
    """Write into the audit log what a user did to the own account; call it last in the transaction."""
    await AuditLog(session).append(
        Act(
            at=origin.at,
            actor_kind=AccountKind.USER,
            actor_id=str(user_id),
            action=action,
            subject_kind=AccountKind.USER,
            subject_id=str(user_id),
            result=result,
            address=origin.address,
            request_id=origin.request_id,
        )
    )


async def _record_refusal(session: AsyncSession, asked: UserAccount, origin: Origin) -> None:
    if asked.phone_index is None:
        return
    user = await UserAccounts(session).by_phone_index(asked.phone_index)
    if user is not None:
        await record(session, user.id, "SIGN_IN", origin, result="REFUSED")
