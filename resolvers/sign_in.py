"""Signing in by phone, and going on being signed in. Refresh tokens travel in cookies only."""

import unicodedata
from dataclasses import dataclass

from pydantic import SecretStr

from domain.identity.accounts import AccountKind
from domain.identity.login_codes import (
    DIGITS,
    CodePurpose,
    CodeSent,
    Desk,
    Proof,
    TooManyCodes,
    TooManyTries,
    WrongCode,
    send_code_to_visitor,
)
from domain.identity.phones import normal_phone
from domain.identity.proof_of_work import MOST_NONCE_DIGITS, Work, WorkNeeded, WrongWork
from domain.identity.sessions import SessionBusy, SessionEnded, Tokens, refresh_session
from domain.identity.sign_in import AccountLocked, SignedIn, sign_in_with_phone
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from resolvers.context import RequestContext
from resolvers.origin import origin_of
from resolvers.session_cookies import drop_refresh_cookie, give_refresh_cookie, refresh_cookie

_LONGEST_CHALLENGE = 100
_PHONE = Words(
    "请填写中国大陆的 11 位手机号，例如 138 0000 1234。",
    "Give a mobile number of mainland China, 11 digits, such as 138 0000 1234.",
)
_CODE = Words("验证码是短信中的 {digits} 位数字。", "A code is the {digits} digits of the text message.")
_CHALLENGE = Words(
    "请原样使用发送验证码时返回的 challengeId。", "Use the challengeId exactly as it came when the code was sent."
)
_NONCE = Words(
    "nonce 须为至多 {most} 位十进制数字，且 SHA-256(challenge.nonce) 的前 {difficulty} 位二进制均为 0。",
    "A nonce is at most {most} decimal digits, and SHA-256 of challenge.nonce begins with {difficulty} zero bits.",
)


@dataclass(frozen=True, slots=True)
class PhoneSignIn:
    """What somebody signs in with, as it came."""

    challenge_id: str
    phone: str
    code: str
    device: str


async def request_login_code(
    context: RequestContext, phone: str, work: Work | None
) -> CodeSent | TooManyCodes | WorkNeeded | InvalidInput:
    """Send a code to a phone, whether or not anybody has an account with it."""
    normal = normal_phone(phone)
    if normal is None:
        return InvalidInput([phone_problem("phone")])
    sent = await send_code_to_visitor(
        desk_of(context),
        normal,
        CodePurpose.SIGN_IN,
        work,
        address=context.exchange.address,
        language=context.language,
        now=context.clock(),
    )
    return InvalidInput([work_problem(sent)]) if isinstance(sent, WrongWork) else sent


async def sign_in(
    context: RequestContext, given: PhoneSignIn
) -> SignedIn | WrongCode | TooManyTries | AccountLocked | InvalidInput:
    """Sign in to the phone's account, made now if there is none."""
    normal = normal_phone(given.phone)
    proof = proof_of(given.challenge_id, given.code)
    if normal is None or isinstance(proof, FieldProblem):
        problems = [phone_problem("phone")] if normal is None else []
        return InvalidInput(problems + ([proof] if isinstance(proof, FieldProblem) else []))
    answer = await sign_in_with_phone(desk_of(context), normal, proof, origin_of(context, given.device))
    if isinstance(answer, SignedIn):
        give_refresh_cookie(context, answer.tokens)
    return answer


async def refresh(context: RequestContext, kind: AccountKind) -> Tokens | SessionBusy | SessionEnded:
    """Go on being signed in to an account of this kind, by the refresh cookie alone."""
    token = refresh_cookie(context, kind) or ""
    async with context.stores.sql.unit_of_work() as session:
        answer = await refresh_session(session, context.ring, kind, token, origin_of(context))
    if isinstance(answer, Tokens):
        give_refresh_cookie(context, answer)
    elif isinstance(answer, SessionEnded):
        drop_refresh_cookie(context, kind)
    return answer


def access_token(answer: Tokens | SignedIn) -> str:
    """The access token in the clear, for the answer alone."""
    tokens = answer.tokens if isinstance(answer, SignedIn) else answer
    return tokens.access_token.get_secret_value()


def desk_of(context: RequestContext) -> Desk:
    """What codes are given out and checked with."""
    return Desk(context.stores, context.ring, context.sms, context.work_difficulty)


def proof_of(challenge_id: str, code: str, prefix: str = "") -> Proof | FieldProblem:
    """The code and its challenge in their one form, or which of them has none. Spaces and full-width digits do."""
    plain = "".join(unicodedata.normalize("NFKC", code[:40]).split())
    if len(plain) != DIGITS or not (plain.isascii() and plain.isdecimal()):
        return FieldProblem(f"{prefix}code", ProblemCode.MALFORMED, _CODE, {"digits": DIGITS})
    if not challenge_id or len(challenge_id) > _LONGEST_CHALLENGE:
        return FieldProblem(f"{prefix}challengeId", ProblemCode.MALFORMED, _CHALLENGE)
    return Proof(challenge_id, SecretStr(plain))


def phone_problem(field: str) -> FieldProblem:
    """What is wrong with a phone that has no normal form."""
    return FieldProblem(field, ProblemCode.MALFORMED, _PHONE)


def work_problem(wrong: WrongWork) -> FieldProblem:
    """What is wrong with work whose nonce does not solve its challenge."""
    values = {"difficulty": wrong.difficulty, "most": MOST_NONCE_DIGITS}
    return FieldProblem("work.nonce", ProblemCode.MALFORMED, _NONCE, values)
