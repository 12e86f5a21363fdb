"""Why an order cannot be paid now."""

from dataclasses import dataclass

from datasources.payments.channel import Provider
from datasources.sql.booking_order import OrderState


@dataclass(frozen=True, slots=True)
class OrderNotPayable:
    """Nothing is to be paid for the order, or not any more."""

    state: OrderState


@dataclass(frozen=True, slots=True)
class PaymentEnded:
    """What was begun under this key cannot be paid any more; another key begins anew."""


@dataclass(frozen=True, slots=True)
class PaymentUnavailable:
    """The provider takes no payments now. The same call may be repeated."""

    provider: Provider
    retry_after_seconds: int | None
    """None: waiting does not help; another provider may."""
