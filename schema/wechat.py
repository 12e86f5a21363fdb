"""Signing in by WeChat: begin, wait, finish; link a phone the first time; unlink."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated

import strawberry

from datasources.cache.wechat_tickets import Ticket, TicketStatus
from domain.identity import login_codes, proof_of_work, sign_in, wechat_phone, wechat_sign_in
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotFound as NotFoundRecord
from resolvers import wechat
from schema import enums as enums
from schema.binding import Context, mutates, of, watches
from schema.permissions import IsUser
from schema.problems import InvalidInput, NotFound, record_of
from schema.sign_in import LoginCodeSent, SignedIn, WorkInput
from schema.sign_in_problems import AccountLocked, TooManyCodes, TooManyTries, WorkNeeded, WrongCode
from schema.user import User
from schema.wechat_problems import OtherWeChatLinked, PhoneNeeded, WeChatSignInEnded, WeChatUnavailable


@strawberry.type(description="A sign-in by WeChat began. This browser alone can finish it: it has a cookie for that.")
class WeChatSignInStarted:
    ticket_id: strawberry.ID = strawberry.field(
        resolver=of(lambda started: started.sign_in.ticket_id),
        description="Secret of the waiting page: for `weChatSignIn`, `finishWeChatSignIn` and `bindWeChatPhone`.",
    )
    url: str = strawberry.field(
        resolver=of(lambda started: started.sign_in.url),
        description="Where WeChat asks for consent. Counts once.",
    )
    qr_code: str = strawberry.field(
        resolver=of(wechat.qr_code), description="`url` as a QR picture: a whole SVG document."
    )
    expires_at: dt.datetime = strawberry.field(
        resolver=of(lambda started: started.sign_in.expires_at), description="Until when it can be scanned."
    )

    is_type_of = record_of(wechat.Started)


@strawberry.type(description="How far a sign-in by WeChat is.")
class WeChatSignIn:
    status: TicketStatus = strawberry.field(description="The step it is at.")
    expires_at: dt.datetime = strawberry.field(
        resolver=of(lambda ticket: ticket.until), description="Until when the next step has to be taken."
    )

    is_type_of = record_of(Ticket)


@strawberry.type(description="The account has no WeChat any more.")
class WeChatUnlinked:
    user: User = strawberry.field(description="The account.")

    is_type_of = record_of(wechat_phone.WeChatUnlinked)


StartWeChatSignInResult = Annotated[
    WeChatSignInStarted | WeChatUnavailable | InvalidInput,
    strawberry.union("StartWeChatSignInResult", description="What became of beginning."),
]
FinishWeChatSignInResult = Annotated[
    SignedIn | WeChatSignInEnded | PhoneNeeded | AccountLocked | InvalidInput,
    strawberry.union("FinishWeChatSignInResult", description="What became of signing in."),
]
RequestWeChatPhoneCodeResult = Annotated[
    LoginCodeSent | TooManyCodes | WorkNeeded | WeChatSignInEnded | InvalidInput,
    strawberry.union("RequestWeChatPhoneCodeResult", description="What became of asking for a code."),
]
BindWeChatPhoneResult = Annotated[
    SignedIn | WeChatSignInEnded | WrongCode | TooManyTries | AccountLocked | OtherWeChatLinked | InvalidInput,
    strawberry.union("BindWeChatPhoneResult", description="What became of linking."),
]
UnlinkWeChatResult = Annotated[
    WeChatUnlinked | NotFound | PhoneNeeded | InvalidInput,
    strawberry.union("UnlinkWeChatResult", description="What became of unlinking."),
]


@strawberry.input(description="How a sign-in by WeChat is to be shown.")
class StartWeChatSignInInput:
    qr_code_margin: int = strawberry.field(
        default=4, description="White margin of the QR picture, in its modules: 0 to 16. Scanners rely on 4."
    )


@strawberry.input(description="Which sign-in by WeChat is finished.")
class FinishWeChatSignInInput:
    ticket_id: strawberry.ID = strawberry.field(description="`ticketId` of the answer to `startWeChatSignIn`.")
    device: str = strawberry.field(
        default="", description="What this device is called in the list of sessions; else the browser's own name."
    )


@strawberry.input(description="Which phone the WeChat of a sign-in is to be linked to.")
class RequestWeChatPhoneCodeInput:
    ticket_id: strawberry.ID = strawberry.field(description="`ticketId` of the answer to `startWeChatSignIn`.")
    phone: str = strawberry.field(description="A mainland mobile number, however it is written.")
    work: WorkInput | None = strawberry.field(
        default=None, description="Once the answer to the same request was `WorkNeeded`: what solves it."
    )


@strawberry.input(description="The phone that a WeChat is linked to, and the code that was sent to it.")
class BindWeChatPhoneInput:
    ticket_id: strawberry.ID = strawberry.field(description="`ticketId` of the answer to `startWeChatSignIn`.")
    challenge_id: str = strawberry.field(description="`challengeId` of the answer to `requestWeChatPhoneCode`.")
    phone: str = strawberry.field(description="The same phone.")
    code: str = strawberry.field(description="The 6 digits of the text message.")
    device: str = strawberry.field(
        default="", description="What this device is called in the list of sessions; else the browser's own name."
    )


@strawberry.input(description="How the caller's WeChat is unlinked.")
class UnlinkWeChatInput:
    end_other_sessions: bool = strawberry.field(
        default=False, description="Whether every other session of the account ends too."
    )


@strawberry.type
class WeChatMutation:
    @mutates(
        StartWeChatSignInResult,
        "Begin a sign-in by WeChat: show its `url` or `qrCode`, and wait by the subscription `weChatSignIn`.",
        only=None,
    )
    def start_we_chat_sign_in(
        self,
        info: Context,
        input: Annotated[StartWeChatSignInInput, strawberry.argument(description="How it is shown.")],
    ) -> Awaitable[wechat.Started | wechat_sign_in.WeChatUnavailable | InvalidInputRecord]:
        return wechat.start(info.context, input.qr_code_margin)

    @mutates(
        FinishWeChatSignInResult,
        "Sign in once the sign-in by WeChat is CONFIRMED. Only the browser that began it can, once.",
        only=None,
    )
    def finish_we_chat_sign_in(
        self,
        info: Context,
        input: Annotated[FinishWeChatSignInInput, strawberry.argument(description="Which sign-in.")],
    ) -> Awaitable[
        sign_in.SignedIn | wechat_sign_in.WeChatSignInEnded | wechat_sign_in.PhoneNeeded | sign_in.AccountLocked
    ]:
        return wechat.finish(info.context, str(input.ticket_id), input.device)

    @mutates(
        RequestWeChatPhoneCodeResult,
        "Send a code to the phone that a WeChat without an account is to be linked to (NEEDS_PHONE). "
        "Its limits are those of `requestLoginCode`, counted together.",
        only=None,
    )
    def request_we_chat_phone_code(
        self,
        info: Context,
        input: Annotated[RequestWeChatPhoneCodeInput, strawberry.argument(description="Which phone.")],
    ) -> Awaitable[
        login_codes.CodeSent
        | login_codes.TooManyCodes
        | proof_of_work.WorkNeeded
        | wechat_sign_in.WeChatSignInEnded
        | InvalidInputRecord
    ]:
        work = None if input.work is None else input.work.given
        return wechat.request_phone_code(info.context, str(input.ticket_id), input.phone, work)

    @mutates(
        BindWeChatPhoneResult,
        "Link the WeChat of a sign-in to the phone's account, made now if there is none, and sign in to it.",
        only=None,
    )
    def bind_we_chat_phone(
        self,
        info: Context,
        input: Annotated[BindWeChatPhoneInput, strawberry.argument(description="The phone and its code.")],
    ) -> Awaitable[
        sign_in.SignedIn
        | wechat_sign_in.WeChatSignInEnded
        | login_codes.WrongCode
        | login_codes.TooManyTries
        | sign_in.AccountLocked
        | wechat_phone.OtherWeChatLinked
        | InvalidInputRecord
    ]:
        given = wechat.PhoneBinding(str(input.ticket_id), input.challenge_id, input.phone, input.code, input.device)
        return wechat.bind_phone(info.context, given)

    @mutates(UnlinkWeChatResult, "Unlink the caller's WeChat. The phone stays, to sign in by.", only=IsUser)
    def unlink_we_chat(
        self, info: Context, input: Annotated[UnlinkWeChatInput, strawberry.argument(description="How.")]
    ) -> Awaitable[wechat_phone.WeChatUnlinked | NotFoundRecord | wechat_sign_in.PhoneNeeded]:
        return wechat.unlink(info.context, end_other_sessions=input.end_other_sessions)


@strawberry.type
class WeChatSubscription:
    @watches(
        WeChatSignIn,
        "How far a sign-in by WeChat is: at once as it is now, then each change. Ends when it is the "
        "page's turn (CONFIRMED, NEEDS_PHONE, EXPIRED or REFUSED). A reconnect gets the present state again.",
        only=None,
    )
    def we_chat_sign_in(
        self,
        info: Context,
        ticket_id: Annotated[
            strawberry.ID, strawberry.argument(description="`ticketId` of the answer to `startWeChatSignIn`.")
        ],
    ) -> AsyncGenerator[Ticket, None]:
        return wechat.watch(info.context, str(ticket_id))
