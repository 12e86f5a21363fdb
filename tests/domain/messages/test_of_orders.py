"""What becomes of an order is told to its owner by the very transaction in which it happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.stores import Stores
from domain.booking.lapsing import lapse_due
from domain.booking.no_shows import mark_missed_visits
from domain.booking.order_states import TRANSITIONS, OrderStep
from domain.booking.reasons import EndReason
from domain.booking.withdrawing import cancel_withdrawn
from domain.language import Language
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.of_order import order_variables
from domain.messages.of_steps import message_of_step
from domain.messages.rendering import written
from domain.messages.template_set import template_set
from tests.booked import DAY, POLICY, at, new_session
from tests.domain.messages.people import outbox_of
from tests.order_steps import step


async def kinds_told(stores: Stores, order: BookingOrder) -> list[str]:
    """What the owner was told of since the order was made."""
    told = await outbox_of(stores, order.user_id)
    return [message.kind for message in told if not message.dedupe_key.endswith("/new")]


def _as_values(variables: dict[str, Any]) -> dict[str, Any]:
    """Variables with moments as moments, whatever offset they are written with."""
    return {name: datetime.fromisoformat(value) if "until" in name else value for name, value in variables.items()}


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (OrderState.PAID, "ORDER_BOOKED"),
        (OrderState.AWAITING_PAYMENT, "ORDER_RESERVED"),
        (OrderState.PENDING_HOSPITAL, "ORDER_REQUESTED"),
    ],
)
async def test_a_new_order_is_told_of_by_the_statement_that_makes_it(
    stores: Stores, state: OrderState, kind: str
) -> None:
    order = await (await new_session(stores)).book(state)

    (message,) = await outbox_of(stores, order.user_id)

    assert (message.kind, message.subject_kind, message.subject_id) == (kind, "order", str(order.id))
    more = {} if order.lapses_at is None or kind != "ORDER_RESERVED" else {"pay_until": order.lapses_at.isoformat()}
    assert _as_values(message.variables) == _as_values(order_variables(order) | more)
    assert message.variables.keys() == VARIABLES[MessageKind(kind)].keys()


@pytest.mark.parametrize(
    ("from_state", "taken", "kind"),
    [
        (OrderState.PENDING_HOSPITAL, OrderStep.CONFIRM_FREE, "ORDER_BOOKED"),
        (OrderState.PENDING_HOSPITAL, OrderStep.REJECT, "ORDER_REJECTED"),
        (OrderState.AWAITING_PAYMENT, OrderStep.PAY, "ORDER_PAID"),
        (OrderState.PAID, OrderStep.CANCEL, "ORDER_CANCELLED"),
        (OrderState.PAID, OrderStep.RESCHEDULE, "ORDER_RESCHEDULED"),
    ],
)
async def test_each_step_is_told(stores: Stores, from_state: OrderState, taken: OrderStep, kind: str) -> None:
    order = await (await new_session(stores)).book(from_state)

    await step(stores, order.id, taken, at("09:00"))

    assert await kinds_told(stores, order) == [kind]


async def test_checking_in_is_seen_and_not_told(stores: Stores) -> None:
    order = await (await new_session(stores)).book()

    await step(stores, order.id, OrderStep.CHECK_IN, at("09:00"))

    assert await kinds_told(stores, order) == []


async def test_everybody_of_a_withdrawn_session_is_told_once(stores: Stores) -> None:
    session = await new_session(stores)
    orders = [await session.book() for _ in range(3)]
    async with stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(
            text("UPDATE slot_ledger SET status = 'WITHDRAWN' WHERE schedule_id = :id"), {"id": session.schedule_id}
        )

    for _ in range(2):
        await cancel_withdrawn(stores.sql, DAY, at("08:00"))

    assert [await kinds_told(stores, order) for order in orders] == [["SESSION_WITHDRAWN"]] * 3


async def test_what_lapses_is_told_by_whose_silence(stores: Stores) -> None:
    session = await new_session(stores)
    unpaid = await session.book(OrderState.AWAITING_PAYMENT)
    unanswered = await session.book(OrderState.PENDING_HOSPITAL)

    await lapse_due(stores.sql, at("23:00") + timedelta(seconds=1))

    assert await kinds_told(stores, unpaid) == ["ORDER_UNPAID"]
    assert await kinds_told(stores, unanswered) == ["ORDER_UNANSWERED"]


async def test_a_missed_visit_is_told(stores: Stores) -> None:
    order = await (await new_session(stores)).book()

    await mark_missed_visits(stores.sql, POLICY, at("12:00:01"))

    assert await kinds_told(stores, order) == ["NO_SHOW"]


def test_every_step_and_reason_has_its_message_or_none_on_purpose() -> None:
    silent = {
        OrderStep.CHECK_IN,
        OrderStep.COMPLETE,
        OrderStep.EXCUSE,
        OrderStep.REFUND,
        OrderStep.WITHDRAW,
        OrderStep.WITHDRAW_PAID,
    }
    untold = {step for before, step in TRANSITIONS if message_of_step(before, step, "") is None}
    reasons = {reason: message_of_step(OrderState.PAID, OrderStep.WITHDRAW_PAID, reason) for reason in EndReason}

    assert untold == silent
    assert reasons.pop(EndReason.ACCOUNT_DELETED) is None
    assert None not in reasons.values()


def test_every_kind_can_be_said_in_every_language() -> None:
    examples = {"DATE": "2026-11-25", "MOMENT": "2026-11-25T08:00:00+08:00", "HALF_DAY": "PM", "MONEY": "9.67"}
    words = template_set([])

    for kind, types in VARIABLES.items():
        values = {name: examples.get(value, "x") for name, value in types.items()}
        for language in Language:
            said = words.say(kind, language, written(values, types, language, POLICY.zone))
            assert said.title
            assert said.body
            assert "{" not in said.title + said.body + said.sms
