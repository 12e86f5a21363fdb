"""Why a number was not given, and what would help, in the caller's language."""

from datasources.sql.slot_ledger import ScheduleStatus
from datasources.sql.user_account import Verification
from domain.booking import refused
from domain.booking.refused import LimitPeriod
from domain.language import Words
from resolvers.context import RequestContext

_SOLD_OUT = Words(
    "该号已约满。可加入候补，有人退号时按先后顺序为您保留。",
    "Nothing is left of this session. Join its waitlist: numbers that are given back are offered in turn.",
)
_NOT_BOOKABLE = {
    ScheduleStatus.WITHDRAWN: Words(
        "该号已停诊，请选择其他日期或医生。", "The session was withdrawn; choose another one."
    ),
    ScheduleStatus.CLOSED: Words(
        "医院已停止预约该号，请选择其他号。", "The hospital closed the session to booking; choose another one."
    ),
    ScheduleStatus.BOOKABLE: Words(
        "该号暂不可预约，请稍后再试。", "The session can't be booked just now; try again shortly."
    ),
}
_HOSPITAL = Words(
    "该医院暂停预约，请稍后再来或选择其他医院。",
    "The hospital takes no bookings at present; come back later or choose another.",
)
_NOT_OPEN = Words("尚未放号，放号时间：{opens_at}。", "Numbers for this date are released at {opens_at}.")
_CLOSED = Words(
    "该日期已于 {closed_at} 停止挂号，请选择其他日期。",
    "Booking for this date ended at {closed_at}; choose another date.",
)
_ALREADY_OWN = Words(
    "该就诊人在同科室同一半天已有预约，可改签或先取消。",
    "The patient already has a number in this department for the same half-day; reschedule or cancel that order.",
)
_ALREADY_OTHER = Words(
    "该证件在同科室同一半天已有预约（由其他账号预约）。",
    "Another account has booked this department and half-day for the same certificate.",
)
_LIMITS = {
    LimitPeriod.WEEK: Words(
        "每位就诊人每周最多预约 {most} 次，请选择其他周。",
        "A patient may have at most {most} visits a week; choose another week.",
    ),
    LimitPeriod.MONTH: Words(
        "每位就诊人每月最多预约 {most} 次，请选择其他月份。",
        "A patient may have at most {most} visits a month; choose another month.",
    ),
    LimitPeriod.QUARTER: Words(
        "每位就诊人每季度最多预约 {most} 次。", "A patient may have at most {most} visits a quarter."
    ),
}
_BANNED = Words(
    "因多次爽约，该就诊人在 {until} 前不能预约。已有预约仍可查看和取消。",
    "After several missed visits the patient can't be booked for until {until}. "
    "Existing orders can still be read and cancelled.",
)
_REAL_NAME = {
    Verification.NONE: Words("请先完成实名认证。", "Have your real name verified first (submitVerification)."),
    Verification.PENDING: Words(
        "实名认证审核中，通过后即可继续。",
        "Your real-name verification is under review; you can go on once it is accepted.",
    ),
    Verification.REJECTED: Words(
        "实名认证未通过，请按原因修改后重新提交。", "Your real-name verification was rejected; submit it again."
    ),
    Verification.VERIFIED: Words("请刷新后重试。", "Try again."),
}
_DELETION = Words(
    "账号正在等待注销，不能预约；如需继续使用，请先撤销注销申请。",
    "The account waits for its deletion; take that back (cancelAccountDeletion) to book.",
)
_FEE = Words(
    "费用已变为 {fee} 元，请确认后重新提交。", "The fee is now {fee} CNY; confirm it and send the order again."
)
_FRESH_CODE = Words(
    "您今天已退号 {count} 次，请先获取短信验证码（requestBookingCode）再预约。",
    "You gave back {count} numbers today; ask for a code by text message (requestBookingCode) and send it along.",
)
_ATTEMPT = Words(
    "您对该号的上一次请求还在处理中，请稍候查看结果。",
    "Your previous request for this session is still being handled; wait for its answer.",
)
_CHANGED = Words(
    "医院刚刚调整了该号的日期或费用，请刷新后重新确认。",
    "The hospital has just changed the session's date or fee; look again before you book.",
)


def of_sold_out(context: RequestContext, _problem: refused.SlotSoldOut) -> str:
    """What helps."""
    return _SOLD_OUT.say(context.language)


def of_session(context: RequestContext, problem: refused.SessionNotBookable) -> str:
    """What the hospital did."""
    return _NOT_BOOKABLE[problem.status].say(context.language)


def of_hospital(context: RequestContext, _problem: refused.HospitalNotBookable) -> str:
    """That it takes none."""
    return _HOSPITAL.say(context.language)


def of_not_open(context: RequestContext, problem: refused.BookingNotOpen) -> str:
    """When it opens."""
    return _NOT_OPEN.say(context.language, opens_at=f"{problem.opens_at.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_closed(context: RequestContext, problem: refused.BookingClosed) -> str:
    """When it closed."""
    return _CLOSED.say(context.language, closed_at=f"{problem.closed_at.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_already_booked(context: RequestContext, problem: refused.AlreadyBooked) -> str:
    """What to do about the other order."""
    return (_ALREADY_OTHER if problem.order_id is None else _ALREADY_OWN).say(context.language)


def of_limit(context: RequestContext, problem: refused.BookingLimitReached) -> str:
    """Which limit."""
    return _LIMITS[problem.period].say(context.language, most=problem.most)


def of_banned(context: RequestContext, problem: refused.PatientBanned) -> str:
    """Until when."""
    return _BANNED.say(context.language, until=f"{problem.until.astimezone(context.zone):%Y-%m-%d %H:%M}")


def of_real_name(context: RequestContext, problem: refused.RealNameNeeded) -> str:
    """What to do first."""
    return _REAL_NAME[problem.verification].say(context.language)


def of_deletion(context: RequestContext, _problem: refused.AccountBeingDeleted) -> str:
    """How to go on booking."""
    return _DELETION.say(context.language)


def of_fee(context: RequestContext, problem: refused.FeeChanged) -> str:
    """What it costs now."""
    return _FEE.say(context.language, fee=f"{problem.fee:.2f}")


def of_fresh_code(context: RequestContext, problem: refused.FreshCodeNeeded) -> str:
    """How to get one."""
    return _FRESH_CODE.say(context.language, count=problem.cancellations)


def of_attempt(context: RequestContext, _problem: refused.AttemptInProgress) -> str:
    """To wait."""
    return _ATTEMPT.say(context.language)


def of_changed(context: RequestContext, _problem: refused.SessionChanged) -> str:
    """To look again."""
    return _CHANGED.say(context.language)
