"""Why an order was not changed, in the caller's language."""

from datasources.sql.booking_order import OrderState
from domain.booking import change_refused as refused
from domain.language import Words
from resolvers.context import RequestContext

_CLOSED = Words(
    "退号、改签已于 {closed_at} 截止。如不能就诊，请联系医院。",
    "Numbers of this visit could be given back or moved until {closed_at}. If you can't come, call the hospital.",
)
_STANDS = {
    OrderState.CHECKED_IN: Words("就诊人已取号，不能再更改。", "The patient has checked in; nothing can be changed."),
    OrderState.COMPLETED: Words("就诊已完成，不能更改。", "The visit is over; nothing can be changed."),
    OrderState.NO_SHOW: Words("该预约已记为爽约，不能更改。", "The visit was missed; nothing can be changed."),
    OrderState.EXPIRED: Words("该预约已过期，请重新预约。", "The order has lapsed; book again."),
    OrderState.REJECTED: Words("医院未接受该预约，请另选号源。", "The hospital refused the order; choose another."),
    OrderState.PENDING_HOSPITAL: Words(
        "医院尚未答复，答复后方可更改；现在可以取消。",
        "The hospital has not answered yet; until then the order can only be cancelled.",
    ),
    OrderState.PAID: Words("该预约仍有效，无需此操作。", "The visit is still to come; there is nothing to do."),
    OrderState.AWAITING_PAYMENT: Words("该预约尚待支付，无需此操作。", "The order waits for payment; do that first."),
}
_ENDED = Words("该预约已取消，不能更改。", "The order is cancelled; nothing can be changed.")
_OTHER_DEPARTMENT = Words(
    "只能改签到同一医院同一科室的号；去其他科室请另行预约。",
    "An order moves within its hospital's department only; book anew elsewhere and cancel this one.",
)


def of_closed(context: RequestContext, problem: refused.CancellationClosed) -> str:
    """Until when it could be done."""
    return _CLOSED.say(context.language, closed_at=f"{problem.closed_at.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_state(context: RequestContext, problem: refused.OrderNotChangeable) -> str:
    """Where the order stands."""
    return _STANDS.get(problem.state, _ENDED).say(context.language)


def of_other_department(context: RequestContext, _problem: refused.OtherDepartment) -> str:
    """What to do instead."""
    return _OTHER_DEPARTMENT.say(context.language)
