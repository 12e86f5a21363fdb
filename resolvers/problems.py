"""Problems in the caller's language."""

from domain.language import Words
from domain.problems import (
    FieldProblem,
    HospitalLocked,
    IdempotencyKeyReused,
    InvalidBatch,
    InvalidInput,
    ItemProblem,
    NotAllowed,
    NotFound,
    ProblemCode,
    SecondFactorNeeded,
    SignInLocked,
    WrongPassword,
)
from resolvers.context import RequestContext

_INPUT = Words(
    "输入不能接受，未作任何更改：{first}",
    "The input cannot be taken; nothing was changed. {first}",
)
_INPUTS = Words(
    "输入有 {count} 处不能接受，未作任何更改。第一处：{first}",
    "The input cannot be taken for {count} reasons; nothing was changed. The first: {first}",
)
_BATCH = Words(
    "{items} 项中有 {broken} 项不能接受；整批未作任何更改。改正后重发，或设 allOrNothing 为 false 只推送其余各项。",
    "Of {items} items, {broken} cannot be taken; nothing of the batch was changed. Mend it and send it again, "
    "or set allOrNothing to false to push the others.",
)
_REUSED = Words(
    "幂等键“{key}”已用于另一份输入。新的推送请用新的键；重试请原样重发。",
    "The idempotency key “{key}” was used for another input. Use a new key for a new push; repeat a push unchanged.",
)
_LOCKED = Words(
    "医院 {code} 已被平台锁定，暂不接受推送。请联系平台。",
    "The platform locked hospital {code}; it takes no pushes now. Please contact the platform.",
)
_NOT_FOUND = Words("没有找到；请核对 id。", "There is no such thing; check the id.")
_NOT_ALLOWED = {
    ProblemCode.CHANGED_MEANWHILE: Words(
        "内容已被他人修改，请重新打开后再操作。", "Somebody else changed it meanwhile; open it again before you go on."
    ),
    ProblemCode.TOO_MANY_BROADCASTS: Words(
        "二十四小时内发送的次数已达上限，请稍后再发。", "No more can be sent within these 24 hours; send it later."
    ),
    ProblemCode.BROADCAST_NOT_SO: Words(
        "消息已结束或已取消，不能这样操作。", "It is over or was cancelled; this cannot be done to it."
    ),
    ProblemCode.MESSAGE_NOT_FAILED: Words(
        "只有已放弃的消息可以重试。", "Only a message that was given up can be tried anew."
    ),
    ProblemCode.OWN_ACCOUNT: Words(
        "不能对自己的账号这样做，请另一位管理员来做。", "Nobody may do this to their own account; ask a colleague."
    ),
    ProblemCode.LAST_ADMINISTRATOR: Words(
        "这是最后一位可登录的平台管理员，请先另设一位。",
        "This is the last platform administrator who can sign in; make another one first.",
    ),
    ProblemCode.BEYOND_OWN_RIGHTS: Words(
        "该账号具有（或将具有）您没有的权限。", "The account has, or would get, rights that you lack."
    ),
    ProblemCode.SMS_ENROLMENT_ENDED: Words(
        "接入码不正确、已使用或已过期，请管理员重新出码。",
        "The code is wrong, used or out of time; ask an administrator for another.",
    ),
    ProblemCode.SMS_NOT_YOURS: Words(
        "这条短信已不归本机发送：请勿发送。", "The message is not, or no more, this telephone's: do not send it."
    ),
    ProblemCode.SMS_NOT_CHANGEABLE: Words(
        "短信已开始发送、已结束，或是验证码，不能这样做。",
        "The message is being sent, is over, or is a code; this cannot be done to it.",
    ),
}
_WRONG_PASSWORD = Words(
    "登录名、密码或验证码不正确。请核对后重试；忘记密码请管理员重置。",
    "The sign-in name, the password or the second factor is wrong. Try again, or ask an administrator to reset it.",
)
_SECOND_FACTOR = Words(
    "请输入身份验证器中的六位验证码，或一个恢复码。",
    "Enter the six digits of your authenticator app, or a recovery code.",
)
_WAIT = Words("错误次数过多，请在 {minutes} 分钟后再试。", "Too many wrong tries; try again in {minutes} minutes.")
_LOCKED_BY_ADMINISTRATOR = Words(
    "账号已被管理员锁定，请联系管理员。", "An administrator locked this account; please contact one."
)


def of_field(context: RequestContext, problem: FieldProblem) -> str:
    """What is wrong with a field."""
    return problem.say(context.language)


def of_item(context: RequestContext, item: ItemProblem) -> str:
    """What is wrong with an item's field."""
    return item.problem.say(context.language)


def of_input(context: RequestContext, problem: InvalidInput) -> str:
    """What is wrong with an input, its first fault in full."""
    first = problem.fields[0]
    said = f"{first.field}: {first.say(context.language)}"
    words = _INPUT if len(problem.fields) == 1 else _INPUTS
    return words.say(context.language, count=len(problem.fields), first=said)


def of_batch(context: RequestContext, problem: InvalidBatch) -> str:
    """How much of a batch is wrong."""
    broken = len({each.index for each in problem.items})
    return _BATCH.say(context.language, items=problem.item_count, broken=broken)


def of_reused_key(context: RequestContext, problem: IdempotencyKeyReused) -> str:
    """What to do about a reused key."""
    return _REUSED.say(context.language, key=problem.idempotency_key)


def of_locked_hospital(context: RequestContext, problem: HospitalLocked) -> str:
    """What to do about a locked hospital."""
    return _LOCKED.say(context.language, code=problem.hospital_code)


def of_not_found(context: RequestContext, _problem: NotFound) -> str:
    """That there is nothing."""
    return _NOT_FOUND.say(context.language)


def of_not_allowed(context: RequestContext, problem: NotAllowed) -> str:
    """Why not, and who could."""
    return _NOT_ALLOWED[problem.code].say(context.language)


def of_wrong_password(context: RequestContext, _problem: WrongPassword) -> str:
    """That something is wrong, not what."""
    return _WRONG_PASSWORD.say(context.language)


def of_second_factor(context: RequestContext, _problem: SecondFactorNeeded) -> str:
    """What else to enter."""
    return _SECOND_FACTOR.say(context.language)


def of_locked_sign_in(context: RequestContext, problem: SignInLocked) -> str:
    """How long to wait, or whom to ask."""
    if problem.retry_after_seconds is None:
        return _LOCKED_BY_ADMINISTRATOR.say(context.language)
    return _WAIT.say(context.language, minutes=-(-problem.retry_after_seconds // 60))
