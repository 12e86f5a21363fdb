"""Checking in (取号): by the order's owner, or at the hospital's counter or ticket machine."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain.booking import check_in as domain_check_in
from domain.booking import counter_check_in
from domain.certificates.kinds import CertificateKind
from domain.permissions import Permission
from resolvers import check_in
from schema.binding import Context, mutates, of
from schema.check_in_problems import CheckInClosed, CheckInNotOpen, NotPaid, OrderEnded, TooManyMisses
from schema.order import Order
from schema.permissions import IsUser, may_or_hospital_system
from schema.problems import InvalidInput, NotFound, record_of


@strawberry.type(description="The patient is checked in and stands in the session's queue, by this call or before.")
class CheckedIn:
    order: Order = strawberry.field(description="The order.")
    queue_number: int = strawberry.field(
        resolver=of(lambda answer: answer.order.number),
        description="The number that is called: the one that was booked.",
    )
    room: str = strawberry.field(
        resolver=of(check_in.answered_room), description="Where to wait; once called, where to go."
    )
    people_ahead: int | None = strawberry.field(
        resolver=of(lambda answer: answer.place.ahead if answer.place else None),
        description="How many of those who are there are called earlier. Whoever comes later with a lower number is "
        "called earlier too, until that number has passed.",
    )
    checked_in_at: dt.datetime = strawberry.field(
        resolver=of(lambda answer: answer.order.checked_in_at), description="When the patient checked in."
    )

    is_type_of = record_of(domain_check_in.CheckedIn)


@strawberry.type(description="What the patient has at this hospital today is checked in, as far as it can be.")
class PatientCheckedIn:
    visits: list[CheckedIn] = strawberry.field(description="Each visit that is checked in, the morning's first.")

    is_type_of = record_of(counter_check_in.PatientCheckedIn)


@strawberry.input(description="Which order to check in.")
class CheckInInput:
    order_id: strawberry.ID = strawberry.field(description="One of the caller's own orders.")


@strawberry.input(description="What the patient shows or says.")
class CheckInByCodeInput:
    code: str = strawberry.field(
        description="The text of the order's QR code (`Order.checkInCode`), or the order's number."
    )


@strawberry.input(description="The patient's certificate.")
class CheckInByCertificateInput:
    certificate_number: str = strawberry.field(description="Its number, as it was read or typed.")
    certificate_kind: str = strawberry.field(
        default=CertificateKind.RESIDENT_ID.value,
        description="Its kind, a value of the dictionary's CertificatesType: `10` is a resident ID, by whose number a "
        "household book's (`20`) is found too.",
    )


CheckInResult = Annotated[
    CheckedIn | CheckInNotOpen | CheckInClosed | NotPaid | OrderEnded | NotFound | InvalidInput,
    strawberry.union("CheckInResult", description="The place in the queue, or what stands in the way."),
]
CheckInByCodeResult = Annotated[
    CheckedIn | CheckInNotOpen | CheckInClosed | NotPaid | OrderEnded | NotFound | InvalidInput | TooManyMisses,
    strawberry.union("CheckInByCodeResult", description="The place in the queue, or what stands in the way."),
]
CheckInByCertificateResult = Annotated[
    PatientCheckedIn | CheckInNotOpen | CheckInClosed | NotPaid | OrderEnded | NotFound | InvalidInput | TooManyMisses,
    strawberry.union("CheckInByCertificateResult", description="The places in the queues, or what stands in the way."),
]

_receiving = may_or_hospital_system(Permission.RECEIVE_PATIENTS)


@strawberry.type
class CheckInMutation:
    @mutates(
        CheckInResult,
        "Check in one of the caller's own orders, on the day of the visit from 07:00 to the end of the half-day. "
        "Once more answers the same, with those ahead by then.",
        only=IsUser,
    )
    def check_in(
        self,
        info: Context,
        input: Annotated[CheckInInput, strawberry.argument(description="Which order.")],
    ) -> Awaitable[domain_check_in.CheckInAnswer]:
        return check_in.check_in(info.context, str(input.order_id))

    @mutates(
        CheckInByCodeResult,
        "Check in an order of the caller's hospital by what the patient shows or says. Another hospital's order is "
        "not found. Recorded.",
        only=_receiving,
    )
    def check_in_by_code(
        self,
        info: Context,
        input: Annotated[CheckInByCodeInput, strawberry.argument(description="The code or number.")],
    ) -> Awaitable[counter_check_in.CodeAnswer]:
        return check_in.by_code(info.context, input.code)

    @mutates(
        CheckInByCertificateResult,
        "Check in every visit that the holder of a certificate has at the caller's hospital today. Nothing is said of "
        "other hospitals or other days. Recorded, misses too; these are limited.",
        only=_receiving,
    )
    def check_in_by_certificate(
        self,
        info: Context,
        input: Annotated[CheckInByCertificateInput, strawberry.argument(description="The certificate.")],
    ) -> Awaitable[counter_check_in.CertificateAnswer]:
        return check_in.by_certificate(info.context, input.certificate_kind, input.certificate_number)
