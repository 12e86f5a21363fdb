"""What users read and change of their own account."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.sign_in_session import SignInSession as SessionRow
from datasources.sql.user_account import UserAccount
from domain.identity import login_codes, own_account, sessions
from domain.problems import InvalidInput as InvalidInputRecord
from resolvers import sessions as session_list
from resolvers import users
from schema import enums as enums
from schema.binding import Context, answers, mutates, of, on
from schema.permissions import IsSignedIn, IsUser
from schema.problems import InvalidInput, record_of
from schema.sign_in import LoginCodeSent
from schema.sign_in_problems import PhoneTaken, SessionEnded, TooManyCodes, TooManyTries, WrongCode
from schema.user import User


@strawberry.type(description="A sign-in on one device that has not ended.")
class SignInSession:
    id: strawberry.ID = strawberry.field(description="For `endSession`.")
    device: str = strawberry.field(description="The device's name, or the browser's own word for itself.")
    address: str = strawberry.field(
        resolver=of(session_list.address), description="The network it was last used from: 203.0.113.*"
    )
    created_at: dt.datetime = strawberry.field(description="When it was signed in.")
    last_used_at: dt.datetime = strawberry.field(
        resolver=of(session_list.last_used_at), description="When it was last refreshed."
    )
    expires_at: dt.datetime = strawberry.field(description="When it ends by itself, if it isn't used until then.")
    current: bool = strawberry.field(
        resolver=on(session_list.is_current), description="Whether it is the session that asks."
    )


@strawberry.type(description="The account was changed.")
class AccountChanged:
    user: User = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(own_account.Changed)


RequestPhoneChangeCodeResult = Annotated[
    LoginCodeSent | InvalidInput | TooManyCodes | SessionEnded,
    strawberry.union("RequestPhoneChangeCodeResult", description="What became of asking for a code."),
]
ChangePhoneResult = Annotated[
    AccountChanged | WrongCode | TooManyTries | PhoneTaken | InvalidInput | SessionEnded,
    strawberry.union("ChangePhoneResult", description="What became of the change of phone."),
]
ChangeAccountResult = Annotated[
    AccountChanged | InvalidInput | SessionEnded,
    strawberry.union("ChangeAccountResult", description="What became of the change."),
]


@strawberry.input(description="What is changed of the profile.")
class UpdateProfileInput:
    nickname: str = strawberry.field(description="At most 30 characters; empty removes it.")


@strawberry.input(description="Which of the two phones a code goes to.")
class RequestPhoneChangeCodeInput:
    new_phone: str | None = strawberry.field(
        default=None, description="The new phone; without it, the code goes to the phone that the account has."
    )


@strawberry.input(description="A code and the challenge that its sending was answered by.")
class CodeProofInput:
    challenge_id: str = strawberry.field(description="`challengeId` of the answer to `requestPhoneChangeCode`.")
    code: str = strawberry.field(description="The 6 digits of the text message.")


@strawberry.input(description="The new phone, and proofs of both.")
class ChangePhoneInput:
    new_phone: str = strawberry.field(description="The new phone.")
    old: CodeProofInput = strawberry.field(description="Proof of the phone that the account has.")
    new: CodeProofInput = strawberry.field(description="Proof of the new phone.")


@strawberry.input(description="A decision about the whole account.")
class AccountDeletionInput:
    confirm: bool = strawberry.field(description="Must be true.")


@strawberry.type
class OwnAccountQuery:
    @answers(User | None, "The caller's own account.", only=IsUser)
    def me(self, info: Context) -> Awaitable[UserAccount | None]:
        return users.me(info.context)

    @answers(list[SignInSession], "Where the caller is signed in, the session used last first.", only=IsSignedIn)
    def my_sessions(self, info: Context) -> Awaitable[list[SessionRow]]:
        return session_list.own_sessions(info.context)


@strawberry.type
class OwnAccountMutation:
    @mutates(ChangeAccountResult, "Change the profile.", only=IsUser)
    def update_profile(
        self, info: Context, input: Annotated[UpdateProfileInput, strawberry.argument(description="What to change.")]
    ) -> Awaitable[own_account.Changed | InvalidInputRecord | sessions.SessionEnded]:
        return users.update_profile(info.context, input.nickname)

    @mutates(
        RequestPhoneChangeCodeResult,
        "Send a code for a change of phone: one goes to the old phone and one to the new.",
        only=IsUser,
    )
    def request_phone_change_code(
        self,
        info: Context,
        input: Annotated[RequestPhoneChangeCodeInput, strawberry.argument(description="Which phone.")],
    ) -> Awaitable[login_codes.CodeSent | login_codes.TooManyCodes | InvalidInputRecord | sessions.SessionEnded]:
        return users.request_phone_change_code(info.context, input.new_phone)

    @mutates(
        ChangePhoneResult, "Change the phone, once both are proved. All other sessions of the account end.", only=IsUser
    )
    def change_phone(
        self, info: Context, input: Annotated[ChangePhoneInput, strawberry.argument(description="Phone and proofs.")]
    ) -> Awaitable[
        own_account.Changed
        | login_codes.WrongCode
        | login_codes.TooManyTries
        | own_account.PhoneTaken
        | InvalidInputRecord
        | sessions.SessionEnded
    ]:
        given = users.PhoneChange(
            input.new_phone, input.old.challenge_id, input.old.code, input.new.challenge_id, input.new.code
        )
        return users.change_phone(info.context, given)

    @mutates(
        ChangeAccountResult,
        "Ask for the account's deletion. For seven days it can be taken back; then all personal data is erased.",
        only=IsUser,
    )
    def request_account_deletion(
        self, info: Context, input: Annotated[AccountDeletionInput, strawberry.argument(description="Confirmation.")]
    ) -> Awaitable[own_account.Changed | sessions.SessionEnded | InvalidInputRecord]:
        return users.request_deletion(info.context, confirm=input.confirm)

    @mutates(ChangeAccountResult, "Take the request for deletion back.", only=IsUser)
    def cancel_account_deletion(
        self, info: Context, input: Annotated[AccountDeletionInput, strawberry.argument(description="Confirmation.")]
    ) -> Awaitable[own_account.Changed | sessions.SessionEnded | InvalidInputRecord]:
        return users.cancel_deletion(info.context, confirm=input.confirm)
