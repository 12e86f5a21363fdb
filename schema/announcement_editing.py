"""Writing announcements, publishing and withdrawing them."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.announcement import Announcement as AnnouncementRow
from datasources.sql.announcement import AnnouncementKind, AnnouncementState
from datasources.sql.announcement_reads import EditorCriteria
from domain import problems
from domain.announcements import editing
from domain.announcements.entry import AnnouncementTexts
from domain.page import Page
from resolvers import announcement_editing
from resolvers import announcements as readers
from schema.announcement import OfHospital, OfKind, OfPublisher
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.connection import Connection
from schema.permissions import may_any
from schema.problems import InvalidInput, NotAllowed, NotFound, record_of

described_enum(
    AnnouncementState,
    "Where an announcement stands; it follows from its times.",
    {
        "DRAFT": "Written and not published.",
        "SCHEDULED": "It is published at `publishedFrom`.",
        "PUBLISHED": "Everybody can read it.",
        "ENDED": "`publishedUntil` is over.",
        "WITHDRAWN": "Somebody took it back; it can be published again.",
    },
)


@strawberry.type(description="An announcement as its editors see it, published or not.")
class AnnouncementEntry:
    id: strawberry.ID = strawberry.field(
        resolver=of(readers.announcement_id), description="Global id, the same that readers know."
    )
    hospital_code: str | None = strawberry.field(description="Whose notice it is; null for the platform's.")
    kind: AnnouncementKind = strawberry.field(
        resolver=of(lambda row: AnnouncementKind(row.kind)), description="What it is about."
    )
    state: AnnouncementState = strawberry.field(
        resolver=on(announcement_editing.state), description="Where it stands now."
    )
    title_zh: str = strawberry.field(description="The Chinese title.")
    text_zh: str = strawberry.field(description="The Chinese text.")
    title_en: str = strawberry.field(description="The English title; empty without one.")
    text_en: str = strawberry.field(description="The English text; empty without one.")
    pinned: bool = strawberry.field(description="Whether it stands above the others.")
    published_from: dt.datetime | None = strawberry.field(description="From when on it can be read; null for a draft.")
    published_until: dt.datetime | None = strawberry.field(description="Until when; null without an end.")
    withdrawn_at: dt.datetime | None = strawberry.field(description="When it was taken back; null if it was not.")
    version: int = strawberry.field(description="Grows with each change; the mutations ask for it.")
    created_at: dt.datetime = strawberry.field(description="When it was written.")
    updated_at: dt.datetime = strawberry.field(description="When it was changed last.")


@strawberry.type(description="A draft is there; nobody can read it before `publishAnnouncement`.")
class AnnouncementCreated:
    announcement: AnnouncementEntry = strawberry.field(description="The draft.")

    is_type_of = record_of(editing.AnnouncementCreated)


@strawberry.type(description="The announcement was changed.")
class AnnouncementEdited:
    announcement: AnnouncementEntry = strawberry.field(description="As it now is.")

    is_type_of = record_of(editing.AnnouncementEdited)


@strawberry.type(description="The announcement can be read in its time.")
class AnnouncementPublished:
    announcement: AnnouncementEntry = strawberry.field(description="As it now is.")

    is_type_of = record_of(editing.AnnouncementPublished)


@strawberry.type(description="The announcement can be read no more.")
class AnnouncementWithdrawn:
    announcement: AnnouncementEntry = strawberry.field(description="As it now is.")

    is_type_of = record_of(editing.AnnouncementWithdrawn)


@strawberry.input(description="What an announcement says: plain text, of which nothing is taken for markup.")
class AnnouncementTextsInput:
    kind: AnnouncementKind = strawberry.field(description="What it is about.")
    title_zh: str = strawberry.field(description="The Chinese title: one line of 1 to 80 characters.")
    text_zh: str = strawberry.field(description="The Chinese text: 1 to 10,000 characters; lines are paragraphs.")
    title_en: str = strawberry.field(default="", description="The English title; with it goes an English text.")
    text_en: str = strawberry.field(default="", description="The English text.")
    pinned: bool = strawberry.field(default=False, description="Whether it shall stand above the others.")

    def texts(self) -> AnnouncementTexts:
        """The same as the domain's record."""
        return AnnouncementTexts(
            self.kind, self.title_zh, self.text_zh, title_en=self.title_en, text_en=self.text_en, pinned=self.pinned
        )


@strawberry.input(description="An announcement to be written.")
class CreateAnnouncementInput:
    texts: AnnouncementTextsInput = strawberry.field(description="What it says.")
    hospital_code: str | None = strawberry.field(
        default=None,
        description="Whose notice it is; without it the platform's, or the own hospital's where a hospital's staff "
        "write. They can name no other.",
    )


@strawberry.input(description="What an announcement shall say instead.")
class EditAnnouncementInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    version: int = strawberry.field(description="The version that the editor saw.")
    texts: AnnouncementTextsInput = strawberry.field(description="What it says from now on.")


@strawberry.input(description="When an announcement can be read.")
class PublishAnnouncementInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    version: int = strawberry.field(description="The version that the editor saw.")
    from_: dt.datetime | None = strawberry.field(
        name="from",
        default=None,
        description="From when on; without it or in the past from now on, or as it is if it is published already.",
    )
    until: dt.datetime | None = strawberry.field(default=None, description="Until when; without it until withdrawn.")


@strawberry.input(description="Which announcement to take back.")
class WithdrawAnnouncementInput:
    id: strawberry.ID = strawberry.field(description="Which one.")


CreateAnnouncementResult = Annotated[
    AnnouncementCreated | InvalidInput,
    strawberry.union("CreateAnnouncementResult", description="The draft, or what is wrong with it."),
]
EditAnnouncementResult = Annotated[
    AnnouncementEdited | NotFound | NotAllowed | InvalidInput,
    strawberry.union("EditAnnouncementResult", description="What became of the change."),
]
PublishAnnouncementResult = Annotated[
    AnnouncementPublished | NotFound | NotAllowed | InvalidInput,
    strawberry.union("PublishAnnouncementResult", description="What became of publishing."),
]
WithdrawAnnouncementResult = Annotated[
    AnnouncementWithdrawn | NotFound | InvalidInput,
    strawberry.union("WithdrawAnnouncementResult", description="What became of it."),
]

_editing = may_any(*announcement_editing.EDITORS)
_EDIT_ANSWER = editing.AnnouncementEdited | problems.NotFound | problems.NotAllowed | problems.InvalidInput
_PUBLISH_ANSWER = editing.AnnouncementPublished | problems.NotFound | problems.NotAllowed | problems.InvalidInput


@strawberry.type
class AnnouncementEditingQuery:
    @answers(
        Connection[AnnouncementEntry],
        "Announcements that the caller may edit, the one written last first: all, or the own hospital's.",
        only=_editing,
    )
    def managed_announcements(
        self,
        info: Context,
        hospital_code: OfHospital = None,
        publisher: OfPublisher = None,
        kind: OfKind = None,
        state: Annotated[AnnouncementState | None, strawberry.argument(description="Only those that stand so.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[AnnouncementRow]]:
        criteria = EditorCriteria(hospital_code=hospital_code, publisher=publisher, kind=kind, state=state)
        return announcement_editing.managed(info.context, criteria, first=first, after=after)


@strawberry.type
class AnnouncementMutation:
    @mutates(CreateAnnouncementResult, "Write an announcement, as a draft. Recorded.", only=_editing)
    def create_announcement(
        self, info: Context, input: Annotated[CreateAnnouncementInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[editing.AnnouncementCreated | problems.InvalidInput]:
        return announcement_editing.create(info.context, input.hospital_code, input.texts.texts())

    @mutates(
        EditAnnouncementResult,
        "Change what an announcement says, also of a published one: readers see it at once. Recorded.",
        only=_editing,
    )
    def edit_announcement(
        self, info: Context, input: Annotated[EditAnnouncementInput, strawberry.argument(description="What.")]
    ) -> Awaitable[_EDIT_ANSWER]:
        return announcement_editing.edit(info.context, str(input.id), input.version, input.texts.texts())

    @mutates(
        PublishAnnouncementResult,
        "Let everybody read an announcement, at once or later; again, to change its times. Recorded.",
        only=_editing,
    )
    def publish_announcement(
        self, info: Context, input: Annotated[PublishAnnouncementInput, strawberry.argument(description="When.")]
    ) -> Awaitable[_PUBLISH_ANSWER]:
        return announcement_editing.publish(info.context, str(input.id), input.version, input.from_, input.until)

    @mutates(
        WithdrawAnnouncementResult,
        "Take an announcement from its readers at once, or put a draft away. Recorded.",
        only=_editing,
    )
    def withdraw_announcement(
        self, info: Context, input: Annotated[WithdrawAnnouncementInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[editing.AnnouncementWithdrawn | problems.NotFound]:
        return announcement_editing.withdraw(info.context, str(input.id))
