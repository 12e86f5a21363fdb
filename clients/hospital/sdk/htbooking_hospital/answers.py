"""What the platform answers and tells, as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - a field has the name
from datetime import datetime
from decimal import Decimal
from typing import Any

from htbooking_hospital.errors import Refused, read_refused


@dataclass(frozen=True)
class Batch:
    """What became of one call of a push."""

    number: int
    """1, 2, 3, … within the push."""
    items: int
    created: int
    replaced: int
    """Items that were there and were replaced or withdrawn."""
    removed: int
    refused: list[Refused]
    """Values that weren't taken, by their items' places in all that was given."""
    replayed: bool
    """Whether the same call had been made before, and nothing was done again."""


@dataclass
class PushReport:
    """What became of a whole push."""

    run: str
    """Name of the push: the same items under the same name again are taken once."""
    items: int = 0
    batches: int = 0
    created: int = 0
    replaced: int = 0
    removed: int = 0
    replayed: int = 0
    """Batches that had been taken by an earlier run of the same name."""
    refused_items: int = 0
    refused: list[Refused] = field(default_factory=list)
    """The first thousand values that weren't taken; give `on_batch` to see all."""

    MOST_KEPT = 1_000

    def add(self, batch: Batch) -> None:
        """Count one batch in."""
        self.items += batch.items
        self.batches += 1
        self.created += batch.created
        self.replaced += batch.replaced
        self.removed += batch.removed
        self.replayed += batch.replayed
        self.refused_items += len({each.index for each in batch.refused})
        self.refused += batch.refused[: max(0, self.MOST_KEPT - len(self.refused))]


@dataclass(frozen=True)
class Order:
    """One number of one session, promised to one patient."""

    id: str
    """Global id: what confirming and the like are asked with."""
    order_number: str
    """Sixteen digits, as the patient sees them."""
    state: str
    """PENDING_HOSPITAL, AWAITING_PAYMENT, PAID, CHECKED_IN, COMPLETED, CANCELLED, EXPIRED, REJECTED, REFUNDING, …"""
    number: int
    """The place in the session."""
    date: Date
    half_day: str
    department_code: str
    doctor_name: str
    patient_name: str
    """Masked: `张*`."""
    fee: Decimal
    """Yuan."""
    paid: Decimal
    """Yuan, received and not given back."""
    lapses_at: datetime | None
    """Until when it must be answered or paid."""
    fetch_time: datetime | None
    fetch_place: str
    record_id: str | None
    """The hospital's own id of it."""
    created_at: datetime


@dataclass(frozen=True)
class CheckedIn:
    """A patient who is there."""

    order: Order
    queue_number: int
    room: str
    people_ahead: int | None


@dataclass(frozen=True)
class HospitalEvent:
    """Something that happened to one of the hospital's orders; what it says is how the order stood right after it."""

    cursor: str
    """Store it with what you make of the event, and go on behind it after a restart."""
    sequence: int
    """1, 2, 3, … within the hospital; the same if the event comes again."""
    kind: str
    """ORDER_PLACED, ORDER_PAID, ORDER_CANCELLED, …"""
    at: datetime
    by: str
    """`user`, `staff`, `hospital_system` or `system`."""
    reason: str
    order_id: str
    order_number: str
    state: str
    department_code: str
    external_id: str
    """The session's own id."""
    date: Date
    half_day: str
    number: int
    fee: Decimal
    paid: Decimal


def read_batch(answer: Mapping[str, Any], number: int, items: int, first: int) -> Batch:
    """A CataloguePushed; `first` is the place of its first item in all that was given."""
    return Batch(
        number=number,
        items=items,
        created=answer["created"],
        replaced=answer["replaced"],
        removed=answer["removed"],
        refused=read_refused(answer["refused"], first),
        replayed=answer["replayed"],
    )


def read_order(answer: Mapping[str, Any]) -> Order:
    """An Order."""
    return Order(
        id=answer["id"],
        order_number=answer["orderNumber"],
        state=answer["state"],
        number=answer["number"],
        date=Date.fromisoformat(answer["date"]),
        half_day=answer["halfDay"],
        department_code=answer["departmentCode"],
        doctor_name=answer["doctorName"],
        patient_name=answer["patientName"],
        fee=Decimal(answer["fee"]["amount"]),
        paid=Decimal(answer["paid"]["amount"]),
        lapses_at=_moment(answer["lapsesAt"]),
        fetch_time=_moment(answer["fetchTime"]),
        fetch_place=answer["fetchAddress"],
        record_id=answer["hospitalRecordId"],
        created_at=datetime.fromisoformat(answer["createdAt"]),
    )


def read_checked_in(answer: Mapping[str, Any]) -> CheckedIn:
    """A CheckedIn."""
    return CheckedIn(read_order(answer["order"]), answer["queueNumber"], answer["room"], answer["peopleAhead"])


def read_event(answer: Mapping[str, Any]) -> HospitalEvent:
    """A HospitalEvent of the graph, or a webhook's body, which has the same names."""
    return HospitalEvent(
        cursor=answer["cursor"],
        sequence=answer["sequence"],
        kind=answer["kind"],
        at=datetime.fromisoformat(answer["at"]),
        by=answer["by"],
        reason=answer["reason"],
        order_id=answer["orderId"],
        order_number=answer["orderNumber"],
        state=answer["state"],
        department_code=answer["departmentCode"],
        external_id=answer["externalId"],
        date=Date.fromisoformat(answer["date"]),
        half_day=answer["halfDay"],
        number=answer["number"],
        fee=_amount(answer["fee"]),
        paid=_amount(answer["paid"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _amount(money: Any) -> Decimal:
    return Decimal(money["amount"] if isinstance(money, Mapping) else money)
