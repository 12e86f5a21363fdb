"""What hospitals say about their orders: yes, no, their own id of the visit, and who did not come."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain.hospitals.answering import Acknowledgement
from domain.hospitals.answering import OrderAnswered as OrderAnsweredRecord
from domain.permissions import Permission
from resolvers import hospital_orders
from schema.binding import Context, mutates
from schema.order import Order
from schema.order_change_problems import OrderNotChangeable
from schema.permissions import may_or_hospital_system
from schema.problems import InvalidInput, NotFound, record_of


@strawberry.type(description="The hospital's word was taken, by this call or before.")
class OrderAnswered:
    order: Order = strawberry.field(description="The order as it now is.")

    is_type_of = record_of(OrderAnsweredRecord)


_RECORD = "The hospital's own id of the order, at most 64 characters."
_TIME = "When the patient is to be there, on the day of the visit; without it, it stays as it is."
_PLACE = "Where the patient is to check in, at most 200 characters; without it, it stays as it is."


@strawberry.input(description="What the hospital keeps of an order.")
class AcknowledgeOrderInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")
    record_id: str = strawberry.field(description=_RECORD)
    fetch_time: dt.datetime | None = strawberry.field(default=None, description=_TIME)
    fetch_place: str | None = strawberry.field(default=None, description=_PLACE)


@strawberry.input(description="Which order the hospital takes.")
class ConfirmOrderInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")
    record_id: str | None = strawberry.field(default=None, description=_RECORD)
    fetch_time: dt.datetime | None = strawberry.field(default=None, description=_TIME)
    fetch_place: str | None = strawberry.field(default=None, description=_PLACE)


@strawberry.input(description="Which order the hospital refuses.")
class RejectOrderInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")
    reason: str = strawberry.field(description="Why, in words for the patient; the first 200 characters are kept.")


@strawberry.input(description="Who did not come.")
class MarkNoShowInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")


OrderAnswerResult = Annotated[
    OrderAnswered | OrderNotChangeable | NotFound | InvalidInput,
    strawberry.union("OrderAnswerResult", description="The order, or why nothing was changed."),
]

_receiving = may_or_hospital_system(Permission.RECEIVE_PATIENTS)


@strawberry.type
class HospitalOrderMutation:
    @mutates(
        OrderAnswerResult,
        "Note the hospital's own id of an order, and when and where its patient is to be. The last word holds. "
        "Recorded.",
        only=_receiving,
    )
    def acknowledge_order(
        self, info: Context, input: Annotated[AcknowledgeOrderInput, strawberry.argument(description="What.")]
    ) -> Awaitable[hospital_orders.Answer]:
        said = Acknowledgement(input.record_id, input.fetch_time, input.fetch_place)
        return hospital_orders.acknowledge(info.context, str(input.order_id), said)

    @mutates(
        OrderAnswerResult,
        "Take an order that is PENDING_HOSPITAL, by its `lapsesAt`; the patient can pay then. Recorded.",
        only=_receiving,
    )
    def confirm_order(
        self, info: Context, input: Annotated[ConfirmOrderInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[hospital_orders.Answer]:
        said = Acknowledgement(input.record_id, input.fetch_time, input.fetch_place)
        return hospital_orders.confirm(info.context, str(input.order_id), said)

    @mutates(
        OrderAnswerResult,
        "Refuse an order that is PENDING_HOSPITAL; its number is for sale again. Recorded.",
        only=_receiving,
    )
    def reject_order(
        self, info: Context, input: Annotated[RejectOrderInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[hospital_orders.Answer]:
        return hospital_orders.reject(info.context, str(input.order_id), input.reason)

    @mutates(
        OrderAnswerResult,
        "Mark an order whose patient did not come, once its half-day is over; the platform does so by itself soon "
        "after. It counts towards a ban. Recorded.",
        only=_receiving,
    )
    def mark_no_show(
        self, info: Context, input: Annotated[MarkNoShowInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[hospital_orders.Answer]:
        return hospital_orders.mark_no_show(info.context, str(input.order_id))
