"""What MongoDB says of a session that is being booked: its hospital's rule, and the words the order will keep."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from datasources.keys import department_key
from datasources.mongo.departments import DepartmentReads
from datasources.mongo.documents import BookingRule, DepartmentDocument, HospitalDocument, ScheduleDocument
from datasources.mongo.hospitals import HospitalReads
from datasources.mongo.schedules import ScheduleReads
from domain.booking.fetch_times import SLICES, Slice

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
    slices: Sequence[Slice] = ()

    def as_stored(self) -> dict[str, Any]:
        """What an order keeps of them."""
        sliced = {SLICES: [list(each) for each in self.slices]} if self.slices else {}
        return sliced | {
            "hospital": self.hospital,
            "hospital_address": self.hospital_address,
            "department": self.department,
            "doctor": self.doctor,
            "title": self.title,
        }


@dataclass(slots=True)
class SessionTextReads:
    """Reads texts, and keeps them for some seconds: thousands ask for the same session at once, and many sessions are
    of the same department.

    A push of the hospital numbers its catalogue anew, so what is kept is not older than the push that the ledger
    shows, but for the moment in which that push is on its way to MongoDB.
    """

    clock: Callable[[], float] = time.monotonic
    _hospitals: "Kept[tuple[str, int], HospitalDocument]" = field(init=False)
    _departments: "Kept[tuple[str, str, int], DepartmentDocument]" = field(init=False)
    _schedules: "Kept[tuple[str, int], ScheduleDocument]" = field(init=False)

    def __post_init__(self) -> None:
        self._hospitals = Kept(_hospital, self.clock)
        self._departments = Kept(_department, self.clock)
        self._schedules = Kept(_schedule, self.clock)

    async def of(self, place: SessionPlace) -> SessionTexts | None:
        """The texts; None if the catalogue lists no such session."""
        code, revision = place.hospital_code, place.push_revision
        hospital, department, schedule = await asyncio.gather(
            self._hospitals.ask((code, revision)),
            self._departments.ask((code, place.department_code, revision)),
            self._schedules.ask((place.schedule_id, revision)),
        )
        if hospital is None or schedule is None:
            return None
        return SessionTexts(
            rule=hospital.booking_rule,
            hospital=hospital.name,
            hospital_address=hospital.address,
            department=department.name if department else place.department_code,
            doctor=schedule.doctor_name,
            title=schedule.doctor_title,
            fetch_address=schedule.fetch_address or (department.address if department else "") or hospital.address,
            slices=schedule.slices,
        )


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """What was read in the last KEPT_SECONDS. What was not found may be on its way, so it is asked for again."""

    def __init__(self, read: Callable[[Key], Coroutine[Any, Any, Value | None]], clock: Callable[[], float]) -> None:
        self._read = read
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[float, asyncio.Task[Value | None]]] = OrderedDict()

    def ask(self, key: Key) -> "asyncio.Future[Value | None]":
        """The value, or None if there is none: read by now or being read, once for all who ask meanwhile."""
        kept = self._kept.get(key)
        if kept is None or kept[0] < self._clock() or _failed(kept[1]):
            kept = (self._clock() + KEPT_SECONDS, asyncio.create_task(self._read(key)))
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        # Shielded: one reader that gives up must not spoil it for the others.
        return kept[1] if kept[1].done() else asyncio.shield(kept[1])


def _failed(task: "asyncio.Task[Any]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None or task.result() is None)


async def _hospital(key: tuple[str, int]) -> HospitalDocument | None:
    return (await HospitalReads().by_codes([key[0]])).get(key[0])


async def _department(key: tuple[str, str, int]) -> DepartmentDocument | None:
    id = department_key(key[0], key[1])
    return (await DepartmentReads().by_ids([id])).get(id)


async def _schedule(key: tuple[str, int]) -> ScheduleDocument | None:
    return (await ScheduleReads().by_ids([key[0]])).get(key[0])
