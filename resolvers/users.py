"""Users' own accounts."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus, Verification
from domain.callers import SignedInUser, StaffMember
from domain.identity import own_account
from domain.identity.login_codes import CodePurpose, CodeSent, TooManyCodes, TooManyTries, WrongCode, send_code
from domain.identity.own_account import LONGEST_NICKNAME, Changed, PhoneTaken, normal_nickname
from domain.identity.phones import normal_phone
from domain.identity.sessions import SessionEnded
from domain.identity.sign_in import phone_of
from domain.language import Words
from domain.permissions import Permission
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext
from resolvers.origin import origin_of
from resolvers.sign_in import desk_of, phone_problem, proof_of
from resolvers.staff_callers import may

_SIGN_IN = Words("请先登录。", "Sign in first.")
_NICKNAME = Words("昵称最多 {most} 个字符。", "A nickname has at most {most} characters.")
_CONFIRM = Words("请以 confirm: true 确认。", "Confirm by confirm: true.")
_SAME_PHONE = Words("这已是您的手机号。", "That is your phone already.")


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """A change of phone with both proofs, as it came."""

    phone: str
    old_challenge_id: str
    old_code: str
    new_challenge_id: str
    new_code: str


async def me(context: RequestContext) -> UserAccount | None:
    """The caller's own account."""
    async with context.stores.sql.read() as session:
        return await UserAccounts(session).get(_own_id(context))


async def readable_user(context: RequestContext, key: str) -> UserAccount | None:
    """The account, for its owner and for staff who may read users; nobody else learns whether there is one."""
    try:
        id = UUID(key)
    except ValueError:
        return None
    caller = context.caller
    own = isinstance(caller, SignedInUser) and caller.user_id == id
    if not own and not (isinstance(caller, StaffMember) and may(caller, Permission.READ_USERS)):
        return None
    return await context.loaders.user_by_id.load(id)


async def update_profile(context: RequestContext, nickname: str) -> Changed | InvalidInput | SessionEnded:
    """Change the nickname."""
    normal = normal_nickname(nickname)
    if len(normal) > LONGEST_NICKNAME:
        values = {"most": LONGEST_NICKNAME}
        return InvalidInput([FieldProblem("nickname", ProblemCode.TOO_LONG, _NICKNAME, values)])
    return await own_account.rename(context.stores, _own_id(context), normal)


async def request_phone_change_code(
    context: RequestContext, new_phone: str | None
) -> CodeSent | TooManyCodes | InvalidInput | SessionEnded:
    """Send a code to the new phone or, without one, to the phone that the account has."""
    user = await me(context)
    old = None if user is None else phone_of(context.ring, user)
    if old is None:
        return SessionEnded()
    phone, purpose = old, CodePurpose.OLD_PHONE
    if new_phone is not None:
        normal = normal_phone(new_phone)
        problem = _new_phone_problem(normal, old)
        if normal is None or problem is not None:
            return InvalidInput([problem or phone_problem("newPhone")])
        phone, purpose = normal, CodePurpose.NEW_PHONE
    return await send_code(
        desk_of(context),
        phone,
        purpose,
        address=context.exchange.address,
        language=context.language,
        now=context.clock(),
    )


async def change_phone(
    context: RequestContext, given: PhoneChange
) -> Changed | WrongCode | TooManyTries | PhoneTaken | InvalidInput | SessionEnded:
    """Change the phone, both being proved."""
    normal = normal_phone(given.phone)
    old = proof_of(given.old_challenge_id, given.old_code, "old.")
    new = proof_of(given.new_challenge_id, given.new_code, "new.")
    if normal is None or isinstance(old, FieldProblem) or isinstance(new, FieldProblem):
        problems = [phone_problem("newPhone")] if normal is None else []
        return InvalidInput(problems + [each for each in (old, new) if isinstance(each, FieldProblem)])
    if not isinstance(context.caller, SignedInUser):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return await own_account.change_phone(desk_of(context), context.caller, normal, old, new, origin_of(context))


async def request_deletion(context: RequestContext, *, confirm: bool) -> Changed | SessionEnded | InvalidInput:
    """Begin the time of grace."""
    if not confirm:
        return InvalidInput([FieldProblem("confirm", ProblemCode.MISSING, _CONFIRM)])
    return await own_account.request_deletion(context.stores, _own_id(context), origin_of(context))


async def cancel_deletion(context: RequestContext, *, confirm: bool) -> Changed | SessionEnded | InvalidInput:
    """Keep the account."""
    if not confirm:
        return InvalidInput([FieldProblem("confirm", ProblemCode.MISSING, _CONFIRM)])
    return await own_account.cancel_deletion(context.stores, _own_id(context), origin_of(context))


def status(user: UserAccount) -> UserStatus:
    """The status as the graph's enum has it."""
    return UserStatus(user.status)


def verification(user: UserAccount) -> Verification:
    """The verification as the graph's enum has it."""
    return Verification(user.verification)


def _new_phone_problem(normal: str | None, old: str) -> FieldProblem | None:
    if normal is None:
        return phone_problem("newPhone")
    return FieldProblem("newPhone", ProblemCode.DUPLICATE, _SAME_PHONE) if normal == old else None


def _own_id(context: RequestContext) -> UUID:
    if not isinstance(context.caller, SignedInUser):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
    return context.caller.user_id
