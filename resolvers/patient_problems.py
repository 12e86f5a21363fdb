"""What keeps a patient from being added, changed or shown, in the caller's language."""

from datasources.sql.consent import ConsentKind
from domain.language import Words
from domain.patients.changes import PatientHasLiveOrders, TooManyPatients
from domain.patients.consent import ConsentNeeded
from domain.patients.reveal import TooManyReveals
from resolvers.context import RequestContext

_TOO_MANY = Words(
    "每个账号最多 {most} 位就诊人；请先移除一位。", "An account may have at most {most} patients; remove one first."
)
_LIVE_ORDERS = Words(
    "该就诊人有进行中的预约，请待其结束或先取消。",
    "The patient has orders under way; wait until they end, or cancel them first.",
)
_CONSENT = {
    ConsentKind.HEALTH_DATA: Words(
        "请先单独同意平台处理就诊人的医疗健康信息（giveConsent，版本 {version}）。",
        "First agree separately to the handling of patients' health data (giveConsent, version {version}).",
    ),
    ConsentKind.IDENTITY_PICTURES: Words(
        "请先单独同意平台处理身份证件照片（giveConsent，版本 {version}）。",
        "First agree separately to the handling of pictures of identity documents (giveConsent, version {version}).",
    ),
}
_REVEALS = Words(
    "每天最多查看 {most} 次完整信息，请明天再试。",
    "Details can be shown in clear at most {most} times a day; try again tomorrow.",
)


def of_too_many_patients(context: RequestContext, problem: TooManyPatients) -> str:
    """How many there may be."""
    return _TOO_MANY.say(context.language, most=problem.most)


def of_live_orders(context: RequestContext, _problem: PatientHasLiveOrders) -> str:
    """What to do about the orders."""
    return _LIVE_ORDERS.say(context.language)


def of_consent_needed(context: RequestContext, problem: ConsentNeeded) -> str:
    """What to agree to."""
    return _CONSENT[problem.kind].say(context.language, version=problem.version)


def of_too_many_reveals(context: RequestContext, problem: TooManyReveals) -> str:
    """When to try again."""
    return _REVEALS.say(context.language, most=problem.most)
