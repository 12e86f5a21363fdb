"""Another doctor, or another time, than was booked: every holder is told once, and may give the number back free."""

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from datasources.sql.booking_order import BookingOrder
from domain.booking.session_changes import BATCH, LOOKED_AFTER, tell_of_session_changes
from tests.booked import at
from tests.booking import VISIT_DATE, Booker, OpenSession, booked, new_booker, new_session
from tests.order_steps import events_of, key_of, later, pay, row_of
from tests.platform import Platform

ORDER = """query ($id: ID!) { node(id: $id) { ... on Order { doctorName doctorTitle state isCancellable
  cancellationPreview { refund { amount } } history { event } } } }"""
CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on OrderCancelled { order { state refunds { amount { amount } } } } ... on Problem { code } } }"""
TOLD = text("SELECT variables FROM outgoing_message WHERE user_id = :user AND kind = :kind ORDER BY id")
NOTED = text("SELECT count(*) FROM session_change WHERE schedule_id = :session")
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
    return await tell_of_session_changes(platform.stores.sql, platform.booking_policy, now or platform.clock())


async def told(platform: Platform, booker: Booker, kind: str = "DOCTOR_SUBSTITUTED") -> list[dict[str, str]]:
    """What the booker was told of another doctor, or of something else."""
    async with platform.stores.sql.read() as session:
        found = await (await session.connection()).execute(TOLD, {"user": booker.user_key, "kind": kind})
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
    assert [each.detail for each in events if each.event == "DOCTOR_SUBSTITUTED"] == [{"from": "林一鸣", "to": "周宁"}]

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
    assert [each.event for each in await events_of(platform.stores, key_of(order_id))].count("DOCTOR_SUBSTITUTED") == 1


def sliced(*slices: tuple[str, int]) -> dict[str, Any]:
    """A push that cuts the half-day, with the doctor that the session has."""
    cut = [{"startsAt": at, "numbers": numbers} for at, numbers in slices]
    return {"doctorName": "林一鸣", "doctorTitle": "主任医师", "slices": cut}


async def fetch_time(platform: Platform, booker: Booker, order_id: str) -> str:
    """When the booker is wanted."""
    query = "query ($id: ID!) { node(id: $id) { ... on Order { fetchTime } } }"
    found: str = (await platform.data(query, {"id": order_id}, bearer=booker.token))["node"]["fetchTime"]
    return found


async def test_whose_time_is_moved_is_told_once_and_nobody_else(platform: Platform) -> None:
    session = await new_session(platform)
    await pushed(platform, session, **sliced(("08:00", 1), ("09:00", 10)))
    (first, first_id), (second, second_id) = await paid_order(platform, session), await paid_order(platform, session)
    assert await fetch_time(platform, second, second_id) == f"{VISIT_DATE}T09:00:00+08:00"

    await pushed(platform, session, **sliced(("08:00", 1), ("09:30", 10)))
    await asyncio.gather(*(run(platform) for _ in range(3)))
    await pushed(platform, session, **sliced(("08:00", 1), ("09:30", 10)))
    await run(platform)

    (message,) = await told(platform, second, "VISIT_TIME_CHANGED")
    assert message["fetch_time"] == f"{VISIT_DATE}T09:30:00+08:00"
    assert await fetch_time(platform, second, second_id) == f"{VISIT_DATE}T09:30:00+08:00"
    assert await told(platform, first, "VISIT_TIME_CHANGED") == [], "the first number's time stayed"
    assert await fetch_time(platform, first, first_id) == f"{VISIT_DATE}T08:00:00+08:00"
    assert [await told(platform, each) for each in (first, second)] == [[], []], "the doctor stayed"
    assert (await row_of(platform.stores, key_of(second_id))).cancel_until > VISIT_MORNING
    events = await events_of(platform.stores, key_of(second_id))
    assert [each.event for each in events].count("VISIT_TIME_CHANGED") == 1


async def test_a_time_that_the_hospital_gave_one_order_stays(platform: Platform) -> None:
    session = await new_session(platform)
    await pushed(platform, session, **sliced(("08:00", 20)))
    booker, order_id = await paid_order(platform, session)
    async with platform.stores.sql.unit_of_work() as writing:
        row = await writing.get(BookingOrder, key_of(order_id))
        assert row is not None
        row.fetch_time = VISIT_MORNING

    await pushed(platform, session, **sliced(("10:00", 20)))
    await run(platform)

    assert await told(platform, booker, "VISIT_TIME_CHANGED") == []
    assert (await row_of(platform.stores, key_of(order_id))).fetch_time == VISIT_MORNING


async def test_a_push_that_names_no_slices_moves_nobody(platform: Platform) -> None:
    session = await new_session(platform)
    await pushed(platform, session, **sliced(("08:30", 20)))
    booker, order_id = await paid_order(platform, session)

    await pushed(platform, session, **sliced())
    await run(platform)

    assert await told(platform, booker, "VISIT_TIME_CHANGED") == []
    assert await fetch_time(platform, booker, order_id) == f"{VISIT_DATE}T08:30:00+08:00"


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
