"""The discussion area as its readers, its authors and its moderators meet it."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.contribution import ContributionState, ReportReason
from datasources.sql.contribution_reads import ContributionReads, Moderated, Written
from domain.callers import SignedInUser
from domain.discussion import moderating, rules, writing
from domain.language import Words
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_moment, sql_page
from resolvers.patients import owner_of
from resolvers.staff_callers import staff_with

_TOO_MANY = Words("今天已达上限，请稍后再来。", "That is all for one day; come back later.")


@dataclass(frozen=True, slots=True)
class PostCreated:
    """A new post."""

    post: Written


@dataclass(frozen=True, slots=True)
class ReplyCreated:
    """A new reply."""

    reply: Written


async def posts(context: RequestContext, first: int, after: str | None) -> Page[Written]:
    """Posts that the caller sees, the latest first."""
    reader = _reader(context)
    return await sql_page(
        context,
        by_moment("posts", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: ContributionReads(session).posts(reader, limit, behind),
        count=lambda session: ContributionReads(session).post_count(reader),
    )


async def post(context: RequestContext, id: str) -> Written | None:
    """One post, if the caller sees it."""
    key = _uuid(id)
    if key is None:
        return None
    async with context.stores.sql.read() as session:
        return await ContributionReads(session).post(_reader(context), key)


async def replies(context: RequestContext, post_id: str, first: int, after: str | None) -> Page[Written]:
    """The replies to a post that the caller sees, the earliest first; none to a post that the caller doesn't."""
    reader, key = _reader(context), _uuid(post_id) or UUID(int=0)
    return await sql_page(
        context,
        by_moment(f"replies/{key}", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: ContributionReads(session).replies(reader, key, limit, behind),
        count=lambda session: ContributionReads(session).reply_count(reader, key),
    )


async def create_post(context: RequestContext, title: str, body: str) -> PostCreated | writing.Refused:
    """Write a post."""
    author = owner_of(context).user_id
    answer = await writing.write_post(context.stores.sql, actor(context), author, title, body)
    return PostCreated(answer) if isinstance(answer, Written) else answer


async def create_reply(context: RequestContext, post_id: str, body: str) -> ReplyCreated | writing.Refused | NotFound:
    """Write a reply."""
    author, key = owner_of(context).user_id, _uuid(post_id)
    if key is None:
        return NotFound()
    answer = await writing.write_reply(context.stores.sql, actor(context), author, key, body)
    return ReplyCreated(answer) if isinstance(answer, Written) else answer


async def delete_own(context: RequestContext, id: str) -> writing.Deleted | NotFound:
    """Delete one of the caller's own."""
    author, key = owner_of(context).user_id, _uuid(id)
    return NotFound() if key is None else await writing.delete_own(context.stores.sql, actor(context), author, key)


async def report(
    context: RequestContext, id: str, reason: ReportReason, note: str
) -> writing.Reported | NotFound | writing.TooManyContributions:
    """Report somebody else's."""
    reporter, key = owner_of(context).user_id, _uuid(id)
    if key is None:
        return NotFound()
    return await writing.report(context.stores.sql, actor(context), reporter, key, reason, note)


async def moderation_queue(
    context: RequestContext, state: ContributionState | None, first: int, after: str | None
) -> Page[Moderated]:
    """What waits for a moderator, or all of one state, the earliest first."""
    staff_with(context, Permission.MODERATE_DISCUSSION)
    return await sql_page(
        context,
        by_moment(f"moderation/{state}", lambda each: each.written.created_at, lambda each: each.written.id),
        first,
        after,
        read=lambda session, behind, limit: ContributionReads(session).to_decide(state, limit, behind),
        count=lambda session: ContributionReads(session).to_decide_count(state),
    )


async def moderate(
    context: RequestContext, id: str, decision: moderating.Decision, reason: str
) -> moderating.Decided | NotFound | InvalidInput:
    """Show or hide a contribution."""
    staff_with(context, Permission.MODERATE_DISCUSSION)
    key = _uuid(id)
    if key is None:
        return NotFound()
    return await moderating.decide(context.stores.sql, actor(context), key, decision, reason)


def author_name(context: RequestContext, written: Written) -> str:
    """What stands for the author."""
    return rules.shown_name(written.nickname, written.author_id).say(context.language)


def is_own(context: RequestContext, written: Written) -> bool:
    """Whether the caller wrote it."""
    return written.author_id == _reader(context)


def hidden_reason(context: RequestContext, written: Written) -> str | None:
    """Why it is hidden: told to its author and to moderators."""
    return written.hidden_reason or None


def of_too_many(context: RequestContext, _problem: writing.TooManyContributions) -> str:
    """When to go on."""
    return _TOO_MANY.say(context.language)


def _reader(context: RequestContext) -> UUID | None:
    return context.caller.user_id if isinstance(context.caller, SignedInUser) else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
