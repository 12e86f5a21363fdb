"""Moving an order to another session: all of it or nothing, and every fee comes out right."""

import asyncio
import secrets
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from datasources.sql.booking_order import OrderState
from domain.booking.lapsing import lapse_order
from domain.booking.order_states import OrderStep
from tests.booking import (
    VISIT_DATE,
    Booker,
    OpenSession,
    agree_to,
    booked,
    ledger_of,
    new_bookable_hospital,
    new_booker,
    new_session,
    take_back_health_data,
)
from tests.order_steps import assert_true, events_of, key_of, later, pay, row_of, step
from tests.platform import MORNING, Hospital, Platform
from tests.resolvers.test_cancel_order import cancel

RESCHEDULE = """mutation ($input: RescheduleOrderInput!) { rescheduleOrder(input: $input) {
  __typename ... on Problem { code message } ... on CancellationClosed { closedAt } ... on OrderNotChangeable { state }
  ... on FeeChanged { fee { amount } }
  ... on ConsentNeeded { kind version } ... on AlreadyBooked { orderId } ... on SessionNotBookable { status }
  ... on InvalidInput { fields { field code } }
  ... on OrderRescheduled { order {
    id orderNumber state date halfDay number fee { amount } paid { amount } lapsesAt cancelUntil doctorName } } } }"""
NEXT_DAY = VISIT_DATE + timedelta(days=1)


NEEDS_CONSENT = ("ConsentNeeded", "CONSENT_NEEDED", "HEALTH_DATA")


async def move(platform: Platform, booker: Booker, order_id: str, session: OpenSession, **changes: Any) -> Any:
    """The answer to `rescheduleOrder`, under a key of its own unless one is given."""
    input = {"orderId": order_id, "scheduleId": session.id, "idempotencyKey": secrets.token_hex(8)} | changes
    return (await platform.data(RESCHEDULE, {"input": input}, bearer=booker.token))["rescheduleOrder"]


async def two_sessions(platform: Platform, *, fee: str = "9.67", **changes: Any) -> tuple[OpenSession, OpenSession]:
    """Two mornings of one department, the second as `changes` say."""
    hospital: Hospital = await new_bookable_hospital(platform)
    first = await new_session(platform, hospital, fee=fee)
    second = await new_session(platform, hospital, **{"fee": fee, "date": NEXT_DAY.isoformat()} | changes)
    return first, second


async def test_an_unpaid_order_moves_and_keeps_its_deadline(platform: Platform) -> None:
    booker = await new_booker(platform)
    old, new = await two_sessions(platform, doctorName="赵二喜")
    order = await booked(platform, booker, old)
    platform.clock.now = MORNING + timedelta(minutes=5)

    answer = await move(platform, booker, order["id"], new)

    assert answer["__typename"] == "OrderRescheduled", answer
    moved = answer["order"]
    assert (moved["id"], moved["orderNumber"]) == (order["id"], order["orderNumber"])
    assert (moved["state"], moved["date"], moved["number"]) == ("AWAITING_PAYMENT", NEXT_DAY.isoformat(), 1)
    assert (moved["lapsesAt"], moved["doctorName"]) == (order["lapsesAt"], "赵二喜")
    assert datetime.fromisoformat(moved["cancelUntil"]) == datetime.fromisoformat("2026-11-25T15:30:00+08:00")
    last = (await events_of(platform.stores, key_of(order["id"])))[-1]
    assert last.event == "RESCHEDULE"
    assert last.detail == {
        "from": {"schedule_id": old.key, "number": 1, "fee": "9.67"},
        "to": {"schedule_id": new.key, "number": 1, "fee": "9.67"},
    }
    assert (await ledger_of(platform.stores, old)).returned_numbers == [1]
    await assert_true(platform.stores, old.key, new.key)


async def test_a_paid_order_that_costs_the_same_stays_paid(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)
    await pay(platform.stores, key_of(order["id"]), platform.clock())

    moved = (await move(platform, booker, order["id"], new, expectedFee="9.67"))["order"]

    assert (moved["state"], moved["fee"]["amount"], moved["paid"]["amount"]) == ("PAID", "9.67", "9.67")
    assert moved["lapsesAt"] is None
    await assert_true(platform.stores, old.key, new.key)


async def test_what_a_cheaper_session_costs_less_is_on_record(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform, fee="20.01")
    cheap = await new_session(platform, old.hospital, fee="9.67", date=NEXT_DAY.isoformat(), halfDay="PM")
    order = await booked(platform, booker, old)
    await pay(platform.stores, key_of(order["id"]), platform.clock())

    moved = (await move(platform, booker, order["id"], cheap))["order"]

    assert (moved["state"], moved["fee"]["amount"], moved["paid"]["amount"]) == ("PAID", "9.67", "20.01")
    assert (await events_of(platform.stores, key_of(order["id"])))[-1].detail["excess"] == "10.34"
    await assert_true(platform.stores, old.key, new.key, cheap.key)


async def test_what_a_dearer_session_costs_more_is_owed_anew(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    dear = await new_session(platform, old.hospital, fee="50", date=NEXT_DAY.isoformat(), halfDay="PM")
    order = await booked(platform, booker, old)
    await pay(platform.stores, key_of(order["id"]), platform.clock())
    now = platform.clock.now = MORNING + timedelta(minutes=10)

    moved = (await move(platform, booker, order["id"], dear))["order"]

    assert (moved["state"], moved["fee"]["amount"], moved["paid"]["amount"]) == ("AWAITING_PAYMENT", "50.00", "9.67")
    assert datetime.fromisoformat(moved["lapsesAt"]) == now + timedelta(minutes=15)
    assert await lapse_order(platform.stores.sql, key_of(order["id"]), now + timedelta(minutes=15))
    after = await row_of(platform.stores, key_of(order["id"]))
    assert (after.state, after.paid_amount) == (OrderState.REFUNDING, Decimal("9.67"))
    await assert_true(platform.stores, old.key, new.key, dear.key)


@pytest.mark.parametrize("cancelled", [True, False])
async def test_who_owes_the_rest_may_cancel_or_move_to_what_is_paid_already(
    platform: Platform, cancelled: bool
) -> None:
    booker, (old, dear) = await new_booker(platform), await two_sessions(platform, fee="9.67")
    dear = await new_session(platform, old.hospital, fee="50", date=NEXT_DAY.isoformat(), halfDay="PM")
    order = await booked(platform, booker, old)
    await pay(platform.stores, key_of(order["id"]), platform.clock())
    await move(platform, booker, order["id"], dear)

    if cancelled:
        after = (await cancel(platform, booker, order["id"]))["order"]
        assert (after["state"], after["paid"]["amount"]) == ("REFUNDING", "9.67")
    else:
        after = (await move(platform, booker, order["id"], old))["order"]
        assert (after["state"], after["paid"]["amount"], after["lapsesAt"]) == ("PAID", "9.67", None)
    await assert_true(platform.stores, old.key, dear.key)


async def test_an_unpaid_order_that_moves_to_a_free_session_is_booked(platform: Platform) -> None:
    booker, (old, _) = await new_booker(platform), await two_sessions(platform)
    free = await new_session(platform, old.hospital, fee="0", date=NEXT_DAY.isoformat(), halfDay="PM")
    order = await booked(platform, booker, old)

    moved = (await move(platform, booker, order["id"], free))["order"]

    assert (moved["state"], moved["fee"]["amount"], moved["lapsesAt"]) == ("PAID", "0.00", None)
    events = [event.event for event in await events_of(platform.stores, key_of(order["id"]))]
    assert events == ["PLACED", "RESCHEDULE", "PAY"]


async def test_within_the_same_half_day_the_order_is_in_nobodys_way(platform: Platform) -> None:
    booker, hospital = await new_booker(platform), await new_bookable_hospital(platform)
    old, new = await new_session(platform, hospital), await new_session(platform, hospital)
    order = await booked(platform, booker, old)

    assert (await move(platform, booker, order["id"], new))["__typename"] == "OrderRescheduled"
    await assert_true(platform.stores, old.key, new.key)


async def test_another_order_of_the_new_half_day_is(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order, other = await booked(platform, booker, old), await booked(platform, booker, new)

    answer = await move(platform, booker, order["id"], new)

    assert (answer["__typename"], answer["orderId"]) == ("AlreadyBooked", other["id"])
    await assert_true(platform.stores, old.key, new.key)


async def test_what_stands_in_the_way_changes_nothing(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform, capacity=1)
    hospital = old.hospital
    closed = await new_session(platform, hospital, status="CLOSED", date=NEXT_DAY.isoformat())
    far = await new_session(platform, hospital, date="2026-12-20")
    elsewhere = await new_session(platform)
    order = await booked(platform, booker, old)
    await booked(platform, await new_booker(platform), new)
    before = await row_of(platform.stores, key_of(order["id"]))

    full = await move(platform, booker, order["id"], new)
    answers = [await move(platform, booker, order["id"], session) for session in (closed, far, elsewhere)]
    dearer = await new_session(platform, hospital, fee="50", date=NEXT_DAY.isoformat(), halfDay="PM")
    changed = await move(platform, booker, order["id"], dearer, expectedFee="9.67")

    assert full["__typename"] == "SlotSoldOut"
    assert [answer["__typename"] for answer in answers] == ["SessionNotBookable", "BookingNotOpen", "OtherDepartment"]
    assert (changed["__typename"], changed["fee"]["amount"]) == ("FeeChanged", "50.00")
    assert await row_of(platform.stores, key_of(order["id"])) == before
    await assert_true(platform.stores, old.key, new.key, dearer.key)


async def test_after_the_old_visits_deadline_it_moves_no_more(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)
    until = (await pay(platform.stores, key_of(order["id"]), platform.clock())).cancel_until
    booker = await later(platform, booker, until + timedelta(seconds=1))

    answer = await move(platform, booker, order["id"], new)

    assert (answer["__typename"], datetime.fromisoformat(answer["closedAt"])) == ("CancellationClosed", until)
    booker = await later(platform, booker, until)
    assert (await move(platform, booker, order["id"], new))["__typename"] == "OrderRescheduled"
    await assert_true(platform.stores, old.key, new.key)


async def test_what_has_lapsed_or_ended_moves_no_more(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)
    overdue = await later(platform, booker, datetime.fromisoformat(order["lapsesAt"]))

    assert (await move(platform, overdue, order["id"], new))["state"] == "EXPIRED"
    await cancel(platform, overdue, order["id"])
    assert (await move(platform, overdue, order["id"], new))["state"] == "CANCELLED"
    await assert_true(platform.stores, old.key, new.key)


async def test_who_is_there_already_moves_no_more(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)
    await pay(platform.stores, key_of(order["id"]), platform.clock())
    await step(platform.stores, key_of(order["id"]), OrderStep.CHECK_IN, platform.clock())

    assert (await move(platform, booker, order["id"], new))["state"] == "CHECKED_IN"


async def test_nobody_moves_somebody_elses_order(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)

    assert (await move(platform, await new_booker(platform), order["id"], new))["__typename"] == "NotFound"
    await assert_true(platform.stores, old.key, new.key)


async def test_the_same_call_again_moves_nothing_more(platform: Platform) -> None:
    booker, (old, new) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, old)

    answers = await asyncio.gather(
        *(move(platform, booker, order["id"], new, idempotencyKey="once") for _ in range(10)),
        *(move(platform, booker, order["id"], new) for _ in range(10)),
    )

    assert Counter(answer["__typename"] for answer in answers) == {"OrderRescheduled": 20}
    assert {answer["order"]["number"] for answer in answers} == {1}
    assert len(await events_of(platform.stores, key_of(order["id"]))) == 2
    await assert_true(platform.stores, old.key, new.key)
    again = await move(platform, booker, order["id"], old, idempotencyKey="once")
    assert again["__typename"] == "IdempotencyKeyReused"


async def test_orders_that_change_places_at_once_wait_for_nobody_forever(platform: Platform) -> None:
    one, other = await two_sessions(platform, capacity=20)
    bookers = [await new_booker(platform) for _ in range(16)]
    orders = [await booked(platform, booker, one if n % 2 else other) for n, booker in enumerate(bookers)]

    answers = await asyncio.gather(
        *(
            move(platform, booker, order["id"], other if n % 2 else one)
            for n, (booker, order) in enumerate(zip(bookers, orders, strict=True))
        )
    )

    assert Counter(answer["__typename"] for answer in answers) == {"OrderRescheduled": 16}
    await assert_true(platform.stores, one.key, other.key)


async def test_the_last_place_goes_to_one_of_those_who_move_there(platform: Platform) -> None:
    old, new = await two_sessions(platform, capacity=1)
    bookers = [await new_booker(platform) for _ in range(8)]
    orders = [await booked(platform, booker, old) for booker in bookers]

    answers = await asyncio.gather(
        *(move(platform, booker, order["id"], new) for booker, order in zip(bookers, orders, strict=True))
    )

    assert Counter(answer["__typename"] for answer in answers) == {"OrderRescheduled": 1, "SlotSoldOut": 7}
    await assert_true(platform.stores, old.key, new.key)


async def test_moving_and_cancelling_at_once_leave_the_ledgers_true(platform: Platform) -> None:
    old, new = await two_sessions(platform)
    bookers = [await new_booker(platform) for _ in range(8)]
    orders = [await booked(platform, booker, old) for booker in bookers]

    await asyncio.gather(
        *(
            change(platform, booker, order["id"], *where)
            for booker, order in zip(bookers, orders, strict=True)
            for change, where in ((move, (new,)), (cancel, ()))
        )
    )

    states = {(await row_of(platform.stores, key_of(order["id"]))).state for order in orders}
    assert states == {"CANCELLED"}
    await assert_true(platform.stores, old.key, new.key)


async def test_who_takes_back_the_consent_to_health_data_moves_nothing_until_they_agree_again(
    platform: Platform,
) -> None:
    booker = await new_booker(platform)
    old, new = await two_sessions(platform)
    order = await booked(platform, booker, old)
    await take_back_health_data(platform, booker)

    refused = await move(platform, booker, order["id"], new)

    assert (refused["__typename"], refused["code"], refused["kind"]) == NEEDS_CONSENT
    assert (await row_of(platform.stores, key_of(order["id"]))).schedule_id == old.key
    await agree_to(platform, booker, refused)
    assert (await move(platform, booker, order["id"], new))["__typename"] == "OrderRescheduled"
    await assert_true(platform.stores, old.key, new.key)
