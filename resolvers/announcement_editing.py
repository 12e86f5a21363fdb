"""Announcements as those see and change them who write them."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from datasources.sql.announcement import Announcement, AnnouncementState, state_of
from datasources.sql.announcement_reads import AnnouncementReads, EditorCriteria
from domain.announcements import editing
from domain.announcements.entry import AnnouncementTexts
from domain.callers import StaffMember
from domain.global_id import NodeKind, node_reference
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.given import given_moment, given_uuid
from resolvers.listing import by_moment, sql_page
from resolvers.staff_callers import staff_with

EDITORS = (Permission.EDIT_ANNOUNCEMENTS, Permission.EDIT_OWN_ANNOUNCEMENTS)


async def managed(
    context: RequestContext, criteria: EditorCriteria, *, first: int, after: str | None
) -> Page[Announcement]:
    """Those that the caller may edit, the one made last first."""
    criteria = replace(criteria, within=editing.reach(_editor(context)))
    now = context.clock()
    return await sql_page(
        context,
        by_moment("managedAnnouncements", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: AnnouncementReads(session).page_for_editors(criteria, now, behind, limit),
        count=lambda session: AnnouncementReads(session).count_for_editors(criteria, now),
    )


def state(context: RequestContext, row: Announcement) -> AnnouncementState:
    """Where it stands now."""
    return state_of(row, context.clock())


async def create(
    context: RequestContext, hospital_code: str | None, texts: AnnouncementTexts
) -> editing.AnnouncementCreated | InvalidInput:
    """Write a draft."""
    return await editing.create(context.stores.sql, _editor(context), hospital_code, texts, actor(context))


async def edit(
    context: RequestContext, id: str, version: int, texts: AnnouncementTexts
) -> editing.AnnouncementEdited | editing.Denied:
    """Have it say this from now on."""
    editor, key = _editor(context), _key(id)
    if key is None:
        return NotFound()
    return await editing.edit(context.stores.sql, editor, key, version, texts, actor(context))


async def publish(
    context: RequestContext, id: str, version: int, begin: datetime | None, end: datetime | None
) -> editing.AnnouncementPublished | editing.Denied:
    """Let everybody read it in its time."""
    editor, key = _editor(context), _key(id)
    if key is None:
        return NotFound()
    begin, end = given_moment(context, begin), given_moment(context, end)
    return await editing.publish(context.stores.sql, editor, key, version, begin, end, actor(context))


async def withdraw(context: RequestContext, id: str) -> editing.AnnouncementWithdrawn | NotFound:
    """Take it from the readers."""
    editor, key = _editor(context), _key(id)
    return NotFound() if key is None else await editing.withdraw(context.stores.sql, editor, key, actor(context))


def _editor(context: RequestContext) -> StaffMember:
    return staff_with(context, *EDITORS)


def _key(id: str) -> UUID | None:
    reference = node_reference(id)
    return given_uuid(reference.key) if reference.kind is NodeKind.ANNOUNCEMENT else None
