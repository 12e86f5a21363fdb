"""Subscriptions to what can be taken: of a department's dates, and of one session."""

import datetime as dt
from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from domain.live.slot_availability import SlotAvailability as SlotAvailabilityRecord
from resolvers import live_slots
from resolvers.calendar import Session
from schema.binding import Context, of, on, watches
from schema.bookable_day import BookableDay
from schema.query import DepartmentCode, HospitalCode
from schema.schedule import Schedule
from schema.sharing import Sharing


@strawberry.type(description="What can be taken of a department's dates at this moment: the whole state, not a change.")
class SlotAvailability:
    hospital_code: str = strawberry.field(
        resolver=of(lambda availability: availability.hospital.code), description="Code of the hospital."
    )
    department_code: str = strawberry.field(
        resolver=of(lambda availability: availability.department.code), description="Code of the department."
    )
    days: list[BookableDay] = strawberry.field(
        resolver=on(live_slots.days),
        description="Those of the watched dates that are in the calendar now, in order, each with what remains; "
        "`schedules` of each has what remains of every session.",
    )


@strawberry.type
class SlotSubscription:
    @watches(
        SlotAvailability | None,
        "What can be taken of a department's dates: at once as it is now, then the whole state again whenever any of "
        "it differs, also when the clock opens or closes a date. Changes in quick succession come as one. "
        "Null: there is no such department (any more).",
        only=None,
        sharing=Sharing.EVERYBODY,
    )
    def slot_availability(
        self,
        info: Context,
        hospital_code: HospitalCode,
        department_code: DepartmentCode,
        first: Annotated[
            dt.date | None,
            strawberry.argument(name="from", description="The first date watched; without it, the calendar's first."),
        ] = None,
        last: Annotated[
            dt.date | None,
            strawberry.argument(name="to", description="The last date watched; without it, the calendar's last."),
        ] = None,
    ) -> AsyncGenerator[SlotAvailabilityRecord | None, None]:
        return live_slots.slots(info.context, hospital_code, department_code, first, last)

    @watches(
        Schedule | None,
        "What can be taken of one session: at once as it is now, then whenever it differs, also by the clock. "
        "Null: there is no such session (any more).",
        only=None,
        sharing=Sharing.EVERYBODY,
    )
    def schedule_availability(
        self,
        info: Context,
        hospital_code: HospitalCode,
        external_id: Annotated[str, strawberry.argument(description="The hospital's own id of the session.")],
    ) -> AsyncGenerator[Session | None, None]:
        return live_slots.schedule(info.context, hospital_code, external_id)
