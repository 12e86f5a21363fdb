"""What signing in says when it refuses, in the caller's language."""

from domain.identity.login_codes import TooManyCodes, TooManyTries, WrongCode
from domain.identity.proof_of_work import WorkNeeded
from domain.language import Words
from resolvers.context import RequestContext

_TOO_MANY_CODES = Words(
    "验证码发送过于频繁，请在 {seconds} 秒后重试。",
    "Too many codes were asked for. Try again in {seconds} seconds.",
)
_WORK = Words(
    "今天已发送过验证码。请先计算 challenge 的解（方法见 docs/proof-of-work.md），再以 work 重新提交。",
    "Codes were sent before today. Solve the challenge (docs/proof-of-work.md says how) and ask again with it as work.",
)
_WRONG = Words(
    "验证码不正确，还可以尝试 {left} 次。",
    "That is not the code. Tries left: {left}.",
)
_USED_UP = Words(
    "验证码不正确或已失效，请重新获取。",
    "That is not the code, or it is no longer valid. Ask for a new one.",
)
_TOO_MANY_TRIES = Words(
    "错误次数过多，请在 {seconds} 秒后重试。",
    "Too many wrong codes. Try again in {seconds} seconds.",
)
_LOCKED = Words(
    "该账号已被平台锁定，无法登录。如有疑问请联系客服。",
    "The platform locked this account, so it cannot be signed in to. Please contact support.",
)
_BUSY = Words("另一个页面刚刚刷新了登录，请稍后重试。", "Another tab just refreshed the session. Try again shortly.")
_ENDED = Words("登录已结束。请重新登录。", "The session has ended. Sign in again.")
_TAKEN = Words("该手机号已绑定其他账号。", "Another account has this phone.")


def of_too_many_codes(context: RequestContext, problem: TooManyCodes) -> str:
    """When the next code can be asked for."""
    return _TOO_MANY_CODES.say(context.language, seconds=problem.retry_after_seconds)


def of_needed_work(context: RequestContext, _problem: WorkNeeded) -> str:
    """What to do first."""
    return _WORK.say(context.language)


def of_wrong_code(context: RequestContext, problem: WrongCode) -> str:
    """How many tries are left."""
    words = _WRONG if problem.tries_left else _USED_UP
    return words.say(context.language, left=problem.tries_left)


def of_too_many_tries(context: RequestContext, problem: TooManyTries) -> str:
    """When codes are looked at again."""
    return _TOO_MANY_TRIES.say(context.language, seconds=problem.retry_after_seconds)


def of_locked_account(context: RequestContext, _problem: object) -> str:
    """What to do about a locked account."""
    return _LOCKED.say(context.language)


def of_busy_session(context: RequestContext, _problem: object) -> str:
    """What to do about a busy session."""
    return _BUSY.say(context.language)


def of_ended_session(context: RequestContext, _problem: object) -> str:
    """What to do about an ended session."""
    return _ENDED.say(context.language)


def of_taken_phone(context: RequestContext, _problem: object) -> str:
    """Why the phone cannot be the account's."""
    return _TAKEN.say(context.language)
