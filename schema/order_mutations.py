"""Taking a number: preview and `createOrder`."""

import datetime as dt
from collections.abc import Awaitable
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry

from domain.booking.preview import BookingPreview as PreviewRecord
from resolvers import booking
from schema.binding import Context, answers, mutates, of, on
from schema.booking_problems import (
    AttemptInProgress,
    BookingRuleProblem,
    FeeChanged,
    FreshCodeNeeded,
    SessionChanged,
    SlotSoldOut,
)
from schema.money import Money
from schema.order import Order
from schema.permissions import IsUser
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of
from schema.schedule import Schedule
from schema.sign_in import LoginCodeSent
from schema.sign_in_problems import SessionEnded, TooManyCodes, TooManyTries, WrongCode


@strawberry.type(description="What booking a session would mean, were it done now. Nothing is taken or held.")
class BookingPreview:
    schedule: Schedule | None = strawberry.field(
        resolver=on(booking.previewed_session), description="The session as it is now."
    )
    fee: Money = strawberry.field(resolver=of(booking.previewed_fee), description="What the number costs.")
    refundable: Money = strawberry.field(
        resolver=of(booking.previewed_fee),
        description="What would go back for cancelling it by `cancelUntil`: all that was paid.",
    )
    remaining: int = strawberry.field(description="Numbers that are left.")
    cancel_until: dt.datetime = strawberry.field(description="The latest time at which it could be cancelled.")
    pay_until: dt.datetime | None = strawberry.field(description="Until when it would have to be paid; null if free.")
    check_in_opens: dt.datetime = strawberry.field(description="The earliest time to check in.")
    check_in_closes: dt.datetime = strawberry.field(description="The latest time to check in.")
    fetch_address: str = strawberry.field(
        resolver=of(lambda preview: preview.texts.fetch_address), description="Where to check in."
    )
    rule_lines: list[str] = strawberry.field(
        resolver=of(lambda preview: preview.texts.rule.rules), description="The hospital's booking rule in its words."
    )
    fresh_code_needed: bool = strawberry.field(
        description="Whether `createOrder` asks for a fresh code, after several numbers were given back today."
    )

    is_type_of = record_of(PreviewRecord)


@strawberry.type(description="The number is the patient's.")
class OrderCreated:
    order: Order = strawberry.field(description="The order.")
    replayed: bool = strawberry.field(description="Whether the same call had made it before.")

    is_type_of = record_of(booking.OrderPlaced)


@strawberry.input(description="A code that was sent by text message.")
class FreshCodeInput:
    challenge_id: strawberry.ID = strawberry.field(description="What `requestBookingCode` answered.")
    code: str = strawberry.field(description="The six digits of the message.")


@strawberry.input(description="What to book, and for whom.")
class CreateOrderInput:
    schedule_id: strawberry.ID = strawberry.field(description="The session.")
    patient_id: strawberry.ID = strawberry.field(description="One of the caller's patients.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each order: a call repeated under the same key makes no second one."
    )
    expected_fee: Decimal | None = strawberry.field(
        default=None,
        description="What the caller was shown that it costs; if it costs something else, nothing is taken.",
    )
    fresh_code: FreshCodeInput | None = strawberry.field(
        default=None, description="Needed after several numbers were given back on one day."
    )

    def given(self) -> booking.GivenOrder:
        """As the resolver reads it."""
        code = self.fresh_code
        return booking.GivenOrder(
            patient_id=str(self.patient_id),
            schedule_id=str(self.schedule_id),
            idempotency_key=self.idempotency_key,
            expected_fee=self.expected_fee,
            fresh_code=None if code is None else booking.GivenCode(str(code.challenge_id), code.code),
        )


@strawberry.input(description="For what a code is asked.")
class RequestBookingCodeInput:
    schedule_id: strawberry.ID = strawberry.field(description="The session that is to be booked.")


CreateOrderResult = Annotated[
    OrderCreated
    | InvalidInput
    | NotFound
    | SlotSoldOut
    | BookingRuleProblem
    | FeeChanged
    | FreshCodeNeeded
    | WrongCode
    | TooManyTries
    | SessionEnded
    | AttemptInProgress
    | SessionChanged
    | IdempotencyKeyReused,
    strawberry.union("CreateOrderResult", description="The order, or what stands in its way."),
]
BookingPreviewResult = Annotated[
    BookingPreview | NotFound | SlotSoldOut | BookingRuleProblem,
    strawberry.union("BookingPreviewResult", description="What an order would be, or what stands in its way."),
]
RequestBookingCodeResult = Annotated[
    LoginCodeSent | InvalidInput | NotFound | TooManyCodes | SessionEnded,
    strawberry.union("RequestBookingCodeResult", description="Whether a code is on its way."),
]

T = TypeVar("T")


@strawberry.type
class BookingQuery:
    @answers(
        BookingPreviewResult,
        "What booking a session for one of the caller's patients would mean now: fee, deadlines, place and rules, or "
        "what stands in the way.",
        only=IsUser,
    )
    def booking_preview(
        self,
        info: Context,
        schedule_id: Annotated[strawberry.ID, strawberry.argument(description="The session.")],
        patient_id: Annotated[strawberry.ID, strawberry.argument(description="One of the caller's patients.")],
    ) -> Awaitable[booking.PreviewAnswer]:
        return booking.preview(info.context, str(patient_id), str(schedule_id))


@strawberry.type
class BookingMutation:
    @mutates(
        CreateOrderResult,
        "Take a number of a session for one of the caller's patients. Of everybody who asks at once, those who came "
        "first get the numbers that are left.",
        only=IsUser,
    )
    def create_order(
        self,
        info: Context,
        input: Annotated[CreateOrderInput, strawberry.argument(description="What to book, and for whom.")],
    ) -> Awaitable[booking.CreateAnswer]:
        return booking.create(info.context, input.given())

    @mutates(
        RequestBookingCodeResult,
        "Send the caller's own phone a code for the next order, where `createOrder` asks for one.",
        only=IsUser,
    )
    def request_booking_code(
        self,
        info: Context,
        input: Annotated[RequestBookingCodeInput, strawberry.argument(description="For what the code is.")],
    ) -> Awaitable[booking.CodeAnswer]:
        return booking.request_code(info.context, str(input.schedule_id))
