"""What is said about verifications: why one was rejected, and what keeps one from being handed in or decided."""

from datasources.sql.verification_request import VerificationRejection, VerificationRequestState
from domain.language import Words
from domain.verification.decision import AlreadyDecided, CertificateVerifiedElsewhere
from domain.verification.submission import AlreadyVerified, TooManySubmissions, VerificationUnderWay
from domain.verification.views import VerificationView
from resolvers.context import RequestContext

_REJECTIONS = {
    VerificationRejection.UNREADABLE_PICTURE: Words(
        "照片不清晰或不完整，请在光线充足处重拍后再提交。",
        "A picture cannot be read or is cut off; take it again in good light.",
    ),
    VerificationRejection.NOT_AS_STATED: Words(
        "填写的姓名或证件号码与照片不一致，请核对后再提交。",
        "The name or number is not the one on the certificate; compare them and hand in again.",
    ),
    VerificationRejection.EXPIRED_CERTIFICATE: Words(
        "证件已过有效期，请用有效证件提交。", "The certificate has expired; hand in a valid one."
    ),
    VerificationRejection.WRONG_CERTIFICATE: Words(
        "照片不是所选种类的证件。", "The pictures do not show a certificate of the kind that was chosen."
    ),
    VerificationRejection.SUSPECTED_FORGERY: Words(
        "无法确认证件照片的真实性，请提交证件原件的照片。",
        "The pictures could not be taken for genuine; photograph the certificate itself.",
    ),
    VerificationRejection.USED_ELSEWHERE: Words(
        "该证件已用于其他账号的实名认证，请登录原账号或联系客服。",
        "Another account is verified by this certificate; sign in to that one, or ask for help.",
    ),
    VerificationRejection.OTHER: Words("未通过审核。", "It was not granted."),
}
_UNDER_WAY = Words("您已提交实名认证，正在审核，请等待结果。", "A submission is under review; wait for its result.")
_VERIFIED = Words("您的账号已完成实名认证。", "Your account is verified already.")
_TOO_MANY = Words("每天最多提交 {most} 次，请明天再试。", "You may hand in {most} times a day; try again tomorrow.")
_DECIDED = {
    VerificationRequestState.VERIFIED: Words(
        "{name}已于 {at} 通过了这份申请。", "{name} verified this request on {at}."
    ),
    VerificationRequestState.REJECTED: Words(
        "{name}已于 {at} 驳回了这份申请。", "{name} rejected this request on {at}."
    ),
}
_ELSEWHERE = Words(
    "该证件已用于另一账号的实名认证，不能再通过；可以驳回。",
    "Another account is verified by this certificate, so it verifies no second one; reject the request.",
)


def of_rejection(context: RequestContext, request: VerificationView) -> str | None:
    """Why a request was rejected, and what to do."""
    return None if request.rejection is None else _REJECTIONS[request.rejection].say(context.language)


def of_under_way(context: RequestContext, _problem: VerificationUnderWay) -> str:
    """What to wait for."""
    return _UNDER_WAY.say(context.language)


def of_verified(context: RequestContext, _problem: AlreadyVerified) -> str:
    """That nothing is left to do."""
    return _VERIFIED.say(context.language)


def of_too_many(context: RequestContext, problem: TooManySubmissions) -> str:
    """When to try again."""
    return _TOO_MANY.say(context.language, most=problem.most)


def of_decided(context: RequestContext, problem: AlreadyDecided) -> str:
    """Who decided what, and when in the platform's zone."""
    at = problem.decided_at.astimezone(context.zone)
    return _DECIDED[problem.state].say(context.language, name=problem.decided_by_name, at=f"{at:%Y-%m-%d %H:%M}")


def of_elsewhere(context: RequestContext, _problem: CertificateVerifiedElsewhere) -> str:
    """What can be decided instead."""
    return _ELSEWHERE.say(context.language)
