"""What can be taken, as it changes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date

from datasources.keys import schedule_key
from domain.booking.days import BookableDay
from domain.language import Words
from domain.live.slot_availability import (
    Selection,
    SlotAvailability,
    watch_schedule_availability,
    watch_slot_availability,
)
from domain.refusals import Refusal, RefusalCode
from resolvers.calendar import Session
from resolvers.context import RequestContext

_BACKWARDS = Words("{first} 晚于 {last}。", "{first} is after {last}.")


def slots(
    context: RequestContext, hospital_code: str, department_code: str, first: date | None, last: date | None
) -> AsyncGenerator[SlotAvailability | None, None]:
    """The department's dates in this range now, then each change."""
    if first is not None and last is not None and last < first:
        raise Refusal(RefusalCode.BAD_REQUEST, _BACKWARDS, first=first.isoformat(), last=last.isoformat())
    selection = Selection(hospital_code, department_code, first, last)
    return watch_slot_availability(context.stores, context.zone, context.clock, selection)


def days(context: RequestContext, availability: SlotAvailability) -> list[BookableDay]:
    """The dates. What was read for them is laid out for the fields below, which then read nothing again."""
    loaders = context.loaders
    loaders.hospital_by_code.prime(availability.hospital.code, availability.hospital)
    loaders.department_by_id.prime(availability.department.id, availability.department)
    loaders.sessions_by_department_day.prime_many(availability.sessions)
    loaders.schedule_text_by_id.prime_many(availability.texts)
    return list(availability.days)


async def schedule(
    context: RequestContext, hospital_code: str, external_id: str
) -> AsyncGenerator[Session | None, None]:
    """A session now, then each change."""
    key = schedule_key(hospital_code, external_id)
    states = watch_schedule_availability(context.stores, context.zone, context.clock, hospital_code, key)
    async with aclosing(states):
        async for state in states:
            yield None if state is None else Session(state.ledger, state.text)
