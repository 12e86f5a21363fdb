"""Problems in the caller's language."""

from domain.language import Words
from domain.problems import (
    FieldProblem,
    HospitalLocked,
    IdempotencyKeyReused,
    InvalidBatch,
    InvalidInput,
    ItemProblem,
)
from resolvers.context import RequestContext

_INPUT = Words(
    "输入有 {count} 处不能接受，未作任何更改：{first}",
    "{count} parts of the input cannot be taken; nothing was changed: {first}",
)
_BATCH = Words(
    "{items} 项中有 {broken} 项不能接受；整批未作任何更改。改正后重发，或设 allOrNothing 为 false 只推送其余各项。",
    "{broken} of {items} items cannot be taken; nothing of the batch was changed. Mend them and send it again, "
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
    return _INPUT.say(context.language, count=len(problem.fields), first=said)


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
