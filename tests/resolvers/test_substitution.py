"""Another doctor than was booked: every holder is told once, and may give the number back, paid in full."""

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from datasources.sql.booking_order import BookingOrder
from domain.booking.substituting import BATCH, EVENT, LOOKED_AFTER, tell_of_substitutions
from tests.booked import at
from tests.booking import VISIT_DATE, Booker, OpenSession, booked, new_booker, new_session
from tests.order_steps import events_of, key_of, later, pay, row_of
from tests.platform import Platform

ORDER = """query ($id: ID!) { node(id: $id) { ... on Order { doctorName doctorTitle state isCancellable
  cancellationPreview { refund { amount } } history { event } } } }"""
CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on OrderCancelled { order { state refunds { amount { amount } } } } ... on Problem { code } } }"""
TOLD = text("SELECT variables FROM outgoing_message WHERE user_id = :user AND kind = 'DOCTOR_SUBSTITUTED'")
NOTED = text("SELECT count(*) FROM doctor_substitution WHERE schedule_id = :session")
VISIT_MORNING = at("08:00", VISIT_DATE)
"""Long after the rule's deadline for giving back."""


async def pushed(platform: Platform, session: OpenSession, **changes: Any) -> None:
    """The session once more, as the hospital has it now."""
    entry = {
        "externalId": session.external_id,
        "departmentCode": "11",
        "date": VISIT_DATE.isoformat(),
        "halfDay": "AM",
        "capacity": 20,
        "fee": "9.67",
    }
    answer = await platform.push(session.hospital, "upsertSchedule", {"schedule": entry | changes})
    assert answer["__typename"] == "ScheduleUpserted", answer


async def run(platform: Platform, now: datetime | None = None) -> int:
    """The worker's job."""
    return await tell_of_substitutions(platform.stores.sql, platform.booking_policy, now or platform.clock())


async def told(platform: Platform, booker: Booker) -> list[dict[str, str]]:
    """What the booker was told of another doctor."""
    async with platform.stores.sql.read() as session:
        found = await (await session.connection()).execute(TOLD, {"user": booker.user_key})
        return [row[0] for row in found]


async def noted(platform: Platform, session: OpenSession) -> int:
    """Whether the session is still looked after."""
    async with platform.stores.sql.read() as reading:
        found: int = (await (await reading.connection()).execute(NOTED, {"session": session.key})).scalar_one()
        return found


async def paid_order(platform: Platform, session: OpenSession) -> tuple[Booker, str]:
    """Somebody who has paid for a number."""
    booker = await new_booker(platform)
    order = await booked(platform, booker, session)
    await pay(platform.stores, key_of(order["id"]), platform.clock())
    return booker, order["id"]


async def test_every_holder_is_told_once_and_may_give_the_number_back_free(platform: Platform) -> None:
    session, other = await new_session(platform), await new_session(platform)
    booker, order_id = await paid_order(platform, session)
    stranger, _ = await paid_order(platform, other)

    await pushed(platform, session, doctorName="林一鸣", doctorTitle="主任医师", notice="请带病历")
    await run(platform)
    assert await noted(platform, session) == 0, "the same doctor"
    await pushed(platform, session, doctorName="周宁", doctorTitle="副主任医师")
    await run(platform)
    await run(platform)
    await pushed(platform, session, doctorName="周宁", doctorTitle="副主任医师")
    await run(platform)

    (message,) = await told(platform, booker)
    assert (message["doctor"], message["former_doctor"]) == ("周宁", "林一鸣")
    assert await told(platform, stranger) == []
    events = await events_of(platform.stores, key_of(order_id))
    assert [each.detail for each in events if each.event == EVENT] == [{"from": "林一鸣", "to": "周宁"}]

    booker = await later(platform, booker, VISIT_MORNING)
    seen = (await platform.data(ORDER, {"id": order_id}, bearer=booker.token))["node"]
    assert (seen["doctorName"], seen["doctorTitle"], seen["state"]) == ("周宁", "副主任医师", "PAID")
    assert (seen["isCancellable"], seen["cancellationPreview"]["refund"]["amount"]) == (True, "9.67")
    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}
    cancelled = (await platform.data(CANCEL, {"input": input}, bearer=booker.token))["cancelOrder"]
    assert cancelled["__typename"] == "OrderCancelled"


async def test_who_booked_by_the_texts_as_they_were_is_told_as_well(platform: Platform) -> None:
    session = await new_session(platform)
    await paid_order(platform, session)
    await pushed(platform, session, doctorName="周宁")
    assert await run(platform) >= 1
    late, order_id = await paid_order(platform, session)
    async with platform.stores.sql.unit_of_work() as writing:
        row = await writing.get(BookingOrder, key_of(order_id))
        assert row is not None
        row.texts = {**row.texts, "doctor": "林一鸣"}

    await run(platform)
    assert len(await told(platform, late)) == 1
    assert await noted(platform, session) == 1
    await run(platform, platform.clock() + LOOKED_AFTER + timedelta(seconds=1))
    assert await noted(platform, session) == 0


async def test_workers_at_once_and_more_holders_than_fit_a_batch_tell_each_once(platform: Platform) -> None:
    session = await new_session(platform, capacity=BATCH + 20)
    booker, order_id = await paid_order(platform, session)
    async with platform.stores.sql.unit_of_work() as writing:
        connection = await writing.connection()
        await connection.execute(_COPY, {"id": key_of(order_id), "many": BATCH + 10})
        await connection.execute(
            text("UPDATE slot_ledger SET taken = :many, next_number = :many + 1 WHERE schedule_id = :session"),
            {"many": BATCH + 10, "session": session.key},
        )
    await pushed(platform, session, capacity=BATCH + 20, doctorName="周宁")

    await asyncio.gather(*(run(platform) for _ in range(3)))
    await run(platform)

    assert len(await told(platform, booker)) == BATCH + 10, "all of them are one account's here"
    assert len([each for each in await events_of(platform.stores, key_of(order_id)) if each.event == EVENT]) == 1


async def test_holders_of_a_withdrawn_session_are_told_that_alone(platform: Platform) -> None:
    session = await new_session(platform)
    booker, order_id = await paid_order(platform, session)
    await pushed(platform, session, doctorName="周宁")
    await pushed(platform, session, doctorName="周宁", status="WITHDRAWN")
    await run(platform)
    assert await told(platform, booker) == []
    assert (await row_of(platform.stores, key_of(order_id))).texts["doctor"] == "林一鸣"


# The same order under other numbers, as if more people had booked.
_COPY = text("""
    INSERT INTO booking_order (
        id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id, hospital_code,
        department_code, visit_date, half_day, number, state, fee, paid_amount, cancel_until, fetch_address, texts,
        idempotency_key, request_hash, created_at, state_changed_at)
    SELECT gen_random_uuid(), order_number || '-' || n, user_id, patient_id, decode(lpad(to_hex(n), 32, '0'), 'hex'),
           masked_patient_name, schedule_id, hospital_code, department_code, visit_date, half_day, n, state, fee,
           paid_amount, cancel_until, fetch_address, texts, idempotency_key || n, request_hash, created_at,
           state_changed_at
      FROM booking_order, generate_series(2, :many) AS n
     WHERE id = :id
""")
