"""Writing, deleting and reporting, each in one transaction with whatever it depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.audit_entry import AuditLog
from datasources.sql.contribution import Contribution, ContributionReport, ContributionState, ReportReason
from datasources.sql.contribution_reads import ContributionReads, Written
from datasources.sql.contributions import Contributions
from datasources.sql.database import Database
from datasources.sql.user_account import Verification
from domain.audit.actor import Actor
from domain.booking.reasons import plain_note
from domain.booking.refused import RealNameNeeded
from domain.discussion import rules
from domain.problems import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class TooManyContributions:
    """The author has written, or reported, as much as one may in a day."""

    next_at: datetime


@dataclass(frozen=True, slots=True)
class Deleted:
    """The author's own contribution is gone."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Reported:
    """The contribution was reported, by this call or before."""

    id: UUID


Refused = RealNameNeeded | TooManyContributions | InvalidInput


async def write_post(database: Database, actor: Actor, author_id: UUID, title: str, body: str) -> Written | Refused:
    """Publish a post, or let it wait for a moderator."""
    title, body = " ".join(rules.plain_text(title).split()), rules.plain_text(body)
    faults = rules.faults_of([("title", title, rules.LONGEST_TITLE), ("body", body, rules.LONGEST_POST)])
    if faults:
        return InvalidInput(faults)
    async with database.unit_of_work() as session:
        written = await _write(session, actor.now, _new(actor.now, author_id, None, title, body))
        if not isinstance(written, Contribution):
            return written
        found = await ContributionReads(session).post(author_id, written.id)
    return _there(found)


async def write_reply(
    database: Database, actor: Actor, author_id: UUID, post_id: UUID, body: str
) -> Written | Refused | NotFound:
    """Publish a reply to a post that the author sees, or let it wait for a moderator."""
    body = rules.plain_text(body)
    faults = rules.faults_of([("body", body, rules.LONGEST_REPLY)])
    if faults:
        return InvalidInput(faults)
    async with database.unit_of_work() as session:
        post = await ContributionReads(session).post(author_id, post_id)
        if post is None or post.state != ContributionState.VISIBLE:
            return NotFound()
        written = await _write(session, actor.now, _new(actor.now, author_id, post_id, "", body))
        if not isinstance(written, Contribution):
            return written
        found = await ContributionReads(session).reply(author_id, written.id)
    return _there(found)


async def delete_own(database: Database, actor: Actor, author_id: UUID, id: UUID) -> Deleted | NotFound:
    """Take the author's own words away. Doing it again finds nothing more."""
    async with database.unit_of_work() as session:
        if not await Contributions(session).delete_own(author_id, id):
            return NotFound()
        await AuditLog(session).append(actor.act("CONTRIBUTION_DELETED", "contribution", id))
    return Deleted(id)


async def report(
    database: Database, actor: Actor, reporter_id: UUID, id: UUID, reason: ReportReason, note: str
) -> Reported | NotFound | TooManyContributions:
    """Tell the moderators of something that everybody sees. Reporting it again changes nothing."""
    async with database.unit_of_work() as session:
        contributions = Contributions(session)
        await contributions.lock_author(reporter_id)
        found = await contributions.get(id)
        if found is None or found.author_id == reporter_id or found.state == ContributionState.DELETED:
            return NotFound()
        row = ContributionReport(
            contribution_id=id, reporter_id=reporter_id, reason=reason, note=plain_note(note), created_at=actor.now
        )
        if found.state != ContributionState.VISIBLE:
            return Reported(id) if await contributions.has_reported(reporter_id, id) else NotFound()
        before = await contributions.reports_since(reporter_id, actor.now - rules.DAY)
        next_at = rules.next_at(before, rules.MOST_REPORTS_A_DAY)
        if next_at is not None and not await contributions.has_reported(reporter_id, id):
            return TooManyContributions(next_at)
        if await contributions.report(row):
            await contributions.withhold_reported(id, rules.REPORTS_THAT_WITHHOLD)
    return Reported(id)


async def _write(session: AsyncSession, now: datetime, new: Contribution) -> Contribution | Refused:
    contributions, author_id = Contributions(session), new.author_id
    # One at a time for each account, so that the limits hold exactly.
    verification = await contributions.lock_author(author_id)
    if verification is not Verification.VERIFIED:
        return RealNameNeeded(verification)
    same = await contributions.same_since(author_id, now - rules.SAME_WITHIN, new)
    if same is not None:
        return same
    before: Sequence[datetime] = await contributions.written_since(
        author_id, now - rules.DAY, replies=new.post_id is not None
    )
    most = rules.MOST_POSTS_A_DAY if new.post_id is None else rules.MOST_REPLIES_A_DAY
    next_at = rules.next_at(before, most)
    if next_at is not None:
        return TooManyContributions(next_at)
    if not rules.needs_a_look(f"{new.title}\n{new.body}") and await contributions.was_approved(author_id):
        new.state = ContributionState.VISIBLE
    await contributions.add(new)
    return new


def _new(now: datetime, author_id: UUID, post_id: UUID | None, title: str, body: str) -> Contribution:
    return Contribution(
        id=uuid7(),
        post_id=post_id,
        author_id=author_id,
        title=title,
        body=body,
        state=ContributionState.PENDING,
        created_at=now,
    )


def _there(found: Written | None) -> Written:
    if found is None:
        raise LookupError("what was just written is not there")
    return found
