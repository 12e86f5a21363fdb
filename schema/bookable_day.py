"""One date of a department's calendar."""

import datetime as dt
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.sql.slot_ledger import HalfDay
from domain.booking.days import DayState
from resolvers import calendar
from resolvers.calendar import Session
from schema import enums as enums
from schema.binding import Context, answers, on
from schema.schedule import Schedule

if TYPE_CHECKING:
    from schema.department import Department


@strawberry.type(description="One date of a department's calendar.")
class BookableDay:
    date: dt.date = strawberry.field(description="The date of the visit.")
    state: DayState = strawberry.field(description="What can be done with the date now.")
    capacity: int = strawberry.field(description="Numbers of the date's bookable sessions altogether.")
    remaining: int = strawberry.field(description="Numbers of them that are left.")
    session_count: int = strawberry.field(description="Sessions of the date, withdrawn ones included.")
    withdrawn_count: int = strawberry.field(description="How many of them are withdrawn (停诊).")
    opens_at: dt.datetime = strawberry.field(description="When the date's numbers go (or went) on sale.")
    closes_at: dt.datetime = strawberry.field(description="Until when they are sold.")
    department: Annotated["Department", strawberry.lazy("schema.department")] = strawberry.field(
        resolver=on(calendar.department_of_day), description="The department whose calendar this is."
    )

    @answers(list[Schedule], "The date's sessions, morning first.")
    def schedules(
        self,
        info: Context,
        half_day: Annotated[
            HalfDay | None, strawberry.argument(description="Only the morning's or the afternoon's.")
        ] = None,
    ) -> Awaitable[list[Session]]:
        return calendar.sessions(info.context, self.hospital_code, self.department_code, self.date, half_day)  # type: ignore[attr-defined]
