"""Broadcasts as those see them who write them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from datasources.sql.broadcast import Broadcast, Broadcasts, BroadcastState
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.global_id import NodeKind, global_id, node_reference
from domain.messages.broadcasts import sending
from domain.messages.broadcasts.draft import Draft
from domain.page import Page
from domain.permissions import Permission
from domain.problems import IdempotencyKeyReused, InvalidInput, NotAllowed, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.given import given_moment, given_uuid
from resolvers.listing import by_moment, sql_page
from resolvers.staff_callers import staff_with

WRITERS = (Permission.SEND_MESSAGES, Permission.NOTIFY_OWN_HOLDERS)
READERS = (Permission.READ_MESSAGES, *WRITERS)

Changed = sending.BroadcastChanged | NotFound | NotAllowed


async def broadcasts(
    context: RequestContext, state: BroadcastState | None, *, first: int, after: str | None
) -> Page[Broadcast]:
    """Those that the caller has a part in, the latest first."""
    within = sending.reach(staff_with(context, *READERS))
    return await sql_page(
        context,
        by_moment("broadcasts", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: Broadcasts(session).page(within, state, behind, limit),
        count=lambda session: Broadcasts(session).count(within, state),
    )


async def broadcast(context: RequestContext, id: str) -> Broadcast | None:
    """One of them."""
    within, key = sending.reach(staff_with(context, *READERS)), given_uuid(id)
    if key is None:
        return None
    async with context.stores.sql.read() as session:
        return await Broadcasts(session).get(key, within)


async def preview(context: RequestContext, draft: Draft) -> sending.BroadcastPreview | InvalidInput:
    """What sending it would do."""
    caller = staff_with(context, *WRITERS)
    return await sending.preview(context.stores.sql, caller, _meant(context, draft), context.clock())


async def send(
    context: RequestContext, draft: Draft, key: str
) -> sending.BroadcastSent | NotAllowed | InvalidInput | IdempotencyKeyReused:
    """Have it told."""
    caller = staff_with(context, *WRITERS)
    return await sending.send(context.stores.sql, caller, _meant(context, draft), key, actor(context))


async def pause(context: RequestContext, id: str) -> Changed:
    """Have nobody more written to for now."""
    return await _changed(context, id, lambda caller, key, who: sending.pause(context.stores.sql, caller, key, who))


async def resume(context: RequestContext, id: str) -> Changed:
    """Go on."""
    return await _changed(context, id, lambda caller, key, who: sending.resume(context.stores.sql, caller, key, who))


async def cancel(context: RequestContext, id: str) -> Changed:
    """Tell nobody more, for good."""
    return await _changed(context, id, lambda caller, key, who: sending.cancel(context.stores.sql, caller, key, who))


def user_key(id: str | None) -> UUID | None:
    """The account that an id names; one that names none is nobody's."""
    if id is None:
        return None
    reference = node_reference(id)
    return given_uuid(reference.key) if reference.kind is NodeKind.USER else None


def user_id(row: Broadcast) -> str | None:
    """The account that it goes to."""
    return None if row.user_id is None else global_id(NodeKind.USER, row.user_id)


def external_id(row: Broadcast) -> str | None:
    """The hospital's own id of the session whose holders it goes to."""
    return None if row.schedule_id is None else row.schedule_id.partition(":")[2]


async def _changed(
    context: RequestContext, id: str, change: Callable[[StaffMember, UUID, Actor], Awaitable[Changed]]
) -> Changed:
    caller, key = staff_with(context, *WRITERS), given_uuid(id)
    return NotFound() if key is None else await change(caller, key, actor(context))


def _meant(context: RequestContext, draft: Draft) -> Draft:
    return replace(
        draft,
        not_before=given_moment(context, draft.not_before),
        useless_after=given_moment(context, draft.useless_after),
    )
