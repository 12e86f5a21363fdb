"""The discussion area as its moderators see it."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.contribution import ContributionState, ReportReason
from datasources.sql.contribution_reads import Moderated
from domain import problems
from domain.discussion import moderating
from domain.page import Page
from domain.permissions import Permission
from resolvers import discussion
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.connection import Connection
from schema.permissions import may
from schema.problems import InvalidInput, NotFound, record_of

described_enum(
    moderating.Decision,
    "What becomes of a post or reply.",
    {"SHOW": "Everybody sees it.", "HIDE": "Only its author sees it, with the reason."},
)


@strawberry.type(description="What a reader finds wrong. Who it was, isn't told.")
class ContributionReport:
    reason: ReportReason = strawberry.field(
        resolver=of(lambda row: ReportReason(row.reason)), description="What is wrong."
    )
    note: str = strawberry.field(description="The reader's own words.")
    created_at: dt.datetime = strawberry.field(description="When it was reported.")


@strawberry.type(description="A post or reply of the discussion area, as moderators see it.")
class Contribution:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda row: str(row.written.id)), description="For `moderateContribution`."
    )
    post_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda row: row.written.post_id and str(row.written.post_id)),
        description="Of a reply: the post. Null for a post.",
    )
    title: str = strawberry.field(
        resolver=of(lambda row: row.written.title or row.post_title), description="Of a reply: its post's."
    )
    body: str = strawberry.field(resolver=of(lambda row: row.written.body), description="Plain text.")
    author_name: str = strawberry.field(
        resolver=on(lambda context, row: discussion.author_name(context, row.written)),
        description="As readers see it.",
    )
    state: ContributionState = strawberry.field(
        resolver=of(lambda row: ContributionState(row.written.state)), description="Where it stands."
    )
    hidden_reason: str | None = strawberry.field(
        resolver=of(lambda row: row.written.hidden_reason or None), description="Why it is hidden."
    )
    created_at: dt.datetime = strawberry.field(
        resolver=of(lambda row: row.written.created_at), description="When it was written."
    )
    reports: list[ContributionReport] = strawberry.field(
        description="What readers reported and no moderator has decided on yet, the earliest first."
    )


@strawberry.type(description="The decision holds, and is in the audit log.")
class ContributionModerated:
    contribution: Contribution = strawberry.field(
        resolver=of(lambda decided: decided.moderated), description="As it now is."
    )

    is_type_of = record_of(moderating.Decided)


@strawberry.input(description="What becomes of which post or reply.")
class ModerateContributionInput:
    id: strawberry.ID = strawberry.field(description="Its id.")
    decision: moderating.Decision = strawberry.field(description="Whether it is shown.")
    reason: str = strawberry.field(
        default="", description="Needed to hide; the author reads it. At most 200 characters."
    )


ModerateContributionResult = Annotated[
    ContributionModerated | NotFound | InvalidInput,
    strawberry.union("ModerateContributionResult", description="What became of the decision."),
]


@strawberry.type
class ModerationQuery:
    @answers(
        Connection[Contribution],
        "Posts and replies that wait for a moderator or were reported, the earliest first; or all of one state.",
        only=may(Permission.MODERATE_DISCUSSION),
    )
    def moderation_queue(
        self,
        info: Context,
        state: Annotated[
            ContributionState | None, strawberry.argument(description="Those of this state instead.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[Moderated]]:
        return discussion.moderation_queue(info.context, state, first, after)


@strawberry.type
class ModerationMutation:
    @mutates(
        ModerateContributionResult,
        "Show or hide a post or reply. It settles what was reported of it, and is recorded in the audit log.",
        only=may(Permission.MODERATE_DISCUSSION),
    )
    def moderate_contribution(
        self,
        info: Context,
        input: Annotated[ModerateContributionInput, strawberry.argument(description="Which one, and how.")],
    ) -> Awaitable[moderating.Decided | problems.NotFound | problems.InvalidInput]:
        return discussion.moderate(info.context, str(input.id), input.decision, input.reason)
