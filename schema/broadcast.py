"""Messages that people write to many: what is sent, how far it is, and how it would read."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.broadcast import Audience, BroadcastState
from datasources.sql.broadcast import Broadcast as BroadcastRow
from domain.language import Language
from domain.messages.broadcasts import sending
from domain.messages.broadcasts.draft import AudienceChoice, Draft
from domain.page import Page
from domain.problems import InvalidInput as InvalidInputRecord
from resolvers import broadcasts
from schema import message_kinds as message_kinds
from schema.binding import After, Context, First, answers, described_enum, of
from schema.connection import Connection
from schema.permissions import may_any
from schema.problems import InvalidInput, record_of

described_enum(
    Audience,
    "To whom a broadcast goes.",
    {
        "USER": "To one account.",
        "HOLDERS": "To the accounts that hold live numbers of a hospital.",
        "EVERYONE": "To every account.",
    },
    name="BroadcastAudience",
)
described_enum(
    BroadcastState,
    "Where a broadcast stands.",
    {
        "WAITING": "Its time has not come, or the worker is about to begin or to go on.",
        "RUNNING": "The worker is writing to its audience, or some are still being told.",
        "PAUSED": "Nobody more is written to until somebody lets it go on.",
        "CANCELLED": "Nobody more is told, for good.",
        "DONE": "Everybody was told, or could not be.",
    },
)


@strawberry.type(
    description="A message that somebody of the platform or of a hospital writes to many, and its progress."
)
class Broadcast:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda row: str(row.id)), description="For `broadcast` and the mutations."
    )
    author_hospital_code: str | None = strawberry.field(
        description="The hospital whose staff wrote it; null for the platform's."
    )
    audience: Audience = strawberry.field(
        resolver=of(lambda row: Audience(row.audience)), description="To whom it goes."
    )
    user_id: strawberry.ID | None = strawberry.field(
        resolver=of(broadcasts.user_id), description="The one account, where it goes to one."
    )
    hospital_code: str | None = strawberry.field(description="The hospital whose holders it goes to.")
    department_code: str | None = strawberry.field(description="Only those of this department.")
    external_id: str | None = strawberry.field(
        resolver=of(broadcasts.external_id), description="Only those of this session, by the hospital's own id."
    )
    first_date: dt.date | None = strawberry.field(description="Only those whose visit is on this date or later.")
    last_date: dt.date | None = strawberry.field(description="Only those whose visit is on this date or earlier.")
    title_zh: str = strawberry.field(description="The Chinese title.")
    body_zh: str = strawberry.field(description="The Chinese text.")
    title_en: str = strawberry.field(description="The English title; empty without one.")
    body_en: str = strawberry.field(description="The English text; empty without one.")
    by_sms: bool = strawberry.field(description="Whether it goes by SMS as well, to those who want that.")
    state: BroadcastState = strawberry.field(
        resolver=of(lambda row: BroadcastState(row.state)), description="Where it stands."
    )
    not_before: dt.datetime = strawberry.field(description="From when on it is sent.")
    useless_after: dt.datetime | None = strawberry.field(
        description="Who was not told by then is not told any more; null without an end."
    )
    planned: int | None = strawberry.field(description="How many the audience had when it began; null before that.")
    written: int = strawberry.field(description="To how many it is written so far.")
    told: int = strawberry.field(description="How many of these were told.")
    dropped: int = strawberry.field(description="How many were not: too late, cancelled, or their account is gone.")
    failed: int = strawberry.field(description="How many were given up after several tries; see `outgoingMessages`.")
    texted: int = strawberry.field(description="To how many a text message was queued as well.")
    created_at: dt.datetime = strawberry.field(description="When it was handed over.")
    begun_at: dt.datetime | None = strawberry.field(description="When the worker began.")
    ended_at: dt.datetime | None = strawberry.field(description="When it was done or cancelled.")

    is_type_of = record_of(BroadcastRow)


@strawberry.type(description="How a broadcast reads in one language, by the words that are in force.")
class BroadcastReading:
    language: Language = strawberry.field(description="Which language.")
    title: str = strawberry.field(resolver=of(lambda each: each.text.title), description="The title in the app.")
    body: str = strawberry.field(resolver=of(lambda each: each.text.body), description="The text in the app.")
    sms: str = strawberry.field(
        resolver=of(lambda each: each.text.sms), description="The text message with its signature."
    )
    sms_parts: int = strawberry.field(description="How many parts the network makes of it.")


@strawberry.type(description="What sending a broadcast would do.")
class BroadcastPreview:
    receivers: int = strawberry.field(description="To how many accounts it would go now.")
    readings: list[BroadcastReading] = strawberry.field(description="How it reads in each language.")

    is_type_of = record_of(sending.BroadcastPreview)


@strawberry.input(description="To whom a broadcast goes. What is left out does not narrow it.")
class BroadcastAudienceInput:
    kind: Audience = strawberry.field(description="To one, to holders of numbers, or to everybody.")
    user_id: strawberry.ID | None = strawberry.field(default=None, description="With USER: the account.")
    hospital_code: str | None = strawberry.field(
        default=None, description="With HOLDERS: the hospital; without it the own one, where a hospital's staff write."
    )
    department_code: str | None = strawberry.field(default=None, description="With HOLDERS: of this department.")
    external_id: str | None = strawberry.field(
        default=None, description="With HOLDERS: of this session, by the hospital's own id."
    )
    first_date: dt.date | None = strawberry.field(
        default=None, description="With HOLDERS: whose visit is on this date or later."
    )
    last_date: dt.date | None = strawberry.field(
        default=None, description="With HOLDERS: whose visit is on this date or earlier."
    )


@strawberry.input(description="What is to be told, to whom and when. Texts are plain.")
class BroadcastInput:
    audience: BroadcastAudienceInput = strawberry.field(description="To whom.")
    title_zh: str = strawberry.field(description="The Chinese title: one line of 1 to 40 characters.")
    body_zh: str = strawberry.field(description="The Chinese text: 1 to 500 characters.")
    title_en: str = strawberry.field(
        default="", description="The English title; with it goes an English text. Without them all read Chinese."
    )
    body_en: str = strawberry.field(default="", description="The English text.")
    by_sms: bool = strawberry.field(
        default=False,
        description="Send it by SMS as well: the platform's to those who chose that, a hospital's to those who did not "
        "decline, never to a number that opted out; at most 3 parts.",
    )
    not_before: dt.datetime | None = strawberry.field(
        default=None, description="From when on; without it at once. At most 90 days ahead."
    )
    useless_after: dt.datetime | None = strawberry.field(
        default=None, description="From when on nobody is told any more; without it everybody is."
    )

    def draft(self) -> Draft:
        """The same as the domain's record."""
        to = self.audience
        return Draft(
            AudienceChoice(
                to.kind,
                broadcasts.user_key(to.user_id),
                to.hospital_code,
                to.department_code,
                to.external_id,
                to.first_date,
                to.last_date,
            ),
            self.title_zh,
            self.body_zh,
            self.title_en,
            self.body_en,
            by_sms=self.by_sms,
            not_before=self.not_before,
            useless_after=self.useless_after,
        )


BroadcastPreviewResult = Annotated[
    BroadcastPreview | InvalidInput,
    strawberry.union("BroadcastPreviewResult", description="What sending would do, or why it could not be sent."),
]

_readers = may_any(*broadcasts.READERS)
_writers = may_any(*broadcasts.WRITERS)


@strawberry.type
class BroadcastQuery:
    @answers(
        Connection[Broadcast],
        "Broadcasts, the latest first: all, or those of the own hospital's staff.",
        only=_readers,
    )
    def broadcasts(
        self,
        info: Context,
        state: Annotated[BroadcastState | None, strawberry.argument(description="Only those that stand so.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[BroadcastRow]]:
        return broadcasts.broadcasts(info.context, state, first=first, after=after)

    @answers(Broadcast | None, "A broadcast by its id.", only=_readers)
    def broadcast(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Awaitable[BroadcastRow | None]:
        return broadcasts.broadcast(info.context, str(id))

    @answers(
        BroadcastPreviewResult,
        "To how many a broadcast would go, and how it reads. Nothing is sent.",
        only=_writers,
    )
    def broadcast_preview(
        self, info: Context, input: Annotated[BroadcastInput, strawberry.argument(description="What, to whom.")]
    ) -> Awaitable[sending.BroadcastPreview | InvalidInputRecord]:
        return broadcasts.preview(info.context, input.draft())
