"""Giving numbers back: by their owner until the deadline, by staff at any time, once however often it is asked for."""

import asyncio
import secrets
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.booking_order import OrderState
from domain.booking.order_states import OrderStep
from domain.permissions import Role
from tests.booking import Booker, OpenSession, booked, ledger_of, new_booker, new_session
from tests.order_steps import assert_true, events_of, key_of, later, pay, row_of, step
from tests.platform import MORNING, Hospital, Platform, StaffPerson

ANSWER = """__typename ... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on OrderNotChangeable { state }
  ... on OrderCancelled { order { id state paid { amount } refundable { amount } isCancellable } }"""
CANCEL = f"""mutation ($input: CancelOrderInput!) {{
  cancelOrder(input: $input) {{ {ANSWER} ... on CancellationClosed {{ closedAt }} }} }}"""
CANCEL_FOR_USER = (
    f"""mutation ($input: CancelOrderForUserInput!) {{ cancelOrderForUser(input: $input) {{ {ANSWER} }} }}"""
)
REFUNDABLE = "query ($id: ID!) { node(id: $id) { ... on Order { refundable { amount } isCancellable cancelUntil } } }"


async def cancel(platform: Platform, booker: Booker, order_id: str, **changes: Any) -> Any:
    """The answer to `cancelOrder`, under a key of its own unless one is given."""
    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)} | changes
    return (await platform.data(CANCEL, {"input": input}, bearer=booker.token))["cancelOrder"]


async def cancel_for_user(platform: Platform, staff: StaffPerson, order_id: str, **changes: Any) -> Any:
    """The answer to `cancelOrderForUser`."""
    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8), "reason": "患者来电"} | changes
    return (await platform.data(CANCEL_FOR_USER, {"input": input}, bearer=staff.token))["cancelOrderForUser"]


async def ordered(platform: Platform, **changes: Any) -> tuple[Booker, OpenSession, str]:
    """Somebody with an unpaid order."""
    booker, session = await new_booker(platform), await new_session(platform, **changes)
    return booker, session, (await booked(platform, booker, session))["id"]


async def test_an_unpaid_number_goes_back_at_any_time(platform: Platform) -> None:
    booker, session, id = await ordered(platform)

    answer = await cancel(platform, booker, id, reason="临时有事")

    assert answer["__typename"] == "OrderCancelled"
    assert (answer["order"]["state"], answer["order"]["isCancellable"]) == ("CANCELLED", False)
    ledger = await ledger_of(platform.stores, session)
    assert (ledger.taken, ledger.returned_numbers) == (0, [1])
    cancelled = (await events_of(platform.stores, key_of(id)))[-1]
    assert (cancelled.event, cancelled.actor_kind, cancelled.detail) == ("CANCEL", "user", {"note": "临时有事"})
    assert (await row_of(platform.stores, key_of(id))).ended_because == "CANCEL"
    await assert_true(platform.stores, session.key)


async def test_a_paid_number_goes_back_until_its_deadline_and_the_money_is_promised(platform: Platform) -> None:
    booker, session, id = await ordered(platform)
    await pay(platform.stores, key_of(id), platform.clock())
    shown = (await platform.data(REFUNDABLE, {"id": id}, bearer=booker.token))["node"]
    assert (shown["refundable"]["amount"], shown["isCancellable"]) == ("9.67", True)

    booker = await later(platform, booker, datetime.fromisoformat(shown["cancelUntil"]))
    answer = await cancel(platform, booker, id)

    assert (answer["order"]["state"], answer["order"]["paid"]["amount"]) == ("REFUNDING", "9.67")
    assert (await row_of(platform.stores, key_of(id))).paid_amount == Decimal("9.67")
    await assert_true(platform.stores, session.key)


async def test_a_second_after_the_deadline_it_says_when_that_was(platform: Platform) -> None:
    booker, session, id = await ordered(platform)
    until = (await pay(platform.stores, key_of(id), platform.clock())).cancel_until
    booker = await later(platform, booker, until + timedelta(seconds=1))

    answer = await cancel(platform, booker, id)

    assert (answer["__typename"], answer["code"]) == ("CancellationClosed", "CANCELLATION_CLOSED")
    assert datetime.fromisoformat(answer["closedAt"]) == until
    assert "2026-11-24 15:30" in answer["message"]
    shown = (await platform.data(REFUNDABLE, {"id": id}, bearer=booker.token))["node"]
    assert (shown["refundable"]["amount"], shown["isCancellable"]) == ("0.00", False)
    assert (await row_of(platform.stores, key_of(id))).state == OrderState.PAID
    await assert_true(platform.stores, session.key)


async def test_a_free_number_is_cancelled_and_nothing_is_refunded(platform: Platform) -> None:
    booker, session, id = await ordered(platform, fee="0")

    answer = await cancel(platform, booker, id)

    assert answer["order"]["state"] == "CANCELLED"
    await assert_true(platform.stores, session.key)


async def test_cancelling_twice_answers_the_same_and_returns_one_number(platform: Platform) -> None:
    booker, session, id = await ordered(platform)

    answers = [await cancel(platform, booker, id, idempotencyKey=key) for key in ("one", "one", "two")]

    assert answers[0] == answers[1] == answers[2]
    assert len(await events_of(platform.stores, key_of(id))) == 2
    await assert_true(platform.stores, session.key)


async def test_of_twenty_calls_at_once_one_gives_the_number_back(platform: Platform) -> None:
    booker, session, id = await ordered(platform)
    await pay(platform.stores, key_of(id), platform.clock())

    keys = ["the same"] * 10 + [f"another {index}" for index in range(10)]
    answers = await asyncio.gather(*(cancel(platform, booker, id, idempotencyKey=key) for key in keys))

    assert Counter(answer["order"]["state"] for answer in answers) == {"REFUNDING": 20}
    assert [event.event for event in await events_of(platform.stores, key_of(id))] == ["PLACED", "PAY", "CANCEL_PAID"]
    assert (await ledger_of(platform.stores, session)).returned_numbers == [1]
    await assert_true(platform.stores, session.key)


async def test_a_key_that_cancelled_one_order_cancels_no_other(platform: Platform) -> None:
    booker, _, first = await ordered(platform)
    second = (await booked(platform, booker, await new_session(platform)))["id"]
    await cancel(platform, booker, first, idempotencyKey="once")

    answer = await cancel(platform, booker, second, idempotencyKey="once")

    assert answer["__typename"] == "IdempotencyKeyReused"
    assert (await row_of(platform.stores, key_of(second))).state == OrderState.AWAITING_PAYMENT


async def test_two_orders_under_one_key_at_once_are_not_both_cancelled(platform: Platform) -> None:
    booker, _, first = await ordered(platform)
    second = (await booked(platform, booker, await new_session(platform)))["id"]

    answers = await asyncio.gather(*(cancel(platform, booker, id, idempotencyKey="same") for id in (first, second)))

    assert Counter(answer["__typename"] for answer in answers) == {"OrderCancelled": 1, "IdempotencyKeyReused": 1}


async def test_nobody_cancels_somebody_elses_order(platform: Platform) -> None:
    _, _, id = await ordered(platform)

    answer = await cancel(platform, await new_booker(platform), id)

    assert answer["__typename"] == "NotFound"
    assert (await row_of(platform.stores, key_of(id))).state == OrderState.AWAITING_PAYMENT


async def test_who_is_there_already_can_cancel_no_more(platform: Platform) -> None:
    booker, _, id = await ordered(platform)
    await pay(platform.stores, key_of(id), platform.clock())
    await step(platform.stores, key_of(id), OrderStep.CHECK_IN, platform.clock())

    answer = await cancel(platform, booker, id)

    assert (answer["__typename"], answer["state"]) == ("OrderNotChangeable", "CHECKED_IN")
    assert "checked in" in answer["message"]


async def test_a_key_must_be_readable(platform: Platform) -> None:
    booker, _, id = await ordered(platform)

    for key in ("", "x" * 129, "a\u0000b"):
        answer = await cancel(platform, booker, id, idempotencyKey=key)
        assert answer["fields"] == [{"field": "idempotencyKey", "code": "MALFORMED"}]


async def test_staff_cancel_after_the_deadline_and_it_is_on_record(platform: Platform) -> None:
    _, session, id = await ordered(platform)
    await pay(platform.stores, key_of(id), platform.clock())
    await step(platform.stores, key_of(id), OrderStep.CHECK_IN, platform.clock())
    platform.clock.now = MORNING + timedelta(days=5)
    operator = await platform.new_staff(Role.OPERATOR)

    answers = [await cancel_for_user(platform, operator, id, idempotencyKey="x") for _ in range(2)]

    assert answers[0] == answers[1]
    assert (answers[0]["order"]["state"], answers[0]["order"]["paid"]["amount"]) == ("REFUNDING", "9.67")
    last = (await events_of(platform.stores, key_of(id)))[-1]
    assert (last.event, last.actor_kind, last.reason) == ("WITHDRAW_PAID", "staff", "BY_PLATFORM")
    async with platform.stores.sql.read() as reading:
        entries = await AuditReads(reading).page(
            AuditCriteria(action="ORDER_CANCELLED", subject_id=str(key_of(id))), None, 9
        )
    assert [(entry.actor_id, entry.hospital_code) for entry in entries] == [(str(operator.key), session.hospital.code)]
    assert entries[0].detail == {"reason": "患者来电", "from": "CHECKED_IN"}
    await assert_true(platform.stores, session.key)


async def test_a_hospitals_staff_cancel_their_own_hospitals_orders_only(platform: Platform) -> None:
    _, session, id = await ordered(platform)
    other: Hospital = await platform.new_hospital()
    stranger = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=other)
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)

    assert (await cancel_for_user(platform, stranger, id))["__typename"] == "NotFound"
    assert (await cancel_for_user(platform, clerk, id))["order"]["state"] == "CANCELLED"
    assert (await row_of(platform.stores, key_of(id))).ended_because == "BY_HOSPITAL"


async def test_staff_say_why(platform: Platform) -> None:
    _, _, id = await ordered(platform)

    answer = await cancel_for_user(platform, await platform.new_staff(Role.OPERATOR), id, reason=" \u0000 ")

    assert answer["fields"] == [{"field": "reason", "code": "MISSING"}]
