"""Why nobody was checked in or called, in the caller's language."""

from datasources.sql.booking_order import OrderState
from domain.booking import check_in, counter_check_in, queue
from domain.language import Words
from resolvers.context import RequestContext

_NOT_OPEN = Words("尚未开始取号，请在 {opens_at} 后再来。", "Check-in opens at {opens_at}.")
_CLOSED = Words(
    "取号已于 {closed_at} 截止。请到医院挂号窗口咨询。",
    "Check-in closed at {closed_at}. Ask at the hospital's registration desk.",
)
_NOT_PAID = {
    OrderState.AWAITING_PAYMENT: Words("订单尚未支付，请先支付再取号。", "The order is not paid; pay it first."),
    OrderState.PENDING_HOSPITAL: Words(
        "医院尚未确认该预约，请稍后再试。", "The hospital has not confirmed the order yet; try again shortly."
    ),
}
_ENDED = Words(
    "该预约已取消或失效，号已释放。如需就诊请重新预约。",
    "The order was cancelled or has lapsed, and its number is no longer yours. Book again if you need a visit.",
)
_MISSES = Words(
    "未找到的次数过多，请在 {minutes} 分钟后再试，或到挂号窗口办理。",
    "Too many tries found nothing; try again in {minutes} minutes, or ask at the registration desk.",
)
_EMPTY = Words("目前没有候诊的患者。", "Nobody is waiting for this session now.")
_NOT_CALLED = Words("尚未叫到该患者，不能过号。", "The patient was not called yet and so can't be passed over.")
_NOT_IN_QUEUE = Words("该患者尚未取号，或就诊已结束。", "The patient has not checked in, or the visit is over.")


def of_not_open(context: RequestContext, problem: check_in.CheckInNotOpen) -> str:
    """When it opens."""
    return _NOT_OPEN.say(context.language, opens_at=f"{problem.opens_at.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_closed(context: RequestContext, problem: check_in.CheckInClosed) -> str:
    """When it closed."""
    return _CLOSED.say(context.language, closed_at=f"{problem.closed_at.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_not_paid(context: RequestContext, problem: check_in.NotPaid) -> str:
    """What is waited for."""
    return _NOT_PAID[problem.state].say(context.language)


def of_ended(context: RequestContext, _problem: check_in.OrderEnded) -> str:
    """That there is no number any more."""
    return _ENDED.say(context.language)


def of_misses(context: RequestContext, problem: counter_check_in.TooManyMisses) -> str:
    """How long to wait."""
    return _MISSES.say(context.language, minutes=-(-problem.retry_after_seconds // 60))


def of_empty(context: RequestContext, _problem: queue.QueueEmpty) -> str:
    """That nobody is there."""
    return _EMPTY.say(context.language)


def of_not_called(context: RequestContext, _problem: queue.NotCalled) -> str:
    """That the patient has to be called first."""
    return _NOT_CALLED.say(context.language)


def of_not_in_queue(context: RequestContext, _problem: queue.NotInQueue) -> str:
    """That the patient does not wait."""
    return _NOT_IN_QUEUE.say(context.language)
