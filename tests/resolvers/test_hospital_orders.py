"""A hospital answers its orders: yes or no in time, its own id of the visit, and who did not come."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datasources.sql.booking_order import OrderState
from domain.booking.lapsing import lapse_due
from domain.booking.order_states import OrderStep
from domain.permissions import Role
from tests.booking import VISIT_DATE, OpenSession, booked, ledger_of, new_booker, new_session
from tests.hospital_events import kinds
from tests.order_steps import assert_true, events_of, key_of, pay, row_of, step
from tests.platform import Hospital, Platform

ANSWER = """__typename ... on OrderAnswered { order { id state lapsesAt hospitalRecordId fetchTime fetchAddress } }
  ... on OrderNotChangeable { state } ... on InvalidInput { fields { field code } }"""


async def say(platform: Platform, hospital: Hospital, mutation: str, **input: Any) -> Any:
    """What the hospital's system is answered."""
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    call = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ {ANSWER} }} }}"
    return (await platform.data(call, {"input": input}, hospital=hospital))[mutation]


async def answering_session(platform: Platform, **changes: Any) -> OpenSession:
    """A session of a hospital that answers each order, within two minutes."""
    session = await new_session(platform, **changes)
    async with platform.stores.sql.unit_of_work() as sql:
        statement = text("UPDATE hospital_account SET booking_mode = 'CONFIRM' WHERE code = :code")
        await (await sql.connection()).execute(statement, {"code": session.hospital.code})
    return session


@pytest.mark.parametrize(("fee", "state"), [("9.67", "AWAITING_PAYMENT"), ("0", "PAID")])
async def test_a_confirmed_order_is_paid_or_stands(platform: Platform, fee: str, state: str) -> None:
    session = await answering_session(platform, fee=fee)
    order = await booked(platform, await new_booker(platform), session)
    assert order["state"] == "PENDING_HOSPITAL"
    place = {"recordId": "H-1", "fetchTime": f"{VISIT_DATE}T09:10:00+08:00", "fetchPlace": "门诊楼2层"}

    first = await say(platform, session.hospital, "confirmOrder", orderId=order["id"], **place)
    again = await say(platform, session.hospital, "confirmOrder", orderId=order["id"])

    assert (first["__typename"], first["order"]["state"]) == ("OrderAnswered", state)
    assert (first["order"]["lapsesAt"] is None) == (fee == "0")
    assert (first["order"]["hospitalRecordId"], first["order"]["fetchAddress"]) == ("H-1", "门诊楼2层")
    assert again == first
    assert await kinds(platform, session.hospital) == ["ORDER_PLACED", "ORDER_CONFIRMED"]


async def test_a_rejected_orders_number_is_for_sale_again_and_the_patient_reads_why(platform: Platform) -> None:
    session = await answering_session(platform)
    booker = await new_booker(platform)
    order = await booked(platform, booker, session)
    for _ in range(2):
        answer = await say(platform, session.hospital, "rejectOrder", orderId=order["id"], reason="医生\n外出")
        assert (answer["__typename"], answer["order"]["state"]) == ("OrderAnswered", "REJECTED")

    assert (await ledger_of(platform.stores, session)).taken == 0
    await assert_true(platform.stores, session.key)
    history = "query ($id: ID!) { node(id: $id) { ... on Order { history { event reason } } } }"
    found = await platform.data(history, {"id": order["id"]}, bearer=booker.token)
    assert found["node"]["history"][-1] == {"event": "REJECT", "reason": "医生 外出"}
    late = await say(platform, session.hospital, "confirmOrder", orderId=order["id"])
    assert late == {"__typename": "OrderNotChangeable", "state": "REJECTED"}


async def test_who_answers_too_late_finds_the_order_lapsed(platform: Platform) -> None:
    session = await answering_session(platform)
    order = await booked(platform, await new_booker(platform), session)
    platform.clock.now += timedelta(minutes=2, seconds=1)

    before = await say(platform, session.hospital, "confirmOrder", orderId=order["id"])
    await lapse_due(platform.stores.sql, platform.clock())
    after = await say(platform, session.hospital, "confirmOrder", orderId=order["id"])

    assert before == after == {"__typename": "OrderNotChangeable", "state": "EXPIRED"}
    assert (await ledger_of(platform.stores, session)).taken == 0


async def test_an_acknowledgement_is_taken_once_and_the_last_word_holds(platform: Platform) -> None:
    session = await new_session(platform)
    order = await booked(platform, await new_booker(platform), session)
    for record in ("A-1", "A-1", "A-2"):
        said = await say(platform, session.hospital, "acknowledgeOrder", orderId=order["id"], recordId=record)
        assert said["order"]["hospitalRecordId"] == record
    async with platform.stores.sql.read() as sql:
        count = text("SELECT count(*) FROM audit_entry WHERE action = 'ORDER_ACKNOWLEDGED' AND subject_id = :id")
        found = await (await sql.connection()).execute(count, {"id": str(key_of(order["id"]))})
        assert found.scalar_one() == 2
    assert [event.event for event in await events_of(platform.stores, key_of(order["id"]))] == ["PLACED"]

    for wrong, field in (
        ({"recordId": " "}, "recordId"),
        ({"recordId": "x" * 65}, "recordId"),
        ({"recordId": "A", "fetchPlace": "x" * 201}, "fetchPlace"),
        ({"recordId": "A", "fetchTime": "2026-11-26T09:00:00+08:00"}, "fetchTime"),
    ):
        refused = await say(platform, session.hospital, "acknowledgeOrder", orderId=order["id"], **wrong)
        assert [each["field"] for each in refused["fields"]] == [field]
    await step(platform.stores, key_of(order["id"]), OrderStep.CANCEL, platform.clock())
    ended = await say(platform, session.hospital, "acknowledgeOrder", orderId=order["id"], recordId="A-3")
    assert ended == {"__typename": "OrderNotChangeable", "state": "CANCELLED"}


async def test_who_did_not_come_is_marked_after_the_half_day_and_once(platform: Platform) -> None:
    session = await new_session(platform)
    order = await booked(platform, await new_booker(platform), session)
    await pay(platform.stores, key_of(order["id"]), platform.clock())
    early = await say(platform, session.hospital, "markNoShow", orderId=order["id"])
    assert early == {"__typename": "OrderNotChangeable", "state": "PAID"}

    platform.clock.now = platform.clock.now.replace(day=25, hour=4, second=1)
    for _ in range(2):
        marked = await say(platform, session.hospital, "markNoShow", orderId=order["id"])
        assert marked["order"]["state"] == "NO_SHOW"
    assert [event.event for event in await events_of(platform.stores, key_of(order["id"]))][-2:] == ["PAY", "MISS"]


@pytest.mark.parametrize(
    ("mutation", "more"),
    [
        ("acknowledgeOrder", {"recordId": "X"}),
        ("confirmOrder", {}),
        ("rejectOrder", {"reason": "no"}),
        ("markNoShow", {}),
    ],
)
async def test_another_hospital_answers_nothing_of_it(platform: Platform, mutation: str, more: dict[str, str]) -> None:
    session = await answering_session(platform)
    order = await booked(platform, await new_booker(platform), session)
    other = await platform.new_hospital()

    by_system = await say(platform, other, mutation, orderId=order["id"], **more)
    assert by_system["__typename"] == "NotFound"
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=other)
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    call = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    by_clerk = await platform.data(call, {"input": {"orderId": order["id"], **more}}, bearer=clerk.token)
    assert by_clerk[mutation]["__typename"] == "NotFound"
    row = await row_of(platform.stores, key_of(order["id"]))
    assert (row.state, row.hospital_record_id) == (OrderState.PENDING_HOSPITAL, None)
