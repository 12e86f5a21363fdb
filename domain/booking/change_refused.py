"""Why an order is not changed: refusals of cancelling and rescheduling."""

from dataclasses import dataclass
from datetime import datetime

from datasources.sql.booking_order import OrderState


@dataclass(frozen=True, slots=True)
class CancellationClosed:
    """The time in which the patient may give the number back is over."""

    closed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderNotChangeable:
    """The order stands where it can't be changed so: it has ended, or the patient is there already."""

    state: OrderState


@dataclass(frozen=True, slots=True)
class OtherDepartment:
    """An order moves within its own hospital's department only; elsewhere a new order is made."""
