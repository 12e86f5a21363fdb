"""What MongoDB says of a session that is being booked: its hospital's rule, and the words the order will keep."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from datasources.keys import department_key
from datasources.mongo.departments import DepartmentReads
from datasources.mongo.documents import BookingRule
from datasources.mongo.hospitals import HospitalReads
from datasources.mongo.schedules import ScheduleReads

KEPT_SECONDS = 5.0
MOST_KEPT = 20_000


class SessionPlace(NamedTuple):
    """A session, at one state of its hospital's catalogue."""

    schedule_id: str
    hospital_code: str
    department_code: str
    push_revision: int


@dataclass(frozen=True, slots=True)
class SessionTexts:
    """The texts of one session and its hospital's booking rule."""

    rule: BookingRule
    hospital: str
    department: str
    doctor: str
    title: str
    hospital_address: str
    fetch_address: str

    def as_stored(self) -> dict[str, str]:
        """What an order keeps of them."""
        return {
            "hospital": self.hospital,
            "hospital_address": self.hospital_address,
            "department": self.department,
            "doctor": self.doctor,
            "title": self.title,
        }


@dataclass(slots=True)
class SessionTextReads:
    """Reads texts, and keeps them for some seconds: thousands ask for the same session at once.

    A push of the hospital numbers its catalogue anew, so what is kept is not older than the push that the ledger
    shows, but for the moment in which that push is on its way to MongoDB.
    """

    clock: Callable[[], float] = time.monotonic
    _kept: "OrderedDict[SessionPlace, tuple[float, asyncio.Task[SessionTexts | None]]]" = field(
        default_factory=OrderedDict
    )

    async def of(self, place: SessionPlace) -> SessionTexts | None:
        """The texts; None if the catalogue lists no such session."""
        kept = self._kept.get(place)
        if kept is None or kept[0] < self.clock() or _failed(kept[1]):
            kept = (self.clock() + KEPT_SECONDS, asyncio.create_task(_read(place)))
            self._kept[place] = kept
            self._kept.move_to_end(place)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        # Shielded: one reader that gives up must not spoil it for the others.
        return await asyncio.shield(kept[1])


def _failed(task: "asyncio.Task[SessionTexts | None]") -> bool:
    # What was not found may be on its way, so it is asked for again.
    return task.done() and (task.cancelled() or task.exception() is not None or task.result() is None)


async def _read(place: SessionPlace) -> SessionTexts | None:
    key = department_key(place.hospital_code, place.department_code)
    hospitals, departments, schedules = await asyncio.gather(
        HospitalReads().by_codes([place.hospital_code]),
        DepartmentReads().by_ids([key]),
        ScheduleReads().by_ids([place.schedule_id]),
    )
    hospital = hospitals.get(place.hospital_code)
    schedule = schedules.get(place.schedule_id)
    if hospital is None or schedule is None:
        return None
    department = departments.get(key)
    return SessionTexts(
        rule=hospital.booking_rule,
        hospital=hospital.name,
        hospital_address=hospital.address,
        department=department.name if department else place.department_code,
        doctor=schedule.doctor_name,
        title=schedule.doctor_title,
        fetch_address=schedule.fetch_address or (department.address if department else "") or hospital.address,
    )
