"""A hospital withdraws a session that is sold: its holders lose their numbers once, and it can't be sold meanwhile."""

from typing import Any

from datasources.queue import QUEUE
from datasources.sql.booking_order import OrderState
from domain.booking.withdrawing import cancel_withdrawn
from tests.booking import VISIT_DATE, OpenSession, booked, ledger_of, new_booker, new_session
from tests.order_steps import assert_true, events_of, key_of, pay, row_of
from tests.platform import Platform


async def push_again(platform: Platform, session: OpenSession, **changes: Any) -> Any:
    """The hospital pushes the session anew."""
    entry = {
        "externalId": session.external_id,
        "departmentCode": "11",
        "date": VISIT_DATE.isoformat(),
        "halfDay": "AM",
        "capacity": 20,
        "fee": "9.67",
    } | changes
    return await platform.push(session.hospital, "upsertSchedule", {"schedule": entry})


async def withdrawn(platform: Platform) -> tuple[OpenSession, str]:
    """A session with one paid order, withdrawn, and the order."""
    session = await new_session(platform)
    id = (await booked(platform, await new_booker(platform), session))["id"]
    await pay(platform.stores, key_of(id), platform.clock())
    pushed = await platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
    assert pushed["__typename"] == "CataloguePushed", pushed
    return session, id


async def sweep(platform: Platform) -> None:
    """What the worker does."""
    now = platform.clock()
    await cancel_withdrawn(platform.stores.sql, now.date(), now)


async def test_a_withdrawn_sessions_orders_are_cancelled_once(platform: Platform) -> None:
    session, id = await withdrawn(platform)

    await sweep(platform)
    await sweep(platform)

    events = [event.event for event in await events_of(platform.stores, key_of(id))]
    assert events == ["PLACED", "PAY", "WITHDRAW_PAID"]
    assert (await ledger_of(platform.stores, session)).taken == 0
    await assert_true(platform.stores, session.key)


async def test_pushed_as_withdrawn_it_is_withdrawn_as_well(platform: Platform) -> None:
    session = await new_session(platform)
    id = (await booked(platform, await new_booker(platform), session))["id"]

    pushed = await push_again(platform, session, status=-1)
    await sweep(platform)

    assert pushed["schedule"]["status"] == "WITHDRAWN"
    assert (await row_of(platform.stores, key_of(id))).state == OrderState.CANCELLED
    await assert_true(platform.stores, session.key)


async def test_it_is_not_sold_again_before_its_orders_are_cancelled(platform: Platform) -> None:
    session, id = await withdrawn(platform)

    for status in ("BOOKABLE", "CLOSED"):
        refused = await push_again(platform, session, status=status)
        assert (refused["__typename"], refused["fields"][0]["field"]) == ("InvalidInput", "status")
        assert refused["fields"][0]["code"] == "HAS_ORDERS"
    assert (await push_again(platform, session, status="WITHDRAWN"))["__typename"] == "ScheduleUpserted"

    await sweep(platform)
    assert (await push_again(platform, session))["schedule"]["status"] == "BOOKABLE"
    again = await booked(platform, await new_booker(platform), session)
    await sweep(platform)

    assert (await row_of(platform.stores, key_of(again["id"]))).state == OrderState.AWAITING_PAYMENT
    assert (await row_of(platform.stores, key_of(id))).state == OrderState.REFUNDING
    await assert_true(platform.stores, session.key)


async def test_the_worker_is_asked_at_once(platform: Platform) -> None:
    session = await new_session(platform)
    before = await platform.stores.redis.zcard(QUEUE)

    await push_again(platform, session, capacity=21)
    assert await platform.stores.redis.zcard(QUEUE) == before
    await platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
    assert await platform.stores.redis.zcard(QUEUE) == before + 1
