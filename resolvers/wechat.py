"""Signing in by WeChat. The browser that begins it is known again by a cookie of its own."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TypeVar

from datasources.cache.wechat_tickets import LIFETIME, Ticket
from domain.callers import SignedInUser
from domain.identity.login_codes import CodeSent, TooManyCodes, TooManyTries, WrongCode
from domain.identity.phones import normal_phone
from domain.identity.proof_of_work import Work, WorkNeeded, WrongWork
from domain.identity.sign_in import AccountLocked, SignedIn
from domain.identity.wechat_phone import (
    OtherWeChatLinked,
    WeChatUnlinked,
    bind_wechat_phone,
    send_wechat_phone_code,
    unlink_wechat,
)
from domain.identity.wechat_sign_in import (
    LONGEST_SECRET,
    Hold,
    PhoneNeeded,
    WeChatSignInEnded,
    WeChatSignInStarted,
    WeChatUnavailable,
    finish_wechat_sign_in,
    start_wechat_sign_in,
    watch_wechat_sign_in,
)
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext
from resolvers.origin import origin_of
from resolvers.qr_picture import qr_picture
from resolvers.session_cookies import PATH, give_refresh_cookie
from resolvers.sign_in import desk_of, phone_problem, proof_of, work_problem

Answer = TypeVar("Answer")

COOKIE = "htb_wechat"
WIDEST_MARGIN = 16

_MARGIN = Words("留白宽度须为 0 至 {most}。", "The margin is 0 to {most} modules wide.")
_SIGN_IN = Words("请先登录。", "Sign in first.")
_UNAVAILABLE = Words("暂时无法使用微信登录，请用手机号登录。", "WeChat sign-in is not possible now. Sign in by phone.")
_LATER = Words(
    "暂时无法使用微信登录，请在 {seconds} 秒后重试，或用手机号登录。",
    "WeChat sign-in is not possible now. Try again in {seconds} seconds, or sign in by phone.",
)
_ENDED = Words(
    "此次微信登录已结束或尚未确认，请重新扫码。", "This WeChat sign-in has ended or is not confirmed. Scan again."
)
_PHONE_NEEDED = Words("请先绑定手机号。", "A phone has to be linked first.")
_OTHER_LINKED = Words(
    "该手机号的账号已绑定另一个微信。请用手机号登录并解绑后再试。",
    "The account of this phone has another WeChat. Sign in by phone and unlink that one first.",
)


@dataclass(frozen=True, slots=True)
class PhoneBinding:
    """What a WeChat's phone is proved with, as it came."""

    ticket_id: str
    challenge_id: str
    phone: str
    code: str
    device: str


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that began, and how wide a margin its picture gets."""

    sign_in: WeChatSignInStarted
    margin: int


async def start(context: RequestContext, margin: int) -> Started | WeChatUnavailable | InvalidInput:
    """Begin a sign-in for this browser; it forgets the one it began before."""
    if not 0 <= margin <= WIDEST_MARGIN:
        return InvalidInput([FieldProblem("qrCodeMargin", ProblemCode.OUT_OF_RANGE, _MARGIN, {"most": WIDEST_MARGIN})])
    answer = await start_wechat_sign_in(context.stores, context.wechat, context.exchange.address, context.clock())
    if isinstance(answer, WeChatUnavailable):
        return answer
    # Each step a person takes lets the ticket live on, so the cookie outlives all of them together.
    seconds = 3 * int(LIFETIME.total_seconds())
    context.exchange.set_cookie(COOKIE, answer.browser_secret, seconds=seconds, path=PATH)
    return Started(answer, margin)


def qr_code(started: Started) -> str:
    """The address as a QR picture: a whole SVG document."""
    return qr_picture(started.sign_in.url, started.margin)


def watch(context: RequestContext, ticket_id: str) -> AsyncGenerator[Ticket, None]:
    """How far a sign-in is, and each change."""
    return watch_wechat_sign_in(context.stores, ticket_id[:LONGEST_SECRET], context.clock)


async def finish(
    context: RequestContext, ticket_id: str, device: str
) -> SignedIn | WeChatSignInEnded | PhoneNeeded | AccountLocked:
    """Sign this browser in, if it began the sign-in and the scan is confirmed."""
    answer = await finish_wechat_sign_in(
        context.stores, context.ring, _hold(context, ticket_id), origin_of(context, device)
    )
    return _signed_in(context, answer)


async def request_phone_code(
    context: RequestContext, ticket_id: str, phone: str, work: Work | None
) -> CodeSent | TooManyCodes | WorkNeeded | WeChatSignInEnded | InvalidInput:
    """Send a code to the phone that a WeChat without an account is to be linked to."""
    normal = normal_phone(phone)
    if normal is None:
        return InvalidInput([phone_problem("phone")])
    sent = await send_wechat_phone_code(
        desk_of(context),
        _hold(context, ticket_id),
        normal,
        work,
        address=context.exchange.address,
        language=context.language,
        now=context.clock(),
    )
    return InvalidInput([work_problem(sent)]) if isinstance(sent, WrongWork) else sent


async def bind_phone(
    context: RequestContext, given: PhoneBinding
) -> SignedIn | WeChatSignInEnded | WrongCode | TooManyTries | AccountLocked | OtherWeChatLinked | InvalidInput:
    """Link a WeChat to the phone's account and sign this browser in to it."""
    normal = normal_phone(given.phone)
    proof = proof_of(given.challenge_id, given.code)
    if normal is None or isinstance(proof, FieldProblem):
        problems = [phone_problem("phone")] if normal is None else []
        return InvalidInput(problems + ([proof] if isinstance(proof, FieldProblem) else []))
    hold = _hold(context, given.ticket_id)
    answer = await bind_wechat_phone(desk_of(context), hold, normal, proof, origin_of(context, given.device))
    return _signed_in(context, answer)


async def unlink(context: RequestContext, *, end_other_sessions: bool) -> WeChatUnlinked | NotFound | PhoneNeeded:
    """Take the WeChat away from the caller's account."""
    if not isinstance(context.caller, SignedInUser):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return await unlink_wechat(
        context.stores, context.caller, origin_of(context), end_other_sessions=end_other_sessions
    )


def of_unavailable(context: RequestContext, problem: WeChatUnavailable) -> str:
    """What to do instead."""
    words = _UNAVAILABLE if problem.retry_after_seconds is None else _LATER
    return words.say(context.language, seconds=problem.retry_after_seconds)


def of_ended(context: RequestContext, _problem: WeChatSignInEnded) -> str:
    """What to do about an ended sign-in."""
    return _ENDED.say(context.language)


def of_needed_phone(context: RequestContext, _problem: PhoneNeeded) -> str:
    """That a phone comes first."""
    return _PHONE_NEEDED.say(context.language)


def of_other_wechat(context: RequestContext, _problem: OtherWeChatLinked) -> str:
    """How to link this WeChat in the other's place."""
    return _OTHER_LINKED.say(context.language)


def _hold(context: RequestContext, ticket_id: str) -> Hold:
    return Hold(ticket_id[:LONGEST_SECRET], context.exchange.cookies.get(COOKIE, "")[:LONGEST_SECRET])


def _signed_in(context: RequestContext, answer: Answer) -> Answer:
    if isinstance(answer, SignedIn):
        give_refresh_cookie(context, answer.tokens)
        context.exchange.set_cookie(COOKIE, "", seconds=0, path=PATH)
    return answer
