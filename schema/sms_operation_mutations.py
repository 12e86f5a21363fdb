"""What staff do about text messages: telephones made, changed and ended; messages tested, cancelled, sent again."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry

from domain.permissions import Permission
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotAllowed as NotAllowedRecord
from domain.problems import NotFound as NotFoundRecord
from domain.sms.phones import enrolling
from domain.sms.phones.enrolling import PhoneChange
from resolvers import sms_operations
from schema import sms_line as sms_line
from schema.binding import Context, mutates, of, on
from schema.permissions import may
from schema.problems import InvalidInput, NotAllowed, NotFound, record_of
from schema.sms_operations import SmsMessageEntry, SmsPhone


@strawberry.type(description="A telephone may be enrolled. Show the code to it alone.")
class SmsPhoneInvited:
    phone: SmsPhone = strawberry.field(description="The telephone.")
    code: str = strawberry.field(
        resolver=of(lambda invitation: invitation.code.get_secret_value()),
        description="For `python -m mobile_sms enroll`. Counts once; shown this once.",
    )
    qr_code: str = strawberry.field(
        resolver=on(sms_operations.picture), description="`htbooking-sms:` and the code, as a QR picture: an SVG."
    )
    expires_at: dt.datetime = strawberry.field(description="Until when the code holds.")

    is_type_of = record_of(enrolling.Invitation)


@strawberry.type(description="The telephone was changed.")
class SmsPhoneChanged:
    phone: SmsPhone = strawberry.field(description="The telephone as it now is.")

    is_type_of = record_of(sms_operations.PhoneChanged)


@strawberry.type(description="The telephone is ended for good, its connections as well.")
class SmsPhoneRevoked:
    phone: SmsPhone = strawberry.field(description="The telephone.")

    is_type_of = record_of(sms_operations.PhoneRevoked)


@strawberry.type(description="What the telephone had not begun waits for others.")
class SmsQueueMoved:
    messages: int = strawberry.field(description="How many messages.")

    is_type_of = record_of(sms_operations.QueueMoved)


@strawberry.type(description="The test waits.")
class SmsTestQueued:
    message: SmsMessageEntry = strawberry.field(description="The test.")

    is_type_of = record_of(sms_operations.TestQueued)


@strawberry.type(description="The message was given up.")
class SmsCancelled:
    message: SmsMessageEntry = strawberry.field(description="The message.")

    is_type_of = record_of(sms_operations.MessageCancelled)


@strawberry.type(description="The message waits anew.")
class SmsQueuedAgain:
    message: SmsMessageEntry = strawberry.field(description="The message.")

    is_type_of = record_of(sms_operations.MessageQueuedAgain)


AddSmsPhoneResult = Annotated[
    SmsPhoneInvited | InvalidInput,
    strawberry.union("AddSmsPhoneResult", description="What became of the new telephone."),
]
InviteSmsPhoneResult = Annotated[
    SmsPhoneInvited | NotFound | InvalidInput,
    strawberry.union("InviteSmsPhoneResult", description="What became of the fresh code."),
]
ChangeSmsPhoneResult = Annotated[
    SmsPhoneChanged | NotFound | InvalidInput,
    strawberry.union("ChangeSmsPhoneResult", description="What became of the change."),
]
RevokeSmsPhoneResult = Annotated[
    SmsPhoneRevoked | NotFound | InvalidInput,
    strawberry.union("RevokeSmsPhoneResult", description="What became of the telephone."),
]
MoveSmsQueueResult = Annotated[
    SmsQueueMoved | NotFound | InvalidInput,
    strawberry.union("MoveSmsQueueResult", description="What became of its messages."),
]
SendTestSmsResult = Annotated[
    SmsTestQueued | InvalidInput, strawberry.union("SendTestSmsResult", description="What became of the test.")
]
CancelSmsResult = Annotated[
    SmsCancelled | NotFound | NotAllowed | InvalidInput,
    strawberry.union("CancelSmsResult", description="What became of the message."),
]
SendSmsAgainResult = Annotated[
    SmsQueuedAgain | NotFound | NotAllowed | InvalidInput,
    strawberry.union("SendSmsAgainResult", description="What became of the message."),
]


@strawberry.input(description="A telephone to be made.")
class AddSmsPhoneInput:
    name: str = strawberry.field(description="What it shall be called, 1 to 40 characters.")


@strawberry.input(description="Which telephone.")
class SmsPhoneInput:
    id: strawberry.ID = strawberry.field(description="The telephone's id.")


@strawberry.input(description="What to change of a telephone; what is left out stays.")
class ChangeSmsPhoneInput:
    id: strawberry.ID = strawberry.field(description="The telephone's id.")
    name: str | None = strawberry.field(default=None, description="What it shall be called, 1 to 40 characters.")
    sim_slot: int | None = strawberry.field(default=None, description="The SIM to send with, counted from 0.")
    any_sim: bool = strawberry.field(default=False, description="True: leave the SIM to the telephone.")
    parts_per_half_hour: int | None = strawberry.field(
        default=None, description="Parts that it may send in half an hour. Android itself stops at 30 unless changed."
    )
    parts_per_day: int | None = strawberry.field(default=None, description="Parts that it may send in a day.")
    paused: bool | None = strawberry.field(
        default=None, description="True: give it nothing, and what it has not begun to others. False: go on."
    )


@strawberry.input(description="Whom to send a test to.")
class SendTestSmsInput:
    phone: str = strawberry.field(description="A mainland mobile number, however it is written.")


@strawberry.input(description="Which message.")
class SmsMessageInput:
    id: strawberry.ID = strawberry.field(description="The message's id.")


T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is to be done, and to what.")]
_editors = may(Permission.EDIT_SMS)


@strawberry.type
class SmsOperationsMutation:
    @mutates(AddSmsPhoneResult, "Make a telephone, and a code that enrols it within ten minutes.", only=_editors)
    def add_sms_phone(
        self, info: Context, input: Input[AddSmsPhoneInput]
    ) -> Awaitable[enrolling.Invitation | InvalidInputRecord]:
        return sms_operations.add_phone(info.context, input.name)

    @mutates(
        InviteSmsPhoneResult,
        "A fresh code for a telephone; once it is used, the telephone's old token ends.",
        only=_editors,
    )
    def invite_sms_phone(
        self, info: Context, input: Input[SmsPhoneInput]
    ) -> Awaitable[enrolling.Invitation | NotFoundRecord | InvalidInputRecord]:
        return sms_operations.invite(info.context, input.id)

    @mutates(ChangeSmsPhoneResult, "Change a telephone, pause it or let it go on.", only=_editors)
    def change_sms_phone(
        self, info: Context, input: Input[ChangeSmsPhoneInput]
    ) -> Awaitable[sms_operations.PhoneChanged | NotFoundRecord | InvalidInputRecord]:
        what = PhoneChange(
            name=input.name,
            sim_slot=input.sim_slot,
            any_sim=input.any_sim,
            parts_per_half_hour=input.parts_per_half_hour,
            parts_per_day=input.parts_per_day,
            paused=input.paused,
        )
        return sms_operations.change(info.context, input.id, what)

    @mutates(RevokeSmsPhoneResult, "End a telephone for good: its token and its connections, at once.", only=_editors)
    def revoke_sms_phone(
        self, info: Context, input: Input[SmsPhoneInput]
    ) -> Awaitable[sms_operations.PhoneRevoked | NotFoundRecord | InvalidInputRecord]:
        return sms_operations.revoke(info.context, input.id)

    @mutates(MoveSmsQueueResult, "Give what a telephone has not begun to others.", only=_editors)
    def move_sms_queue(
        self, info: Context, input: Input[SmsPhoneInput]
    ) -> Awaitable[sms_operations.QueueMoved | NotFoundRecord | InvalidInputRecord]:
        return sms_operations.move_queue(info.context, input.id)

    @mutates(SendTestSmsResult, "Send a test by whatever way is well.", only=_editors)
    def send_test_sms(
        self, info: Context, input: Input[SendTestSmsInput]
    ) -> Awaitable[sms_operations.TestQueued | InvalidInputRecord]:
        return sms_operations.send_test(info.context, input.phone)

    @mutates(CancelSmsResult, "Give up a message that nobody has begun to send.", only=_editors)
    def cancel_sms(
        self, info: Context, input: Input[SmsMessageInput]
    ) -> Awaitable[sms_operations.MessageCancelled | NotFoundRecord | NotAllowedRecord | InvalidInputRecord]:
        return sms_operations.cancel(info.context, input.id)

    @mutates(
        SendSmsAgainResult,
        "Send a message anew that failed, expired or of which nothing is known: then it may arrive twice. No code.",
        only=_editors,
    )
    def send_sms_again(
        self, info: Context, input: Input[SmsMessageInput]
    ) -> Awaitable[sms_operations.MessageQueuedAgain | NotFoundRecord | NotAllowedRecord | InvalidInputRecord]:
        return sms_operations.send_again(info.context, input.id)
