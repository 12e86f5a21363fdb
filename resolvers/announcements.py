"""Announcements as everybody reads them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from datasources.mongo.documents import HospitalDocument
from datasources.sql.announcement import Announcement
from datasources.sql.announcement_reads import AnnouncementReads, ReaderCriteria, ReaderPlace, stands_above
from domain.global_id import NodeKind, global_id, node_reference
from domain.language import Language
from domain.page import Page
from resolvers.context import RequestContext
from resolvers.given import given_uuid
from resolvers.listing import ListOrder, by_moment, sql_page

_PLACES = {"above": True, "below": False}


async def announcements(
    context: RequestContext, criteria: ReaderCriteria, *, first: int, after: str | None
) -> Page[Announcement]:
    """What can be read now: pinned ones first, then the latest."""
    now = context.clock()
    return await sql_page(
        context,
        _order(criteria),
        first,
        after,
        read=lambda session, behind, limit: AnnouncementReads(session).page(criteria, now, behind, limit),
        count=lambda session: AnnouncementReads(session).count(criteria, now),
    )


async def announcement(context: RequestContext, id: str) -> Announcement | None:
    """One by its global id, if it can be read now."""
    reference = node_reference(id)
    return await readable(context, reference.key) if reference.kind is NodeKind.ANNOUNCEMENT else None


async def readable(context: RequestContext, key: str) -> Announcement | None:
    """One by its key, if it can be read now."""
    id = given_uuid(key)
    if id is None:
        return None
    async with context.stores.sql.read() as session:
        return await AnnouncementReads(session).readable(id, context.clock())


def announcement_id(row: Announcement) -> str:
    """The global id."""
    return global_id(NodeKind.ANNOUNCEMENT, row.id)


def language(context: RequestContext, row: Announcement) -> Language:
    """In which language it is answered: English where that is asked for and there."""
    return Language.ENGLISH if context.language is Language.ENGLISH and row.title_en else Language.CHINESE


def title(context: RequestContext, row: Announcement) -> str:
    """Its title in that language."""
    return row.title_en if language(context, row) is Language.ENGLISH else row.title_zh


def text(context: RequestContext, row: Announcement) -> str:
    """Its text in that language."""
    return row.text_en if language(context, row) is Language.ENGLISH else row.text_zh


async def hospital(context: RequestContext, row: Announcement) -> HospitalDocument | None:
    """Whose notice it is."""
    return None if row.hospital_code is None else await context.loaders.hospital_by_code.load(row.hospital_code)


def _order(criteria: ReaderCriteria) -> ListOrder[Announcement, ReaderPlace]:
    latest: ListOrder[Announcement, tuple[datetime, UUID]] = by_moment(
        "announcements", lambda each: each.published_from, lambda each: each.id
    )

    def keys(row: Announcement) -> Sequence[str]:
        return ["above" if stands_above(row, criteria) else "below", *latest.keys(row)]

    def place(keys: Sequence[str]) -> ReaderPlace:
        if keys[0] not in _PLACES:
            raise ValueError(keys[0])
        return (_PLACES[keys[0]], *latest.place(keys[1:]))

    return ListOrder(latest.name, 3, keys, place)
