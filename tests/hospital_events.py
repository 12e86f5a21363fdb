"""Events for hospitals, in tests."""

from typing import Any

from sqlalchemy import text

from tests.booking import booked, new_booker, new_session
from tests.platform import Hospital, Platform

LOG = """query ($first: Int, $after: String) { hospitalEventLog(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { cursor sequence kind by reason state orderId orderNumber departmentCode externalId date halfDay number
    fee { amount } paid { amount } order { id state number } } } }"""

_COPY = """INSERT INTO hospital_event (hospital_code, order_id, step, at, actor_kind, reason, facts)
  SELECT 'no-such-hospital', order_id, step, at, actor_kind, reason, facts FROM hospital_event
   WHERE hospital_code = :code AND NOT EXISTS (
       SELECT FROM hospital_event WHERE hospital_code = 'no-such-hospital') LIMIT 1"""


async def events(platform: Platform, hospital: Hospital, **page: Any) -> Any:
    """A page of the hospital's log, as its system reads it."""
    return (await platform.data(LOG, {"first": 100, **page}, hospital=hospital))["hospitalEventLog"]


async def kinds(platform: Platform, hospital: Hospital) -> list[str]:
    """What the hospital was told, in order."""
    return [event["kind"] for event in (await events(platform, hospital))["nodes"]]


async def event_of_nobodys_hospital(platform: Platform) -> None:
    """One event in the log of the hospital that callers without an account belong to."""
    statement = text("SELECT count(*) FROM hospital_event WHERE hospital_code = 'no-such-hospital'")
    async with platform.stores.sql.read() as session:
        if (await (await session.connection()).execute(statement)).scalar_one():
            return
    opened = await new_session(platform)
    await booked(platform, await new_booker(platform), opened)
    async with platform.stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(text(_COPY), {"code": opened.hospital.code})
