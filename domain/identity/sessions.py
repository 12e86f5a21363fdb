"""Sessions of users and staff alike: started by a sign-in, kept alive by a rotating refresh token, ended for good.

Each function that changes one works inside the transaction it is given and records its act in the audit log there, so
call it last.

A refresh token counts once. Its rotation is one compare-and-set, so of two tabs that refresh at the same moment one
wins; the other is told to try again (`SessionBusy`), by when the browser has the new cookie. A token that was
replaced more than GRACE ago, or before the last rotation, is a copy in other hands: the session ends for both holders,
and whoever is the owner signs in again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.cache.session_ends import sessions_ended
from datasources.hints import note_hint
from datasources.sealing import KeyRing
from datasources.sql.audit_entry import Act, AuditLog
from datasources.sql.database import Database
from datasources.sql.sign_in_session import (
    EndReason,
    Owner,
    SignInSession,
    SignInSessions,
    StaffStanding,
    is_live_for_user,
)
from domain.callers import SignedInUser, StaffMember
from domain.identity.access_tokens import AccessClaims, issue_access_token, read_access_token
from domain.identity.accounts import Account, AccountKind, Origin
from domain.identity.refresh_tokens import new_refresh_token, read_refresh_token
from domain.language import Words
from domain.messages.of_account import tell_of_new_device
from domain.permissions import Role, granted
from domain.refusals import Refusal, RefusalCode

IDLE_LIFETIME = timedelta(days=30)
"""A session that is not refreshed for so long has expired."""
GRACE = timedelta(seconds=10)
"""For so long after a rotation the replaced token is taken for a parallel tab's."""
RETRY_AFTER_SECONDS = 1

_ROLES = frozenset(role.value for role in Role)
_ENDED = Words("登录已结束。请重新登录。", "The session has ended. Sign in again.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a browser is given to act in a session: the access token in the answer, the refresh token in a cookie."""

    account: Account
    session_id: UUID
    access_token: SecretStr
    expires_at: datetime
    """When the access token expires."""
    refresh_token: SecretStr
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionBusy:
    """Another tab refreshed the session a moment ago: try again with the cookie it brought."""

    retry_after_seconds: int = RETRY_AFTER_SECONDS


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """There is no such session any more, or never was."""


async def start_session(session: AsyncSession, ring: KeyRing, account: Account, origin: Origin) -> Tokens:
    """Start a session of an account that has just proved itself. Its status is the caller's to check."""
    session_id = uuid.uuid4()
    refresh_token, refresh_hash = new_refresh_token(ring, session_id)
    expires_at = origin.at + IDLE_LIFETIME
    row = SignInSession(
        id=session_id,
        device=origin.device[:200],
        address=origin.address[:64],
        refresh_hash=refresh_hash,
        created_at=origin.at,
        expires_at=expires_at,
    )
    sessions, owner = SignInSessions(session), _owner(account)
    is_new_device = await sessions.is_new_device(owner, row.device)
    await sessions.add(owner, row)
    if is_new_device:
        await tell_of_new_device(session, account, session_id, row.device, origin.at)
    await _record(session, account, account, "SIGN_IN", origin, {"session": str(session_id)})
    return _tokens(ring, account, session_id, refresh_token, origin.at)


async def refresh_session(
    session: AsyncSession, ring: KeyRing, kind: AccountKind, refresh_token: str, origin: Origin
) -> Tokens | SessionBusy | SessionEnded:
    """Rotate the refresh token and give a new access token. A locked account's session counts as ended.

    The answer is to be committed whatever it is: an old token ends the session.
    """
    proof = read_refresh_token(ring, refresh_token)
    if proof is None:
        return SessionEnded()
    sessions = SignInSessions(session)
    next_token, next_hash = new_refresh_token(ring, proof.session_id)
    rotated = await sessions.rotate(
        proof.session_id,
        kind.value,
        proof.hash,
        next_hash,
        now=origin.at,
        expires_at=origin.at + IDLE_LIFETIME,
        address=origin.address[:64],
    )
    if rotated is not None:
        return _tokens(ring, _account(rotated), proof.session_id, next_token, origin.at)
    row = await sessions.get(proof.session_id)
    if row is None or row.ended_at is not None or row.expires_at <= origin.at or row.refresh_hash == proof.hash:
        return SessionEnded()
    if row.previous_refresh_hash == proof.hash and row.refreshed_at and origin.at - row.refreshed_at <= GRACE:
        return SessionBusy()
    account = _account(row)
    if await sessions.end(_owner(account), row.id, EndReason.REFRESH_REUSED, origin.at):
        await _record_end(session, account, account, EndReason.REFRESH_REUSED, [row.id], origin)
    return SessionEnded()


async def end_session(
    session: AsyncSession, account: Account, session_id: UUID, reason: EndReason, origin: Origin
) -> bool:
    """End one of this account's own sessions. False when it has no such live session, whoever else may have."""
    if not await SignInSessions(session).end(_owner(account), session_id, reason, origin.at):
        return False
    await _record_end(session, account, account, reason, [session_id], origin)
    return True


async def end_session_of_token(
    session: AsyncSession, ring: KeyRing, kind: AccountKind, refresh_token: str, origin: Origin
) -> bool:
    """Sign out by the refresh token alone, for a browser whose access token has expired. False if it ended before."""
    proof = read_refresh_token(ring, refresh_token)
    row = None if proof is None else await SignInSessions(session).get(proof.session_id)
    if row is None or _account(row).kind is not kind:
        return False
    return await end_session(session, _account(row), row.id, EndReason.SIGNED_OUT, origin)


async def end_all_sessions(
    session: AsyncSession,
    account: Account,
    reason: EndReason,
    origin: Origin,
    *,
    by: Account | None = None,
    except_session: UUID | None = None,
) -> int:
    """End every live session of an account, but for one if it is named; how many were ended.

    `by` is who does it, when that is not the account itself.
    """
    ended = await SignInSessions(session).end_all(_owner(account), reason, origin.at, except_id=except_session)
    if ended:
        await _record_end(session, by or account, account, reason, ended, origin)
    return len(ended)


async def caller_of(database: Database, ring: KeyRing, token: str, now: datetime) -> SignedInUser | StaffMember:
    """Who calls with this access token, asked of PostgreSQL in one query.

    Raises Refusal: TOKEN_INVALID, TOKEN_EXPIRED, or SESSION_ENDED when the session has ended or the account is locked.
    """
    claims = read_access_token(ring, token, now)
    if claims.kind is AccountKind.USER:
        if await is_live_for_user(database, claims.session_id, claims.account_id, now):
            return SignedInUser(claims.account_id, claims.session_id)
    else:
        async with database.read() as session:
            standing = await SignInSessions(session).live_staff(claims.session_id, claims.account_id, now)
        if standing is not None:
            return staff_member(claims.account_id, claims.session_id, standing)
    raise Refusal(RefusalCode.SESSION_ENDED, _ENDED)


def staff_member(staff_id: UUID, session_id: UUID, standing: StaffStanding) -> StaffMember:
    """The caller that an active staff account's session makes. A role this version does not know grants nothing."""
    permissions = granted(Role(role) for role in standing.roles if role in _ROLES)
    return StaffMember(staff_id, session_id, standing.hospital_code, permissions, standing.must_change_password)


def _tokens(ring: KeyRing, account: Account, session_id: UUID, refresh_token: SecretStr, now: datetime) -> Tokens:
    claims = AccessClaims(account.kind, account.id, session_id)
    access_token, expires_at = issue_access_token(ring, claims, now)
    return Tokens(account, session_id, access_token, expires_at, refresh_token, now + IDLE_LIFETIME)


def _owner(account: Account) -> Owner:
    return Owner(account.kind.value, account.id)


def _account(row: SignInSession) -> Account:
    if row.user_id is not None:
        return Account.of_user(row.user_id)
    if row.staff_id is not None:
        return Account.of_staff(row.staff_id)
    raise ValueError(f"session {row.id} is nobody's; the table forbids it")


async def _record_end(
    session: AsyncSession, by: Account, account: Account, reason: EndReason, ended: Sequence[UUID], origin: Origin
) -> None:
    note_hint(session, sessions_ended(ended))
    detail: dict[str, object] = {"reason": reason.value, "sessions": [str(each) for each in ended]}
    await _record(session, by, account, "SESSION_ENDED", origin, detail)


async def _record(
    session: AsyncSession, by: Account, account: Account, action: str, origin: Origin, detail: dict[str, object]
) -> None:
    await AuditLog(session).append(
        Act(
            at=origin.at,
            actor_kind=by.kind,
            actor_id=str(by.id),
            action=action,
            subject_kind=account.kind,
            subject_id=str(account.id),
            hospital_code=account.hospital_code,
            address=origin.address,
            request_id=origin.request_id,
            detail=detail,
        )
    )
