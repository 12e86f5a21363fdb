"""Sessions' queues: run by hospitals, watched by everybody."""

from collections.abc import AsyncGenerator
from datetime import date

from datasources.sql.slot_ledger import HalfDay
from domain.booking import queue
from domain.booking.queue import CallAnswer, CompleteAnswer, NextCall, PassAnswer
from domain.booking.queue_display import DisplayedQueue, DisplaySelection, QueueDisplay, queue_display
from domain.global_id import NodeKind, node_reference
from domain.live.queue_display import watch_queue_display
from domain.problems import NotFound
from resolvers.audit import actor
from resolvers.check_in import receiving_hospital
from resolvers.context import RequestContext
from resolvers.orders import order_id_of


async def call_next(context: RequestContext, schedule_id: str, room: str, key: str) -> CallAnswer:
    """Call the next of a session of the caller's hospital."""
    hospital_code, reference = receiving_hospital(context), node_reference(schedule_id)
    if reference.kind is not NodeKind.SCHEDULE:
        return NotFound()
    call = NextCall(hospital_code, reference.key, room.strip(), key, actor(context))
    return await queue.call_next(context.stores.sql, call)


async def pass_over(context: RequestContext, order_id: str) -> PassAnswer:
    """Let somebody wait again who was called and was not there."""
    hospital_code, id = receiving_hospital(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await queue.pass_over(context.stores.sql, hospital_code, id, actor(context))


async def complete(context: RequestContext, order_id: str) -> CompleteAnswer:
    """End a visit."""
    hospital_code, id = receiving_hospital(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await queue.complete_visit(context.stores.sql, hospital_code, id, actor(context))


async def display(
    context: RequestContext, hospital_code: str, department_code: str, day: date, half_day: HalfDay
) -> QueueDisplay:
    """A department's queues now."""
    selection = DisplaySelection(hospital_code, department_code, day, half_day)
    return await queue_display(context.stores.sql, context.booking.policy, selection, context.clock())


def watch_display(
    context: RequestContext, hospital_code: str, department_code: str, day: date, half_day: HalfDay
) -> AsyncGenerator[QueueDisplay, None]:
    """A department's queues now, then each change."""
    selection = DisplaySelection(hospital_code, department_code, day, half_day)
    return watch_queue_display(context.stores, context.booking.policy, context.clock, selection)


async def doctor_name(context: RequestContext, shown: DisplayedQueue) -> str:
    """The doctor's name; empty if the hospital took the session's texts away."""
    text = await context.loaders.schedule_text_by_id.load(shown.schedule_id)
    return text.doctor_name if text else ""


async def doctor_title(context: RequestContext, shown: DisplayedQueue) -> str:
    """The doctor's title; empty if the hospital gave none."""
    text = await context.loaders.schedule_text_by_id.load(shown.schedule_id)
    return text.doctor_title if text else ""
