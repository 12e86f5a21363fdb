"""The state machine of orders: each state × each step, and any walk through it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.sql.booking_order import HOLDING, LIVE, OrderState
from domain.booking.order_states import TRANSITIONS, OrderStep, StepNotPossible, state_after

# Written out a second time, by what people expect: a step that leads elsewhere must be changed in both places.
LEADS = """
PENDING_HOSPITAL  CONFIRM           AWAITING_PAYMENT
PENDING_HOSPITAL  CONFIRM_FREE      PAID
PENDING_HOSPITAL  REJECT            REJECTED
PENDING_HOSPITAL  LAPSE             EXPIRED
PENDING_HOSPITAL  CANCEL            CANCELLED
PENDING_HOSPITAL  WITHDRAW          CANCELLED
AWAITING_PAYMENT  PAY               PAID
AWAITING_PAYMENT  LAPSE             EXPIRED
AWAITING_PAYMENT  LAPSE_PAID        REFUNDING
AWAITING_PAYMENT  CANCEL            CANCELLED
AWAITING_PAYMENT  CANCEL_PAID       REFUNDING
AWAITING_PAYMENT  WITHDRAW          CANCELLED
AWAITING_PAYMENT  WITHDRAW_PAID     REFUNDING
AWAITING_PAYMENT  RESCHEDULE        AWAITING_PAYMENT
PAID              CANCEL            CANCELLED
PAID              CANCEL_PAID       REFUNDING
PAID              WITHDRAW          CANCELLED
PAID              WITHDRAW_PAID     REFUNDING
PAID              RESCHEDULE        PAID
PAID              RESCHEDULE_OWING  AWAITING_PAYMENT
PAID              CHECK_IN          CHECKED_IN
PAID              MISS              NO_SHOW
CHECKED_IN        COMPLETE          COMPLETED
CHECKED_IN        WITHDRAW          CANCELLED
CHECKED_IN        WITHDRAW_PAID     REFUNDING
NO_SHOW           EXCUSE            COMPLETED
REFUNDING         REFUND            REFUNDED
"""
EXPECTED = {
    (OrderState(before), OrderStep(step)): OrderState(after)
    for before, step, after in (line.split() for line in LEADS.strip().splitlines())
}
EVERY = [(state, step) for state in OrderState for step in OrderStep]
FIRST = (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT, OrderState.PAID)
"""Where orders begin."""
FINAL = {OrderState.COMPLETED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.REFUNDED}


@pytest.mark.parametrize(("state", "step"), EVERY, ids=[f"{state}-{step}" for state, step in EVERY])
def test_each_step_leads_where_it_should_or_nowhere(state: OrderState, step: OrderStep) -> None:
    expected = EXPECTED.get((state, step))
    if expected is not None:
        assert state_after(state, step) is expected
        return
    with pytest.raises(StepNotPossible) as refused:
        state_after(state, step)
    assert (refused.value.state, refused.value.step) == (state, step)


def test_nothing_leads_out_of_what_is_final() -> None:
    assert {state for state in OrderState if not any(before is state for before, _ in TRANSITIONS)} == FINAL


def test_every_state_can_be_reached_and_every_step_is_of_use() -> None:
    assert {*TRANSITIONS.values(), *FIRST} == set(OrderState)
    assert {step for _, step in TRANSITIONS} == set(OrderStep)


@given(first=st.sampled_from(FIRST), steps=st.lists(st.sampled_from(OrderStep), max_size=30))
def test_a_number_goes_out_once_and_comes_back_at_most_once(first: OrderState, steps: list[OrderStep]) -> None:
    state, returned = first, 0
    for step in steps:
        try:
            after = state_after(state, step)
        except StepNotPossible:
            continue
        assert not (state not in HOLDING and after in HOLDING), f"{step} would bring a returned number back to {after}"
        returned += state in HOLDING and after not in HOLDING
        state = after

    assert (state in HOLDING) == (returned == 0)


@given(first=st.sampled_from(FIRST), steps=st.lists(st.sampled_from(OrderStep), max_size=30))
def test_what_has_ended_never_lives_again(first: OrderState, steps: list[OrderStep]) -> None:
    state, ended = first, False
    for step in steps:
        after = TRANSITIONS.get((state, step), state)
        ended = ended or state not in LIVE
        assert not (ended and after in LIVE), f"{step} would bring {state} back to life"
        state = after
