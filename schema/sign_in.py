"""Signing in by phone, going on being signed in, and signing out."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain.identity import login_codes, proof_of_work, sessions, sign_in
from domain.identity.accounts import AccountKind
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotFound as NotFoundRecord
from resolvers import sessions as session_list
from resolvers import sign_in as signing
from schema import enums as enums
from schema.binding import Context, mutates, of
from schema.permissions import IsSignedIn
from schema.problems import InvalidInput, NotFound, record_of
from schema.sign_in_problems import (
    AccountLocked,
    SessionBusy,
    SessionEnded,
    TooManyCodes,
    TooManyTries,
    WorkNeeded,
    WrongCode,
)
from schema.user import User


@strawberry.type(description="A code is on its way by text message. The answer never holds it.")
class LoginCodeSent:
    challenge_id: str = strawberry.field(description="Goes back with the code, which is worth nothing without it.")
    retry_after_seconds: int = strawberry.field(description="After so many seconds another one can be asked for.")
    expires_at: dt.datetime = strawberry.field(description="Until when the code is valid.")

    is_type_of = record_of(login_codes.CodeSent)


@strawberry.type(description="Signed in. The refresh token is in a cookie that scripts cannot read.")
class SignedIn:
    access_token: str = strawberry.field(
        resolver=of(signing.access_token), description="For the header `Authorization: Bearer …`, for 15 minutes."
    )
    expires_at: dt.datetime = strawberry.field(
        resolver=of(lambda signed_in: signed_in.tokens.expires_at), description="When the access token expires."
    )
    user: User = strawberry.field(description="Whose account it is.")

    is_type_of = record_of(sign_in.SignedIn)


@strawberry.type(description="The session goes on: a new access token, and a new refresh token in the cookie.")
class SessionRefreshed:
    access_token: str = strawberry.field(
        resolver=of(signing.access_token), description="For the header `Authorization: Bearer …`, for 15 minutes."
    )
    expires_at: dt.datetime = strawberry.field(description="When the access token expires.")

    is_type_of = record_of(sessions.Tokens)


@strawberry.type(description="Sessions were ended, at once and for good.")
class SignedOut:
    ended_sessions: int = strawberry.field(description="How many; 0 if they had ended before.")

    is_type_of = record_of(session_list.SignedOut)


RequestLoginCodeResult = Annotated[
    LoginCodeSent | InvalidInput | TooManyCodes | WorkNeeded,
    strawberry.union("RequestLoginCodeResult", description="What became of asking for a code."),
]
SignInWithPhoneResult = Annotated[
    SignedIn | WrongCode | TooManyTries | AccountLocked | InvalidInput,
    strawberry.union("SignInWithPhoneResult", description="What became of signing in."),
]
RefreshSessionResult = Annotated[
    SessionRefreshed | SessionBusy | SessionEnded | InvalidInput,
    strawberry.union("RefreshSessionResult", description="What became of going on."),
]
SignOutResult = Annotated[
    SignedOut | InvalidInput, strawberry.union("SignOutResult", description="What became of signing out.")
]
EndSessionResult = Annotated[
    SignedOut | NotFound | InvalidInput,
    strawberry.union("EndSessionResult", description="What became of ending a session."),
]


@strawberry.input(description="Solved work, as a problem `WorkNeeded` asked for it.")
class WorkInput:
    challenge: str = strawberry.field(description="Its `challenge`, exactly as it came.")
    nonce: str = strawberry.field(description="At most 20 decimal digits that solve it.")

    @property
    def given(self) -> proof_of_work.Work:
        """The work as the rules judge it."""
        return proof_of_work.Work(self.challenge, self.nonce)


@strawberry.input(description="Which phone a code goes to.")
class RequestLoginCodeInput:
    phone: str = strawberry.field(description="A mainland mobile number, however it is written.")
    work: WorkInput | None = strawberry.field(
        default=None, description="Once the answer to the same request was `WorkNeeded`: what solves it."
    )


@strawberry.input(description="The phone and the code that was sent to it.")
class SignInWithPhoneInput:
    challenge_id: str = strawberry.field(description="`challengeId` of the answer to `requestLoginCode`.")
    phone: str = strawberry.field(description="The same phone.")
    code: str = strawberry.field(description="The 6 digits of the text message.")
    device: str = strawberry.field(
        default="", description="What this device is called in the list of sessions; else the browser's own name."
    )


@strawberry.input(description="Which of the browser's sign-ins goes on.")
class RefreshSessionInput:
    account: AccountKind = strawberry.field(
        default=AccountKind.USER, description="A browser can be signed in to one account of each kind."
    )


@strawberry.input(description="Which of the browser's sign-ins ends.")
class SignOutInput:
    account: AccountKind = strawberry.field(
        default=AccountKind.USER,
        description="Looked at only when there is no access token: then the refresh cookie of this kind counts.",
    )


@strawberry.input(description="Which of the caller's sessions end.")
class SignOutEverywhereInput:
    stay_here: bool = strawberry.field(default=False, description="Whether this one session goes on.")


@strawberry.input(description="Which session ends.")
class EndSessionInput:
    id: strawberry.ID = strawberry.field(description="`id` of an item of `mySessions`.")


@strawberry.type
class SignInMutation:
    @mutates(
        RequestLoginCodeResult,
        "Send a sign-in code by text message. The answer is the same whether or not anybody has an account with the "
        "phone. At most one a minute, 5 an hour and 10 a day for each phone; from the third of a day on, of a phone or "
        "a network, asking costs work (`WorkNeeded`).",
        only=None,
    )
    def request_login_code(
        self,
        info: Context,
        input: Annotated[RequestLoginCodeInput, strawberry.argument(description="Which phone.")],
    ) -> Awaitable[login_codes.CodeSent | login_codes.TooManyCodes | proof_of_work.WorkNeeded | InvalidInputRecord]:
        work = None if input.work is None else input.work.given
        return signing.request_login_code(info.context, input.phone, work)

    @mutates(
        SignInWithPhoneResult,
        "Sign in by a code; the first time makes the account. Five wrong tries use a code up.",
        only=None,
    )
    def sign_in_with_phone(
        self,
        info: Context,
        input: Annotated[SignInWithPhoneInput, strawberry.argument(description="The phone and its code.")],
    ) -> Awaitable[
        sign_in.SignedIn | login_codes.WrongCode | login_codes.TooManyTries | sign_in.AccountLocked | InvalidInputRecord
    ]:
        given = signing.PhoneSignIn(input.challenge_id, input.phone, input.code, input.device)
        return signing.sign_in(info.context, given)

    @mutates(
        RefreshSessionResult,
        "Go on being signed in, by the refresh cookie. Send it without Authorization: an expired token is refused.",
        only=None,
    )
    def refresh_session(
        self,
        info: Context,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="Which sign-in.")],
    ) -> Awaitable[sessions.Tokens | sessions.SessionBusy | sessions.SessionEnded]:
        return signing.refresh(info.context, input.account)

    @mutates(SignOutResult, "End this session. Without one, nothing happens.", only=None)
    def sign_out(
        self, info: Context, input: Annotated[SignOutInput, strawberry.argument(description="Which sign-in.")]
    ) -> Awaitable[session_list.SignedOut]:
        return session_list.sign_out(info.context, input.account)

    @mutates(SignOutResult, "End all sessions of the caller's account, on every device.", only=IsSignedIn)
    def sign_out_everywhere(
        self,
        info: Context,
        input: Annotated[SignOutEverywhereInput, strawberry.argument(description="Whether this one too.")],
    ) -> Awaitable[session_list.SignedOut]:
        return session_list.sign_out_everywhere(info.context, stay_here=input.stay_here)

    @mutates(EndSessionResult, "End one of the caller's own sessions.", only=IsSignedIn)
    def end_session(
        self, info: Context, input: Annotated[EndSessionInput, strawberry.argument(description="Which session.")]
    ) -> Awaitable[session_list.SignedOut | NotFoundRecord]:
        return session_list.end_own_session(info.context, str(input.id))
