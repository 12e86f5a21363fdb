"""The discussion area: what everybody reads, and what verified accounts write."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.contribution import ContributionState, ReportReason
from datasources.sql.contribution_reads import Written
from domain import problems
from domain.discussion import writing
from domain.page import Page
from domain.problems import ProblemCode
from resolvers import discussion
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.booking_problems import RealNameNeeded
from schema.connection import Connection
from schema.permissions import IsUser
from schema.problems import InvalidInput, NotFound, Problem, record_of

described_enum(
    ContributionState,
    "Where a post or reply of the discussion area stands.",
    {
        "PENDING": "A moderator has to look at it first; only its author sees it.",
        "VISIBLE": "Everybody sees it.",
        "HIDDEN": "A moderator hid it; only its author sees it, and why.",
        "DELETED": "Its author deleted it; nobody sees it, and its words are gone.",
    },
)
described_enum(
    ReportReason,
    "What is wrong with a post or reply.",
    {
        "PERSONAL_DATA": "It shows somebody's personal data.",
        "ADVERTISING": "It advertises, or leads elsewhere.",
        "ABUSE": "It abuses or threatens somebody.",
        "FALSE_INFORMATION": "It is wrong in a way that can harm.",
        "OTHER": "Something else; say what in the note.",
    },
)


@strawberry.type(description="A post of the discussion area. Its author is known by a nickname alone.")
class Post:
    id: strawberry.ID = strawberry.field(resolver=of(lambda row: str(row.id)), description="For `post` and `replies`.")
    title: str = strawberry.field(description="What it is about.")
    body: str = strawberry.field(description="Plain text; line breaks count.")
    author_name: str = strawberry.field(
        resolver=on(discussion.author_name), description="The author's nickname, or a name made up for want of one."
    )
    is_own: bool = strawberry.field(resolver=on(discussion.is_own), description="Whether the caller wrote it.")
    state: ContributionState = strawberry.field(
        resolver=of(lambda row: ContributionState(row.state)), description="VISIBLE, but for one's own."
    )
    hidden_reason: str | None = strawberry.field(
        resolver=on(discussion.hidden_reason), description="Why a moderator hid it; null unless it is hidden."
    )
    reply_count: int = strawberry.field(description="How many replies everybody sees.")
    created_at: dt.datetime = strawberry.field(description="When it was written.")


@strawberry.type(description="A reply to a post. Its author is known by a nickname alone.")
class Reply:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda row: str(row.id)), description="For `deleteContribution` and `reportContribution`."
    )
    post_id: strawberry.ID = strawberry.field(
        resolver=of(lambda row: str(row.post_id)), description="The post that it replies to."
    )
    body: str = strawberry.field(description="Plain text; line breaks count.")
    author_name: str = strawberry.field(
        resolver=on(discussion.author_name), description="The author's nickname, or a name made up for want of one."
    )
    is_own: bool = strawberry.field(resolver=on(discussion.is_own), description="Whether the caller wrote it.")
    state: ContributionState = strawberry.field(
        resolver=of(lambda row: ContributionState(row.state)), description="VISIBLE, but for one's own."
    )
    hidden_reason: str | None = strawberry.field(
        resolver=on(discussion.hidden_reason), description="Why a moderator hid it; null unless it is hidden."
    )
    created_at: dt.datetime = strawberry.field(description="When it was written.")


@strawberry.type(description="The post is published, or waits for a moderator.")
class PostCreated:
    post: Post = strawberry.field(description="The post; its state says which.")

    is_type_of = record_of(discussion.PostCreated)


@strawberry.type(description="The reply is published, or waits for a moderator.")
class ReplyCreated:
    reply: Reply = strawberry.field(description="The reply; its state says which.")

    is_type_of = record_of(discussion.ReplyCreated)


@strawberry.type(description="The caller's own post or reply is gone; replies of others to it are out of sight.")
class ContributionDeleted:
    id: strawberry.ID = strawberry.field(resolver=of(lambda done: str(done.id)), description="Its id.")

    is_type_of = record_of(writing.Deleted)


@strawberry.type(description="Moderators know of it.")
class ContributionReported:
    id: strawberry.ID = strawberry.field(resolver=of(lambda done: str(done.id)), description="What was reported.")

    is_type_of = record_of(writing.Reported)


@strawberry.type(description="The caller has written, or reported, as much as one may in a day.")
class TooManyContributions(Problem):
    message: str = strawberry.field(resolver=on(discussion.of_too_many), description="When to go on.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_CONTRIBUTIONS), description="TOO_MANY_CONTRIBUTIONS."
    )
    next_at: dt.datetime = strawberry.field(description="From when on the next is taken.")

    is_type_of = record_of(writing.TooManyContributions)


@strawberry.input(description="A post for the discussion area.")
class CreatePostInput:
    title: str = strawberry.field(description="What it is about: 1 to 80 characters.")
    body: str = strawberry.field(description="Plain text, 1 to 4000 characters.")


@strawberry.input(description="A reply to a post.")
class CreateReplyInput:
    post_id: strawberry.ID = strawberry.field(description="The post.")
    body: str = strawberry.field(description="Plain text, 1 to 1000 characters.")


@strawberry.input(description="Which of the caller's own posts or replies to delete.")
class DeleteContributionInput:
    id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.input(description="Which post or reply is wrong, and how.")
class ReportContributionInput:
    id: strawberry.ID = strawberry.field(description="Its id.")
    reason: ReportReason = strawberry.field(description="What is wrong.")
    note: str = strawberry.field(default="", description="More about it; at most 200 characters are kept.")


CreatePostResult = Annotated[
    PostCreated | RealNameNeeded | TooManyContributions | InvalidInput,
    strawberry.union("CreatePostResult", description="What became of the post."),
]
CreateReplyResult = Annotated[
    ReplyCreated | RealNameNeeded | TooManyContributions | NotFound | InvalidInput,
    strawberry.union("CreateReplyResult", description="What became of the reply."),
]
DeleteContributionResult = Annotated[
    ContributionDeleted | NotFound | InvalidInput,
    strawberry.union("DeleteContributionResult", description="What became of deleting."),
]
ReportContributionResult = Annotated[
    ContributionReported | TooManyContributions | NotFound | InvalidInput,
    strawberry.union("ReportContributionResult", description="What became of the report."),
]


@strawberry.type
class DiscussionQuery:
    @answers(
        Connection[Post],
        "Posts of the discussion area, the latest first; the caller's own also while nobody else sees them.",
    )
    def posts(self, info: Context, first: First = 20, after: After = None) -> Awaitable[Page[Written]]:
        return discussion.posts(info.context, first, after)

    @answers(Post | None, "One post; null if there is none that the caller sees.")
    def post(
        self, info: Context, id: Annotated[strawberry.ID, strawberry.argument(description="The post's id.")]
    ) -> Awaitable[Written | None]:
        return discussion.post(info.context, str(id))

    @answers(Connection[Reply], "The replies to a post, the earliest first.")
    def replies(
        self,
        info: Context,
        post_id: Annotated[strawberry.ID, strawberry.argument(description="The post's id.")],
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[Written]]:
        return discussion.replies(info.context, str(post_id), first, after)


@strawberry.type
class DiscussionMutation:
    @mutates(
        CreatePostResult,
        "Write a post. The account must be verified by real name. An author's first contributions, and what looks like"
        " a way to reach somebody, wait for a moderator. The same words again within ten minutes are the same post.",
        only=IsUser,
    )
    def create_post(
        self, info: Context, input: Annotated[CreatePostInput, strawberry.argument(description="The post.")]
    ) -> Awaitable[discussion.PostCreated | writing.Refused]:
        return discussion.create_post(info.context, input.title, input.body)

    @mutates(CreateReplyResult, "Reply to a post. The same holds as for `createPost`.", only=IsUser)
    def create_reply(
        self, info: Context, input: Annotated[CreateReplyInput, strawberry.argument(description="The reply.")]
    ) -> Awaitable[discussion.ReplyCreated | writing.Refused | problems.NotFound]:
        return discussion.create_reply(info.context, str(input.post_id), input.body)

    @mutates(DeleteContributionResult, "Delete one of the caller's own posts or replies for good.", only=IsUser)
    def delete_contribution(
        self, info: Context, input: Annotated[DeleteContributionInput, strawberry.argument(description="Which one.")]
    ) -> Awaitable[writing.Deleted | problems.NotFound]:
        return discussion.delete_own(info.context, str(input.id))

    @mutates(
        ReportContributionResult,
        "Tell the moderators what is wrong with somebody's post or reply. Doing it again changes nothing. What several"
        " people report waits out of sight until a moderator has looked.",
        only=IsUser,
    )
    def report_contribution(
        self,
        info: Context,
        input: Annotated[ReportContributionInput, strawberry.argument(description="Which one, and why.")],
    ) -> Awaitable[writing.Reported | problems.NotFound | writing.TooManyContributions]:
        return discussion.report(info.context, str(input.id), input.reason, input.note)
