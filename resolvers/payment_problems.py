"""Why an order was not paid, in the caller's language."""

from datasources.sql.booking_order import OrderState
from domain.language import Words
from domain.payments import refused
from resolvers.context import RequestContext
from resolvers.payments import PROVIDERS

_STANDS = {
    OrderState.PENDING_HOSPITAL: Words(
        "医院尚未确认该预约，确认后再支付。", "The hospital has not confirmed the order yet; pay once it has."
    ),
    OrderState.AWAITING_PAYMENT: Words(
        "支付时间已过，号已不再保留。请重新预约。", "The time to pay is over and the number is not kept; book again."
    ),
    OrderState.PAID: Words("订单已支付，无需再付。", "The order is paid; nothing is due."),
    OrderState.CHECKED_IN: Words("订单已支付，无需再付。", "The order is paid; nothing is due."),
    OrderState.COMPLETED: Words("就诊已完成，无需支付。", "The visit is over; nothing is due."),
    OrderState.NO_SHOW: Words("该预约已结束，无需支付。", "The visit is past; nothing is due."),
}
_OVER = Words("该预约已取消或过期，不能支付。请重新预约。", "The order is cancelled or has lapsed; book again.")
_ENDED = Words("此次支付已关闭，请重新发起支付。", "This payment was closed; begin a new one with another key.")
_DOWN = Words(
    "{provider}暂时不可用，请在 {seconds} 秒后重试，或选择其他支付方式。",
    "{provider} is not available; try again in {seconds} seconds, or pay in another way.",
)
_NOT_HERE = Words("{provider}暂不可用，请选择其他支付方式。", "{provider} can't be used here now; pay in another way.")


def of_not_payable(context: RequestContext, problem: refused.OrderNotPayable) -> str:
    """Where the order stands."""
    return _STANDS.get(problem.state, _OVER).say(context.language)


def of_ended(context: RequestContext, _problem: refused.PaymentEnded) -> str:
    """To begin anew."""
    return _ENDED.say(context.language)


def of_unavailable(context: RequestContext, problem: refused.PaymentUnavailable) -> str:
    """When to try again, or what else to do."""
    provider = PROVIDERS[problem.provider].say(context.language)
    if problem.retry_after_seconds is None:
        return _NOT_HERE.say(context.language, provider=provider)
    return _DOWN.say(context.language, provider=provider, seconds=problem.retry_after_seconds)
