"""Announcements of the platform and notices of hospitals, for everybody to read."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.announcement import Announcement as AnnouncementRow
from datasources.sql.announcement import AnnouncementKind
from datasources.sql.announcement_reads import AnnouncementPublisher, ReaderCriteria
from domain.language import Language
from domain.page import Page
from resolvers import announcements
from schema import message_kinds as message_kinds
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.hospital import Hospital
from schema.node import Node
from schema.problems import record_of

described_enum(
    AnnouncementKind,
    "What an announcement is about.",
    {
        "GENERAL": "Anything else (公告).",
        "BOOKING": "How and when numbers can be taken (预约挂号).",
        "CLOSURE": "Sessions or departments that do not take place (停诊).",
        "MAINTENANCE": "Times at which the platform or a service is not to be had (系统维护).",
        "HEALTH": "Advice about health (健康提示).",
    },
)
described_enum(
    AnnouncementPublisher,
    "Whose announcements.",
    {"PLATFORM": "The platform's own.", "HOSPITALS": "Those of any hospital."},
)

OfHospital = Annotated[str | None, strawberry.argument(description="Only this hospital's notices.")]
OfPublisher = Annotated[
    AnnouncementPublisher | None, strawberry.argument(description="Only the platform's, or only hospitals'.")
]
OfKind = Annotated[AnnouncementKind | None, strawberry.argument(description="Only those about this.")]


@strawberry.type(
    description="Something that the platform or a hospital lets everybody know. Title and text are plain text, to be "
    "shown as text and never as markup; the text's lines are its paragraphs."
)
class Announcement(Node):
    id: strawberry.ID = strawberry.field(resolver=of(announcements.announcement_id), description="Global, opaque id.")
    kind: AnnouncementKind = strawberry.field(
        resolver=of(lambda row: AnnouncementKind(row.kind)), description="What it is about."
    )
    title: str = strawberry.field(resolver=on(announcements.title), description="Its title, in `language`.")
    text: str = strawberry.field(resolver=on(announcements.text), description="Its text, in `language`.")
    language: Language = strawberry.field(
        resolver=on(announcements.language),
        description="The request's language, or Chinese where nobody wrote it in another.",
    )
    hospital: Hospital | None = strawberry.field(
        resolver=on(announcements.hospital), description="Whose notice it is; null for the platform's announcements."
    )
    pinned: bool = strawberry.field(
        description="Whether it stands above the others: a hospital's in that hospital's list, the platform's in all."
    )
    published_from: dt.datetime = strawberry.field(description="From when on it can be read.")
    published_until: dt.datetime | None = strawberry.field(description="Until when; null until somebody takes it back.")
    updated_at: dt.datetime = strawberry.field(description="When it was written or changed last.")

    is_type_of = record_of(AnnouncementRow)


@strawberry.type
class AnnouncementQuery:
    @answers(
        Connection[Announcement],
        "Announcements and hospitals' notices that can be read now: pinned ones first, then the latest.",
    )
    def announcements(
        self,
        info: Context,
        hospital_code: OfHospital = None,
        publisher: OfPublisher = None,
        kind: OfKind = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[AnnouncementRow]]:
        criteria = ReaderCriteria(hospital_code, publisher, kind)
        return announcements.announcements(info.context, criteria, first=first, after=after)

    @answers(Announcement | None, "An announcement by its id; null if it can't be read now.")
    def announcement(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
    ) -> Awaitable[AnnouncementRow | None]:
        return announcements.announcement(info.context, str(id))
