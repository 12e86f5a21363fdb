"""What becomes of orders with their account and their patient: cancelled and anonymous, or in the way of a removal."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlmodel import col, select

from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import BookingOrder, OrderState
from domain.booking.export import export_bans, export_orders
from domain.booking.order_states import OrderStep
from domain.global_id import NodeKind, global_id
from domain.identity.erasure import erase_due
from domain.identity.own_account import DELETION_GRACE
from tests.booking import Booker, OpenSession, add_patient_row, book, booked, ledger_of, new_booker, new_session
from tests.order_steps import assert_true, events_of, key_of, pay, row_of, step
from tests.platform import Platform
from tests.resolvers.test_booking_bans import banned
from tests.resolvers.test_cancel_order import cancel

LEAVE = "mutation { requestAccountDeletion(input: {confirm: true}) { __typename } }"
REMOVE = """mutation ($id: ID!) { removePatient(input: {id: $id}) {
  __typename ... on Problem { code } ... on PatientRemoved { patientId } } }"""


async def ordered(platform: Platform, booker: Booker, *steps: OrderStep) -> tuple[OpenSession, UUID]:
    """An order of the booker's, paid and moved on by these steps."""
    session = await new_session(platform)
    id = key_of((await booked(platform, booker, session))["id"])
    if steps:
        await pay(platform.stores, id, platform.clock())
    for each in steps[1:]:
        await step(platform.stores, id, each, platform.clock())
    return session, id


async def test_an_erased_accounts_orders_are_cancelled_and_nobodys(platform: Platform) -> None:
    booker = await new_booker(platform)
    unpaid_session, unpaid = await ordered(platform, booker)
    await cancel(platform, booker, global_id(NodeKind.ORDER, unpaid), reason="张三丰要出差")
    people = [await new_booker(platform) for _ in range(2)]
    paid_session, paid = await ordered(platform, people[0], OrderStep.PAY)
    missed_session, missed = await ordered(platform, people[1], OrderStep.PAY, OrderStep.MISS)
    await banned(platform, people[1])
    for each in (booker, *people):
        await platform.data(LEAVE, bearer=each.token)

    await erase_due(platform.stores, platform.clock() + DELETION_GRACE)
    await erase_due(platform.stores, platform.clock() + DELETION_GRACE)

    rows: list[BookingOrder] = [await row_of(platform.stores, id) for id in (unpaid, paid, missed)]
    assert [row.state for row in rows] == ["CANCELLED", "REFUNDING", "NO_SHOW"]
    assert {(row.person, row.masked_patient_name, row.hospital_record_id) for row in rows} == {(None, "", None)}
    assert (rows[1].ended_because, str(rows[1].paid_amount)) == ("ACCOUNT_DELETED", "9.67")
    assert [event.detail for event in await events_of(platform.stores, unpaid) if event.event == "CANCEL"] == [{}]
    async with platform.stores.sql.read() as reading:
        bans = await reading.exec(select(BookingBan).where(col(BookingBan.patient_id) == people[1].patient_key))
        assert [ban.person for ban in bans] == [None]
    await assert_true(platform.stores, unpaid_session.key, paid_session.key, missed_session.key)


async def test_an_account_that_stays_keeps_its_orders(platform: Platform) -> None:
    booker = await new_booker(platform)
    _, id = await ordered(platform, booker)

    await erase_due(platform.stores, platform.clock() + DELETION_GRACE)

    assert (await row_of(platform.stores, id)).state == OrderState.AWAITING_PAYMENT


async def test_a_patient_with_a_live_order_is_not_removed(platform: Platform) -> None:
    booker = await new_booker(platform)
    _, id = await ordered(platform, booker)

    refused = (await platform.data(REMOVE, {"id": booker.patient_id}, bearer=booker.token))["removePatient"]
    await cancel(platform, booker, global_id(NodeKind.ORDER, id))
    removed = (await platform.data(REMOVE, {"id": booker.patient_id}, bearer=booker.token))["removePatient"]

    assert (refused["__typename"], removed["__typename"]) == ("PatientHasLiveOrders", "PatientRemoved")


async def test_booking_and_removing_at_once_never_both_succeed(platform: Platform) -> None:
    session = await new_session(platform, capacity=40)

    async def both(n: int) -> tuple[str, str]:
        booker = await new_booker(platform)

        async def remove() -> Any:
            return (await platform.data(REMOVE, {"id": booker.patient_id}, bearer=booker.token))["removePatient"]

        tries = [book(platform, booker, session), remove()]
        first, second = await asyncio.gather(*(tries if n % 2 else reversed(tries)))
        made, removed = (first, second) if n % 2 else (second, first)
        return made["__typename"], removed["__typename"]

    outcomes = Counter(await asyncio.gather(*(both(n) for n in range(16))))

    assert set(outcomes) <= {("OrderCreated", "PatientHasLiveOrders"), ("NotFound", "PatientRemoved")}, outcomes
    taken = (await ledger_of(platform.stores, session)).taken
    assert taken == outcomes["OrderCreated", "PatientHasLiveOrders"]
    await assert_true(platform.stores, session.key)


async def test_an_export_tells_the_accounts_own_orders_and_bans_alone(platform: Platform) -> None:
    booker, other = await new_booker(platform), await new_booker(platform)
    _, id = await ordered(platform, booker)
    await cancel(platform, booker, global_id(NodeKind.ORDER, id), reason="临时有事")
    await banned(platform, booker)
    second = uuid4()
    await add_patient_row(platform.stores, platform.ring, other.user_key, second)

    async with platform.stores.sql.read() as reading:
        (order,) = await export_orders(reading, platform.ring, booker.user_key)
        (told,) = await export_bans(reading, platform.ring, booker.user_key)
        assert await export_orders(reading, platform.ring, other.user_key) == []
        assert await export_bans(reading, platform.ring, other.user_key) == []

    assert (order["id"], order["fee"], order["state"]) == (global_id(NodeKind.ORDER, id), "9.67", "CANCELLED")
    assert [(each["event"], each["by"], each["note"]) for each in order["history"]] == [
        ("PLACED", "you", None),
        ("CANCEL", "you", "临时有事"),
    ]
    assert told["patientId"] == booker.patient_id
    orjson.dumps([order, told])
