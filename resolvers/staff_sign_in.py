"""Staff's own sign-in, password and second factor."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from datasources.sql.staff_account import StaffAccount, StaffAccounts
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode, SecondFactorNeeded, SignInLocked, WrongPassword
from domain.staff import own_account, sign_in
from domain.staff.own_account import NotProved
from domain.staff.sign_in import Credentials
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.session_cookies import give_refresh_cookie
from resolvers.staff_callers import staff

LONGEST_TYPED = 1_000

_TOO_LONG = Words("最多 {most} 个字符。", "At most {most} characters fit.")


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """What the graph answers to a sign-in; the refresh token goes into a cookie."""

    access_token: str
    expires_at: datetime
    staff: StaffAccount
    must_change_password: bool


async def sign_in_as_staff(
    context: RequestContext, credentials: Credentials, device: str
) -> StaffSignedIn | SecondFactorNeeded | WrongPassword | SignInLocked | InvalidInput:
    """Start a session for whoever proves to be a staff member."""
    typed = {
        "signInName": credentials.sign_in_name,
        "password": credentials.password,
        "totpCode": credentials.totp_code or "",
        "recoveryCode": credentials.recovery_code or "",
        "device": device,
    }
    problems = [
        FieldProblem(field, ProblemCode.TOO_LONG, _TOO_LONG, {"most": LONGEST_TYPED})
        for field, text in typed.items()
        if len(text) > LONGEST_TYPED
    ]
    if problems:
        return InvalidInput(problems)
    who = actor(context, device=device or context.exchange.user_agent)
    answer = await sign_in.sign_in(context.stores, context.ring, credentials, who)
    if not isinstance(answer, sign_in.StaffSignedIn):
        return answer
    tokens = answer.tokens
    give_refresh_cookie(context, tokens)
    return StaffSignedIn(
        tokens.access_token.get_secret_value(), tokens.expires_at, answer.staff, answer.staff.must_change_password
    )


async def my_account(context: RequestContext) -> StaffAccount | None:
    """The caller's own account."""
    caller = staff(context)
    async with context.stores.sql.read() as session:
        return await StaffAccounts(session).get(caller.staff_id)


async def change_my_password(
    context: RequestContext, current: str, new: str
) -> own_account.PasswordChanged | NotProved | InvalidInput:
    """Replace the caller's password."""
    return await own_account.change_password(
        context.stores, staff(context), SecretStr(current), SecretStr(new), actor(context)
    )


async def begin_totp(context: RequestContext, password: str) -> own_account.TotpBegun | NotProved | InvalidInput:
    """Make a secret for the caller's authenticator app."""
    return await own_account.begin_totp(
        context.stores, context.ring, staff(context), SecretStr(password), actor(context)
    )


async def confirm_totp(context: RequestContext, code: str) -> own_account.TotpConfirmed | InvalidInput:
    """Switch the caller's second factor on."""
    return await own_account.confirm_totp(context.stores, context.ring, staff(context), code, actor(context))


async def disable_totp(context: RequestContext, password: str) -> own_account.TotpDisabled | NotProved:
    """Switch the caller's second factor off."""
    return await own_account.disable_totp(context.stores, staff(context), SecretStr(password), actor(context))
