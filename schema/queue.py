"""Sessions' queues (候诊队列): hospitals run them, screens show them."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated

import strawberry

from datasources.sql.slot_ledger import HalfDay
from domain.booking import queue
from domain.booking.queue_display import QueueDisplay as QueueDisplayRecord
from domain.permissions import Permission
from resolvers import queues
from schema.binding import Context, answers, mutates, of, on, watches
from schema.check_in_problems import NotCalled, NotInQueue, QueueEmpty
from schema.order import Order
from schema.permissions import may_or_hospital_system
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of
from schema.query import DepartmentCode, HospitalCode
from schema.sharing import Sharing


@strawberry.type(description="Somebody in a queue, as everybody in the hall may see them.")
class QueuedPerson:
    number: int = strawberry.field(description="The queue number.")
    name: str = strawberry.field(
        resolver=of(lambda person: f"{person.surname}*"), description="The first character of the name: `张*`."
    )
    room: str | None = strawberry.field(
        resolver=of(lambda person: person.room or None), description="Where they were called to last, if to a room."
    )
    called_at: dt.datetime | None = strawberry.field(description="When they were called; null while they wait.")
    times_called: int = strawberry.field(description="How often they were called.")


@strawberry.type(description="One session's queue.")
class DisplayedQueue:
    doctor_name: str = strawberry.field(resolver=on(queues.doctor_name), description="Who sees these patients.")
    doctor_title: str = strawberry.field(
        resolver=on(queues.doctor_title), description="The doctor's title, as the hospital wrote it."
    )
    called: list[QueuedPerson] = strawberry.field(
        description="Those who were called and whose visit is not over, the latest first."
    )
    waiting: list[QueuedPerson] = strawberry.field(
        description="Those who wait, in the order in which they are called; the first 30."
    )
    waiting_count: int = strawberry.field(description="How many wait.")


@strawberry.type(
    description="A department's queues of one half-day, those that anybody is in. Empty on any day but its own."
)
class QueueDisplay:
    hospital_code: str = strawberry.field(description="Code of the hospital.")
    department_code: str = strawberry.field(description="The hospital's own code of the department.")
    date: dt.date = strawberry.field(description="The day.")
    half_day: HalfDay = strawberry.field(description="Morning or afternoon.")
    queues: list[DisplayedQueue] = strawberry.field(description="Each session's queue.")


@strawberry.type(description="The patient was called, by this call or by the same one before.")
class PatientCalled:
    order: Order = strawberry.field(description="The order of whoever is called.")
    room: str = strawberry.field(resolver=of(lambda answer: answer.place.room), description="Where they are called to.")
    times_called: int = strawberry.field(
        resolver=of(lambda answer: answer.place.times_called), description="How often they were called, this time too."
    )

    is_type_of = record_of(queue.PatientCalled)


@strawberry.type(description="The patient waits again, behind the next three; by this call or before.")
class PatientPassedOver:
    order: Order = strawberry.field(description="The order of whoever was not there.")
    people_ahead: int = strawberry.field(
        resolver=of(lambda answer: answer.place.ahead), description="How many are called earlier now."
    )

    is_type_of = record_of(queue.PatientPassedOver)


@strawberry.type(description="The visit is over, by this call or before.")
class OrderCompleted:
    order: Order = strawberry.field(description="The order, COMPLETED.")

    is_type_of = record_of(queue.VisitCompleted)


@strawberry.input(description="Whom to call.")
class CallNextInput:
    schedule_id: strawberry.ID = strawberry.field(description="A session of the caller's hospital.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each call: one that is repeated under the same key calls nobody else."
    )
    room: str = strawberry.field(
        default="", description="Where to, as patients read it: `3 诊室`. At most 40 characters."
    )


@strawberry.input(description="Who was called and is not there.")
class PassOverInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")


@strawberry.input(description="Whose visit is over.")
class CompleteOrderInput:
    order_id: strawberry.ID = strawberry.field(description="An order of the caller's hospital.")


CallNextResult = Annotated[
    PatientCalled | QueueEmpty | NotFound | InvalidInput | IdempotencyKeyReused,
    strawberry.union("CallNextResult", description="Who was called, or why nobody was."),
]
PassOverResult = Annotated[
    PatientPassedOver | NotCalled | NotInQueue | NotFound | InvalidInput,
    strawberry.union("PassOverResult", description="Where the patient waits now, or why nothing was changed."),
]
CompleteOrderResult = Annotated[
    OrderCompleted | NotInQueue | NotFound | InvalidInput,
    strawberry.union("CompleteOrderResult", description="The order, or why nothing was changed."),
]

_receiving = may_or_hospital_system(Permission.RECEIVE_PATIENTS)
Day = Annotated[dt.date, strawberry.argument(description="The day; only today's queues are shown.")]
Half = Annotated[HalfDay, strawberry.argument(description="Morning or afternoon.")]


@strawberry.type
class QueueQuery:
    @answers(QueueDisplay, "A department's queues, as a screen in the waiting hall shows them. It names nobody.")
    def queue_display(
        self, info: Context, hospital_code: HospitalCode, department_code: DepartmentCode, date: Day, half_day: Half
    ) -> Awaitable[QueueDisplayRecord]:
        return queues.display(info.context, hospital_code, department_code, date, half_day)


@strawberry.type
class QueueMutation:
    @mutates(
        CallNextResult,
        "Call the next patient of a session (叫号): of those who are there and wait, the one with the lowest number. "
        "Whoever came after a higher number was called waits behind those who were there.",
        only=_receiving,
    )
    def call_next(
        self,
        info: Context,
        input: Annotated[CallNextInput, strawberry.argument(description="Of which session, to which room.")],
    ) -> Awaitable[queue.CallAnswer]:
        return queues.call_next(info.context, str(input.schedule_id), input.room, input.idempotency_key)

    @mutates(
        PassOverResult,
        "Pass over a patient who was called and is not there (过号): they wait again, behind the next three.",
        only=_receiving,
    )
    def pass_over(
        self, info: Context, input: Annotated[PassOverInput, strawberry.argument(description="Whom.")]
    ) -> Awaitable[queue.PassAnswer]:
        return queues.pass_over(info.context, str(input.order_id))

    @mutates(
        CompleteOrderResult,
        "End the visit of a patient who is checked in, whether or not they were called here.",
        only=_receiving,
    )
    def complete_order(
        self, info: Context, input: Annotated[CompleteOrderInput, strawberry.argument(description="Whose.")]
    ) -> Awaitable[queue.CompleteAnswer]:
        return queues.complete(info.context, str(input.order_id))


@strawberry.type
class QueueSubscription:
    @watches(
        QueueDisplay,
        "A department's queues: at once as they are now, then the whole state again whenever somebody checks in, is "
        "called or is done, also when the day begins or ends. Changes in quick succession come as one.",
        only=None,
        sharing=Sharing.EVERYBODY,
    )
    def queue_display(
        self, info: Context, hospital_code: HospitalCode, department_code: DepartmentCode, date: Day, half_day: Half
    ) -> AsyncGenerator[QueueDisplayRecord, None]:
        return queues.watch_display(info.context, hospital_code, department_code, date, half_day)
