"""The sessions of whoever is signed in, users and staff alike."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sql.sign_in_session import EndReason, Owner, SignInSession, SignInSessions
from domain.callers import SignedInUser, StaffMember
from domain.identity.accounts import Account, AccountKind, account_of
from domain.identity.networks import masked_address
from domain.identity.sessions import end_all_sessions, end_session, end_session_of_token
from domain.language import Words
from domain.problems import NotFound
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext
from resolvers.origin import origin_of
from resolvers.session_cookies import drop_refresh_cookie, refresh_cookie

_SIGN_IN = Words("请先登录。", "Sign in first.")


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Sessions were ended."""

    ended_sessions: int


async def own_sessions(context: RequestContext) -> list[SignInSession]:
    """The caller's sessions that run, the one used last first."""
    account, _ = _signed_in(context)
    async with context.stores.sql.read() as session:
        return await SignInSessions(session).live(Owner(account.kind, account.id), context.clock())


async def sign_out(context: RequestContext, kind: AccountKind) -> SignedOut:
    """End this session: the access token's or, when that was left out, the refresh cookie's of `kind`."""
    account = account_of(context.caller)
    kind = kind if account is None else account.kind
    origin = origin_of(context)
    async with context.stores.sql.unit_of_work() as session:
        if account is None:
            token = refresh_cookie(context, kind) or ""
            ended = await end_session_of_token(session, context.ring, kind, token, origin)
        else:
            _, current = _signed_in(context)
            ended = await end_session(session, account, current, EndReason.SIGNED_OUT, origin)
    drop_refresh_cookie(context, kind)
    return SignedOut(int(ended))


async def sign_out_everywhere(context: RequestContext, *, stay_here: bool) -> SignedOut:
    """End all of the caller's sessions; this one too, unless the caller stays."""
    account, current = _signed_in(context)
    reason = EndReason.SIGNED_OUT_EVERYWHERE
    spared = current if stay_here else None
    async with context.stores.sql.unit_of_work() as session:
        ended = await end_all_sessions(session, account, reason, origin_of(context), except_session=spared)
    if not stay_here:
        drop_refresh_cookie(context, account.kind)
    return SignedOut(ended)


async def end_own_session(context: RequestContext, id: str) -> SignedOut | NotFound:
    """End one of the caller's sessions. Somebody else's is not found."""
    account, current = _signed_in(context)
    try:
        session_id = UUID(id)
    except ValueError:
        return NotFound()
    async with context.stores.sql.unit_of_work() as session:
        if not await end_session(session, account, session_id, EndReason.SIGNED_OUT, origin_of(context)):
            return NotFound()
    if session_id == current:
        drop_refresh_cookie(context, account.kind)
    return SignedOut(1)


def is_current(context: RequestContext, row: SignInSession) -> bool:
    """Whether it is the session that asks."""
    return _signed_in(context)[1] == row.id


def last_used_at(row: SignInSession) -> datetime | None:
    """When it was last refreshed, or else began."""
    return row.refreshed_at or row.created_at


def address(row: SignInSession) -> str:
    """Where it was last refreshed from, masked to its network."""
    return masked_address(row.address)


def _signed_in(context: RequestContext) -> tuple[Account, UUID]:
    caller = context.caller
    account = account_of(caller)
    if account is None or not isinstance(caller, SignedInUser | StaffMember):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return account, caller.session_id
