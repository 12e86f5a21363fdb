"""A department whose numbers are watched, and ways to take them as bookings will."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from datasources.keys import schedule_key
from datasources.stores import Stores
from domain.live.changes import note_slot_change
from tests.platform import Hospital, Platform
from tests.server.websocket.client import Client

DAY = date(2026, 11, 21)
RULE = {"cycle": 7, "releaseTime": "08:30", "stopTime": "11:30"}
SLOTS = """subscription ($h: String!, $from: Date, $to: Date) {
  slotAvailability(hospitalCode: $h, departmentCode: "1", from: $from, to: $to) {
    days { date state remaining schedules { externalId state remaining } }
  }
}"""
SCHEDULE = """subscription ($h: String!, $s: String!) {
  scheduleAvailability(hospitalCode: $h, externalId: $s) { state remaining doctorName }
}"""


@dataclass(frozen=True)
class Department:
    """One department of a hospital that nobody else knows."""

    platform: Platform
    hospital: Hospital

    async def push(self, external_id: str, day: date = DAY, **changes: Any) -> None:
        """Push one of its sessions."""
        entry = {
            "externalId": external_id,
            "departmentCode": "1",
            "date": day.isoformat(),
            "halfDay": "AM",
            "capacity": 2_000,
            "fee": "9.67",
            "doctorName": "林一鸣",
        }
        pushed = await self.platform.push(self.hospital, "upsertSchedule", {"schedule": entry | changes})
        assert pushed["__typename"] == "ScheduleUpserted", pushed

    async def take(self, external_id: str, day: date = DAY, *, stores: Stores | None = None) -> None:
        """Take one number in a transaction of its own."""
        key = schedule_key(self.hospital.code, external_id)
        async with (stores or self.platform.stores).sql.unit_of_work() as session:
            await (await session.connection()).execute(
                text("""
                    UPDATE slot_ledger SET taken = taken + 1, next_number = next_number + 1
                     WHERE schedule_id = :key
                """),
                {"key": key},
            )
            note_slot_change(session, self.hospital.code, "1", day, key)

    async def watch(self, watcher: Client, id: str = "1", first: date = DAY, last: date = DAY) -> None:
        """Subscribe to these dates of it."""
        variables = {"h": self.hospital.code, "from": first.isoformat(), "to": last.isoformat()}
        await watcher.subscribe(SLOTS, id=id, variables=variables)


async def new_department(platform: Platform) -> Department:
    """A department with one session, `a`, on DAY."""
    hospital = await platform.new_hospital(name=f"观察医院{secrets.token_hex(3)}", bookingRule=RULE)
    pushed = await platform.push(hospital, "upsertDepartment", {"department": {"code": "1", "name": "内科"}})
    assert pushed["__typename"] == "DepartmentUpserted", pushed
    department = Department(platform, hospital)
    await department.push("a")
    return department


def remaining(message: dict[str, Any]) -> list[int]:
    """What remains of each date in an event."""
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    return [day["remaining"] for day in message["payload"]["data"]["slotAvailability"]["days"]]


async def until_remaining(watcher: Client, wanted: list[int]) -> int:
    """Wait for this state; how many events there were up to it."""
    count = 1
    while remaining(await watcher.receive()) != wanted:
        count += 1
    return count
