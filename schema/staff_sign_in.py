"""Staff sign in, and look after their own password and second factor."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.staff_account import StaffAccount
from domain import problems
from domain.staff import own_account
from domain.staff.own_account import NotProved
from domain.staff.sign_in import Credentials
from resolvers import staff_sign_in
from schema.binding import Context, answers, mutates
from schema.permissions import IsStaff, IsStaffWhateverPassword
from schema.problems import InvalidInput, SecondFactorNeeded, SignInLocked, WrongPassword, record_of
from schema.staff import Input, Staff


@strawberry.type(description="A session was started; its refresh token came in a cookie.")
class StaffSignedIn:
    access_token: str = strawberry.field(
        description="Send it as `Authorization: Bearer …` until it expires; keep it in memory only."
    )
    expires_at: datetime = strawberry.field(description="When the access token expires.")
    staff: Staff = strawberry.field(description="Who signed in, as the account was before.")
    must_change_password: bool = strawberry.field(
        description="Whether nothing but `changeMyPassword` is allowed until the password is changed."
    )

    is_type_of = record_of(staff_sign_in.StaffSignedIn)


@strawberry.type(description="The new password counts from now on.")
class PasswordChanged:
    staff: Staff = strawberry.field(description="The account as it now is.")
    ended_sessions: int = strawberry.field(description="Other sessions of the account, which were ended.")

    is_type_of = record_of(own_account.PasswordChanged)


@strawberry.type(description="A secret for an authenticator app, shown this once. It counts once it is confirmed.")
class TotpBegun:
    secret: str = strawberry.field(description="The secret in base32, to be typed into the app.")
    uri: str = strawberry.field(description="The same as an `otpauth:` address, to be shown as a QR picture.")

    is_type_of = record_of(own_account.TotpBegun)


@strawberry.type(description="The second factor is on.")
class TotpConfirmed:
    staff: Staff = strawberry.field(description="The account as it now is.")
    recovery_codes: list[str] = strawberry.field(
        description="Ten codes that each replace a code of the app once. Shown this once: print them."
    )

    is_type_of = record_of(own_account.TotpConfirmed)


@strawberry.type(description="The second factor is off; its secret and recovery codes are forgotten.")
class TotpDisabled:
    staff: Staff = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(own_account.TotpDisabled)


SignInAsStaffResult = Annotated[
    StaffSignedIn | SecondFactorNeeded | WrongPassword | SignInLocked | InvalidInput,
    strawberry.union("SignInAsStaffResult", description="What became of the sign-in."),
]
ChangeMyPasswordResult = Annotated[
    PasswordChanged | WrongPassword | SignInLocked | InvalidInput,
    strawberry.union("ChangeMyPasswordResult", description="What became of the password."),
]
BeginTotpResult = Annotated[
    TotpBegun | WrongPassword | SignInLocked | InvalidInput,
    strawberry.union("BeginTotpResult", description="The secret, or why there is none."),
]
ConfirmTotpResult = Annotated[
    TotpConfirmed | InvalidInput,
    strawberry.union("ConfirmTotpResult", description="The recovery codes, or why it was not confirmed."),
]
DisableTotpResult = Annotated[
    TotpDisabled | WrongPassword | SignInLocked | InvalidInput,
    strawberry.union("DisableTotpResult", description="What became of the second factor."),
]


@strawberry.input(description="What a staff member signs in with.")
class SignInAsStaffInput:
    sign_in_name: str = strawberry.field(description="The sign-in name, in any letter case.")
    password: str = strawberry.field(description="The password.")
    totp_code: str | None = strawberry.field(
        default=None, description="The six digits that the authenticator app shows, if the account needs them."
    )
    recovery_code: str | None = strawberry.field(
        default=None, description="A recovery code instead of them, when the app is lost; it counts once."
    )
    device: str = strawberry.field(default="", description="What to call this device in the list of sessions.")


@strawberry.input(description="The present password and the one to replace it.")
class ChangeMyPasswordInput:
    current_password: str = strawberry.field(description="The present password.")
    new_password: str = strawberry.field(
        description="12 to 128 characters; a phrase does well. Not the sign-in name, nothing common."
    )


@strawberry.input(description="Proof that it is still the owner who asks.")
class OwnPasswordInput:
    password: str = strawberry.field(description="The present password.")


@strawberry.input(description="A first code of the authenticator app.")
class ConfirmTotpInput:
    code: str = strawberry.field(description="The six digits that the app shows now.")


@strawberry.type
class StaffSignInQuery:
    @answers(Staff | None, "The caller's own staff account.", only=IsStaffWhateverPassword)
    def my_staff_account(self, info: Context) -> Awaitable[StaffAccount | None]:
        return staff_sign_in.my_account(info.context)


@strawberry.type
class StaffSignInMutation:
    @mutates(
        SignInAsStaffResult,
        "Sign in as a staff member. Five wrong tries in a row close sign-in for 15 minutes, five more for 30.",
        only=None,
    )
    def sign_in_as_staff(
        self, info: Context, input: Input[SignInAsStaffInput]
    ) -> Awaitable[
        staff_sign_in.StaffSignedIn
        | problems.SecondFactorNeeded
        | problems.WrongPassword
        | problems.SignInLocked
        | problems.InvalidInput
    ]:
        credentials = Credentials(input.sign_in_name, input.password, input.totp_code, input.recovery_code)
        return staff_sign_in.sign_in_as_staff(info.context, credentials, input.device)

    @mutates(
        ChangeMyPasswordResult,
        "Change the caller's own password; every other session of the account ends.",
        only=IsStaffWhateverPassword,
    )
    def change_my_password(
        self, info: Context, input: Input[ChangeMyPasswordInput]
    ) -> Awaitable[own_account.PasswordChanged | NotProved | problems.InvalidInput]:
        return staff_sign_in.change_my_password(info.context, input.current_password, input.new_password)

    @mutates(BeginTotpResult, "Get a secret for an authenticator app; confirm it by `confirmTotp`.", only=IsStaff)
    def begin_totp(
        self, info: Context, input: Input[OwnPasswordInput]
    ) -> Awaitable[own_account.TotpBegun | NotProved | problems.InvalidInput]:
        return staff_sign_in.begin_totp(info.context, input.password)

    @mutates(ConfirmTotpResult, "Switch the second factor on by a first code of the app.", only=IsStaff)
    def confirm_totp(
        self, info: Context, input: Input[ConfirmTotpInput]
    ) -> Awaitable[own_account.TotpConfirmed | problems.InvalidInput]:
        return staff_sign_in.confirm_totp(info.context, input.code)

    @mutates(DisableTotpResult, "Switch the second factor off.", only=IsStaff)
    def disable_totp(
        self, info: Context, input: Input[OwnPasswordInput]
    ) -> Awaitable[own_account.TotpDisabled | NotProved]:
        return staff_sign_in.disable_totp(info.context, input.password)
