"""The state machine of orders: one table. Nothing else says which step leads where."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from datasources.sql.booking_order import OrderState


class OrderStep(StrEnum):
    """What can happen to an order."""

    CONFIRM = "CONFIRM"
    CONFIRM_FREE = "CONFIRM_FREE"
    REJECT = "REJECT"
    PAY = "PAY"
    LAPSE = "LAPSE"
    LAPSE_PAID = "LAPSE_PAID"
    CANCEL = "CANCEL"
    CANCEL_PAID = "CANCEL_PAID"
    WITHDRAW = "WITHDRAW"
    WITHDRAW_PAID = "WITHDRAW_PAID"
    RESCHEDULE = "RESCHEDULE"
    RESCHEDULE_OWING = "RESCHEDULE_OWING"
    CHECK_IN = "CHECK_IN"
    COMPLETE = "COMPLETE"
    MISS = "MISS"
    EXCUSE = "EXCUSE"
    REFUND = "REFUND"


_S = OrderState
_E = OrderStep

TRANSITIONS: Mapping[tuple[OrderState, OrderStep], OrderState] = MappingProxyType(
    {
        # The hospital answers, where it answers (CONFIRM mode); a free visit needs no payment.
        (_S.PENDING_HOSPITAL, _E.CONFIRM): _S.AWAITING_PAYMENT,
        (_S.PENDING_HOSPITAL, _E.CONFIRM_FREE): _S.PAID,
        (_S.PENDING_HOSPITAL, _E.REJECT): _S.REJECTED,
        (_S.AWAITING_PAYMENT, _E.PAY): _S.PAID,
        # The hospital or the patient let the deadline pass. What was paid of it (after a dearer reschedule) goes back.
        (_S.PENDING_HOSPITAL, _E.LAPSE): _S.EXPIRED,
        (_S.AWAITING_PAYMENT, _E.LAPSE): _S.EXPIRED,
        (_S.AWAITING_PAYMENT, _E.LAPSE_PAID): _S.REFUNDING,
        # The patient gives the number back.
        (_S.PENDING_HOSPITAL, _E.CANCEL): _S.CANCELLED,
        (_S.AWAITING_PAYMENT, _E.CANCEL): _S.CANCELLED,
        (_S.AWAITING_PAYMENT, _E.CANCEL_PAID): _S.REFUNDING,
        (_S.PAID, _E.CANCEL): _S.CANCELLED,
        (_S.PAID, _E.CANCEL_PAID): _S.REFUNDING,
        # The hospital withdraws the session or the platform cancels, even for somebody who is already there.
        (_S.PENDING_HOSPITAL, _E.WITHDRAW): _S.CANCELLED,
        (_S.AWAITING_PAYMENT, _E.WITHDRAW): _S.CANCELLED,
        (_S.AWAITING_PAYMENT, _E.WITHDRAW_PAID): _S.REFUNDING,
        (_S.PAID, _E.WITHDRAW): _S.CANCELLED,
        (_S.PAID, _E.WITHDRAW_PAID): _S.REFUNDING,
        (_S.CHECKED_IN, _E.WITHDRAW): _S.CANCELLED,
        (_S.CHECKED_IN, _E.WITHDRAW_PAID): _S.REFUNDING,
        # Another number for the same order.
        (_S.AWAITING_PAYMENT, _E.RESCHEDULE): _S.AWAITING_PAYMENT,
        (_S.PAID, _E.RESCHEDULE): _S.PAID,
        (_S.PAID, _E.RESCHEDULE_OWING): _S.AWAITING_PAYMENT,
        # The day of the visit.
        (_S.PAID, _E.CHECK_IN): _S.CHECKED_IN,
        (_S.CHECKED_IN, _E.COMPLETE): _S.COMPLETED,
        (_S.PAID, _E.MISS): _S.NO_SHOW,
        (_S.NO_SHOW, _E.EXCUSE): _S.COMPLETED,
        (_S.REFUNDING, _E.REFUND): _S.REFUNDED,
    }
)


class StepNotPossible(Exception):  # noqa: N818 - says what is the case, like the refusals do
    """The order stands where this step leads nowhere."""

    def __init__(self, state: OrderState, step: OrderStep) -> None:
        self.state = state
        self.step = step
        super().__init__(f"{step} is not possible for an order that is {state}")


def state_after(state: OrderState, step: OrderStep) -> OrderState:
    """Where the step leads from this state. Raises StepNotPossible."""
    after = TRANSITIONS.get((state, step))
    if after is None:
        raise StepNotPossible(state, step)
    return after
