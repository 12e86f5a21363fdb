"""Why somebody can't wait, or can't take what was offered, in the caller's language."""

from datasources.sql.waitlist_entry import WaitlistState
from domain.booking.waitlist import refused
from domain.language import Words
from resolvers.context import RequestContext

_NOT_NEEDED = Words("该号仍有余号，可直接预约。", "Numbers of this session are left; book one (createOrder).")
_WAITING_OWN = Words("该就诊人已在候补中。", "The patient waits for this session already.")
_WAITING_OTHER = Words(
    "该证件已在候补中（由其他账号加入）。", "Another account waits for this session for the same certificate."
)
_TOO_MANY = Words(
    "每位就诊人最多同时候补 {most} 个号，请先退出其中一个。",
    "A patient may wait for at most {most} sessions at a time; leave one of them first.",
)
_NOT_YET = Words("尚未轮到您，有号时会为您保留。", "It is not your turn yet; a place will be held for you when it is.")
_PASSED_ON = Words(
    "保留时间已过，号已顺延给下一位。如仍约满，可重新加入候补。",
    "The time to accept is over and the place has passed on. Join again if the session is still full.",
)
_OVER = Words("该候补已结束，没有可接受的号。", "The waiting is over; there is nothing to accept.")


def of_not_needed(context: RequestContext, _problem: refused.WaitlistNotNeeded) -> str:
    """What to do instead."""
    return _NOT_NEEDED.say(context.language)


def of_already_waiting(context: RequestContext, problem: refused.AlreadyWaiting) -> str:
    """Who waits."""
    return (_WAITING_OTHER if problem.entry_id is None else _WAITING_OWN).say(context.language)


def of_too_many(context: RequestContext, problem: refused.TooManyWaits) -> str:
    """How many there may be."""
    return _TOO_MANY.say(context.language, most=problem.most)


def of_offer_ended(context: RequestContext, problem: refused.OfferEnded) -> str:
    """What there is to do."""
    words = {WaitlistState.WAITING: _NOT_YET, WaitlistState.LAPSED: _PASSED_ON}
    return words.get(problem.state, _OVER).say(context.language)
