"""Linking a WeChat to an account by its phone, and unlinking it.

Whoever links has proved both: the WeChat by a confirmed scan that this browser's ticket stands for, the phone by a
code.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.cache.wechat_tickets import ScannedBy, TicketStatus, WeChatTickets
from datasources.sql.sign_in_session import EndReason
from datasources.sql.user_account import UserAccount, UserAccounts
from datasources.sql.wechat_accounts import WeChatAccounts
from datasources.stores import Stores
from domain.callers import SignedInUser
from domain.identity.accounts import Account, Origin
from domain.identity.login_codes import (
    CodePurpose,
    CodeSent,
    Desk,
    Proof,
    TooManyCodes,
    TooManyTries,
    WrongCode,
    prove_code,
    send_code_to_visitor,
)
from domain.identity.proof_of_work import Work, WorkNeeded, WrongWork
from domain.identity.sessions import end_all_sessions, start_session
from domain.identity.sign_in import AccountLocked, SignedIn, record, with_phone
from domain.identity.wechat_sign_in import Hold, PhoneNeeded, TicketGoneError, WeChatSignInEnded, held_ticket
from domain.language import Language
from domain.problems import NotFound


@dataclass(frozen=True, slots=True)
class OtherWeChatLinked:
    """The phone's account has another WeChat. Said only to whoever proved the phone."""


@dataclass(frozen=True, slots=True)
class WeChatUnlinked:
    """The account has no WeChat any more."""

    user: UserAccount


class _OtherWeChatError(Exception):
    """Raised to undo the transaction."""


async def send_wechat_phone_code(
    desk: Desk, hold: Hold, phone: str, work: Work | None, *, address: str, language: Language, now: datetime
) -> CodeSent | TooManyCodes | WorkNeeded | WrongWork | WeChatSignInEnded:
    """Send a code to the phone (in E.164) that the WeChat of this browser's sign-in is to be linked to."""
    ticket = await held_ticket(desk.stores, hold, now)
    if ticket.status is not TicketStatus.NEEDS_PHONE:
        return WeChatSignInEnded()
    return await send_code_to_visitor(
        desk, phone, CodePurpose.BIND_WECHAT, work, address=address, language=language, now=now
    )


async def bind_wechat_phone(
    desk: Desk, hold: Hold, phone: str, proof: Proof, origin: Origin
) -> SignedIn | WeChatSignInEnded | WrongCode | TooManyTries | AccountLocked | OtherWeChatLinked:
    """Link the WeChat to the phone's account, made now if there is none, and sign the browser in to it."""
    ticket = await held_ticket(desk.stores, hold, origin.at)
    person = ticket.scanned_by
    if ticket.status is not TicketStatus.NEEDS_PHONE or person is None:
        return WeChatSignInEnded()
    wrong = await prove_code(desk, phone, CodePurpose.BIND_WECHAT, proof, address=origin.address, now=origin.at)
    if wrong is not None:
        return wrong
    new = with_phone(desk.ring, uuid.uuid4(), phone)
    try:
        async with desk.stores.sql.unit_of_work() as session:
            user = await UserAccounts(session).sign_in(new, origin.at)
            if user is None:
                return AccountLocked()
            linked = await _link(session, user, person)
            tickets = WeChatTickets(desk.stores.redis)
            if not await tickets.spend(hold.ticket, TicketStatus.NEEDS_PHONE, hold.browser, origin.at):
                raise TicketGoneError
            if user.id == new.id:
                await record(session, user.id, "USER_CREATED", origin)
            await record(session, user.id, "WECHAT_LINKED", origin)
            return SignedIn(await start_session(session, desk.ring, Account.of_user(user.id), origin), linked)
    except _OtherWeChatError:
        return OtherWeChatLinked()
    except TicketGoneError:
        return WeChatSignInEnded()


async def unlink_wechat(
    stores: Stores, caller: SignedInUser, origin: Origin, *, end_other_sessions: bool
) -> WeChatUnlinked | NotFound | PhoneNeeded:
    """Take the WeChat away from the caller's account, which must have a phone left to sign in by."""
    async with stores.sql.unit_of_work() as session:
        user = await WeChatAccounts(session).unlink(caller.user_id)
        if user is None:
            return _why_not(await UserAccounts(session).get(caller.user_id))
        await record(session, user.id, "WECHAT_UNLINKED", origin)
        if end_other_sessions:
            account = Account.of_user(user.id)
            reason, spared = EndReason.SIGNED_OUT_EVERYWHERE, caller.session_id
            await end_all_sessions(session, account, reason, origin, except_session=spared)
        return WeChatUnlinked(user)


async def _link(session: AsyncSession, user: UserAccount, person: ScannedBy) -> UserAccount:
    try:
        linked = await WeChatAccounts(session).link(user.id, person)
    except IntegrityError as error:
        # Between the scan and now somebody signed up with the same WeChat: a new sign-in will find that account.
        raise TicketGoneError from error
    if linked is None:
        raise _OtherWeChatError
    return linked


def _why_not(user: UserAccount | None) -> NotFound | PhoneNeeded:
    linked = user is not None and user.wechat_open_id is not None
    return PhoneNeeded() if linked and user is not None and user.phone_index is None else NotFound()
