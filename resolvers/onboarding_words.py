"""What stands in the way of a hospital's application, an invitation or a key, in the caller's language."""

from datasources.sql.hospital_application import ApplicationState
from domain.integration.managing import TooManyKeys
from domain.language import Words
from domain.onboarding.applying import ApplicationNotChangeable, HospitalKnown, TooManyApplications
from domain.onboarding.taking_up import HospitalTakenUp
from domain.staff.invitations import InvitationEnded, TooManyInvitations
from resolvers.context import RequestContext

_OWN = Words("您已为这家医院提交申请（{number}）。", "You applied for this hospital already ({number}).")
_KNOWN = Words(
    "该登记号的医院已申请或已入驻。如有疑问请联系平台。",
    "A hospital with this registration number has applied or joined already. If in doubt, contact the platform.",
)
_TOO_MANY = Words(
    "待审核或当日提交的申请已达上限（{most}），请稍后再试。",
    "You have as many applications waiting, or handed in today, as there may be ({most}); try again later.",
)
_STATES = {
    ApplicationState.SUBMITTED: Words(
        "申请正在审核，请等待结果。", "The application is under review; wait for the result."
    ),
    ApplicationState.APPROVED: Words("申请已通过，不能再更改。", "The application was approved and cannot be changed."),
    ApplicationState.REJECTED: Words("申请已被驳回。", "The application was rejected."),
    ApplicationState.WITHDRAWN: Words("申请已撤回，请重新申请。", "The application was withdrawn; apply anew."),
}
_TAKEN_UP = Words(
    "医院已有管理员，请由其邀请其他人员。", "The hospital has a manager; ask them to invite whoever else is needed."
)
_ENDED = Words(
    "邀请链接无效、已使用、已撤销或已过期，请联系邀请人。",
    "The link is wrong, used, revoked or out of time; ask whoever invited you for another.",
)
_INVITATIONS = Words(
    "未使用的邀请已达 {most} 个，请先撤销不用的。", "There are {most} open invitations; revoke one that is not needed."
)
_KEYS = Words(
    "已有 {most} 个有效密钥（{keys}），请先吊销其中一个。", "There are {most} live keys ({keys}); revoke one first."
)


def of_known(context: RequestContext, problem: HospitalKnown) -> str:
    """That somebody was earlier."""
    if problem.own_number is not None:
        return _OWN.say(context.language, number=problem.own_number)
    return _KNOWN.say(context.language)


def of_too_many(context: RequestContext, problem: TooManyApplications) -> str:
    """How many there may be."""
    return _TOO_MANY.say(context.language, most=problem.most)


def of_not_changeable(context: RequestContext, problem: ApplicationNotChangeable) -> str:
    """Where it stands."""
    return _STATES[problem.state].say(context.language)


def of_taken_up(context: RequestContext, _problem: HospitalTakenUp) -> str:
    """Whom to ask."""
    return _TAKEN_UP.say(context.language)


def of_ended_invitation(context: RequestContext, _problem: InvitationEnded) -> str:
    """Whom to ask for another."""
    return _ENDED.say(context.language)


def of_too_many_invitations(context: RequestContext, problem: TooManyInvitations) -> str:
    """What to do first."""
    return _INVITATIONS.say(context.language, most=problem.most)


def of_too_many_keys(context: RequestContext, problem: TooManyKeys) -> str:
    """What to do first."""
    return _KEYS.say(context.language, most=problem.most, keys="、".join(problem.key_ids))
