"""Why signing in by WeChat, or linking one, was refused."""

import strawberry

from domain.identity import wechat_phone, wechat_sign_in
from domain.problems import ProblemCode
from resolvers import wechat
from schema.binding import of, on
from schema.problems import Problem, record_of


@strawberry.type(description="Signing in by WeChat is not possible now; signing in by phone is.")
class WeChatUnavailable(Problem):
    message: str = strawberry.field(resolver=on(wechat.of_unavailable), description="What to do instead.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.WECHAT_UNAVAILABLE), description="WECHAT_UNAVAILABLE."
    )
    retry_after_seconds: int | None = strawberry.field(
        description="After so many seconds it may be possible; null when this platform has no WeChat sign-in."
    )

    is_type_of = record_of(wechat_sign_in.WeChatUnavailable)


@strawberry.type(
    description="There is no such sign-in by WeChat any more, it is not as far, or another browser began it."
)
class WeChatSignInEnded(Problem):
    message: str = strawberry.field(resolver=on(wechat.of_ended), description="What to do.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.WECHAT_SIGN_IN_ENDED), description="WECHAT_SIGN_IN_ENDED."
    )

    is_type_of = record_of(wechat_sign_in.WeChatSignInEnded)


@strawberry.type(description="A phone has to be proved first.")
class PhoneNeeded(Problem):
    message: str = strawberry.field(resolver=on(wechat.of_needed_phone), description="What to do.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.PHONE_NEEDED), description="PHONE_NEEDED.")

    is_type_of = record_of(wechat_sign_in.PhoneNeeded)


@strawberry.type(description="The phone's account has another WeChat; nothing was changed.")
class OtherWeChatLinked(Problem):
    message: str = strawberry.field(resolver=on(wechat.of_other_wechat), description="What to do.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.OTHER_WECHAT_LINKED), description="OTHER_WECHAT_LINKED."
    )

    is_type_of = record_of(wechat_phone.OtherWeChatLinked)
