"""Writing, changing, publishing and withdrawing announcements. A hospital's staff have their own hospital's alone."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.announcement import Announcement, Announcements
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from domain.announcements.entry import AnnouncementTexts, clean_texts, clean_times
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.language import Words
from domain.permissions import Permission
from domain.problems import FieldProblem, InvalidInput, NotAllowed, NotFound, ProblemCode

NO_HOSPITAL = Words("没有这个编码的医院，或不是您的医院。", "There is no hospital with this code, or it is not yours.")


@dataclass(frozen=True, slots=True)
class AnnouncementCreated:
    """A draft."""

    announcement: Announcement


@dataclass(frozen=True, slots=True)
class AnnouncementEdited:
    """As it now reads."""

    announcement: Announcement


@dataclass(frozen=True, slots=True)
class AnnouncementPublished:
    """Everybody may read it in its time."""

    announcement: Announcement


@dataclass(frozen=True, slots=True)
class AnnouncementWithdrawn:
    """Nobody but editors can read it any more."""

    announcement: Announcement


Denied = NotFound | NotAllowed | InvalidInput


def reach(caller: StaffMember) -> str | None:
    """The hospital beyond which the caller edits nothing; None for everything."""
    if caller.hospital_code is None and Permission.EDIT_ANNOUNCEMENTS in caller.permissions:
        return None
    # A hospital's code is never empty, so whoever has neither reaches nothing.
    return caller.hospital_code or ""


async def create(
    database: Database, caller: StaffMember, hospital_code: str | None, given: AnnouncementTexts, actor: Actor
) -> AnnouncementCreated | InvalidInput:
    """Write a draft. A hospital's staff write their hospital's, whatever is left out."""
    within = reach(caller)
    texts = clean_texts(given)
    problems = list(texts) if isinstance(texts, list) else []
    hospital_code = hospital_code if within is None else hospital_code or within
    if within not in (None, hospital_code):
        problems.append(FieldProblem("hospitalCode", ProblemCode.UNKNOWN_REFERENCE, NO_HOSPITAL))
    if problems or isinstance(texts, list):
        return InvalidInput(problems)
    announcement = Announcement(
        id=uuid7(),
        hospital_code=hospital_code,
        created_at=actor.now,
        updated_at=actor.now,
        **asdict(texts),
    )
    async with database.unit_of_work() as session:
        if hospital_code is not None and await HospitalAccounts(session).get(hospital_code) is None:
            return InvalidInput([FieldProblem("hospitalCode", ProblemCode.UNKNOWN_REFERENCE, NO_HOSPITAL)])
        await Announcements(session).add(announcement)
        await _audit(session, actor, "ANNOUNCEMENT_CREATED", announcement, title=announcement.title_zh)
    return AnnouncementCreated(announcement)


async def edit(
    database: Database, caller: StaffMember, id: UUID, version: int, given: AnnouncementTexts, actor: Actor
) -> AnnouncementEdited | Denied:
    """Have it say this from now on, also where it is published already."""
    texts = clean_texts(given)
    if isinstance(texts, list):
        return InvalidInput(texts)
    async with database.unit_of_work() as session:
        changed = await _change(session, caller, id, version, asdict(texts), actor)
        if not isinstance(changed, Announcement):
            return changed
        await _audit(session, actor, "ANNOUNCEMENT_EDITED", changed, title=changed.title_zh)
    return AnnouncementEdited(changed)


async def publish(
    database: Database,
    caller: StaffMember,
    id: UUID,
    version: int,
    begin: datetime | None,
    end: datetime | None,
    actor: Actor,
) -> AnnouncementPublished | Denied:
    """Let everybody read it from `begin`, or at once, until `end`; also one that was withdrawn or has ended."""
    async with database.unit_of_work() as session:
        before = await Announcements(session).get(id, reach(caller))
        if before is None:
            return NotFound()
        was_readable = before.withdrawn_at is None and (
            before.published_until is None or before.published_until > actor.now
        )
        times = clean_times(begin, end, before.published_from if was_readable else None, actor.now)
        if isinstance(times, list):
            return InvalidInput(times)
        values = {"published_from": times.begin, "published_until": times.end, "withdrawn_at": None}
        changed = await _change(session, caller, id, version, values, actor)
        if not isinstance(changed, Announcement):
            return changed
        told = {"from": times.begin.isoformat(), "until": None if times.end is None else times.end.isoformat()}
        await _audit(session, actor, "ANNOUNCEMENT_PUBLISHED", changed, **told)
    return AnnouncementPublished(changed)


async def withdraw(database: Database, caller: StaffMember, id: UUID, actor: Actor) -> AnnouncementWithdrawn | NotFound:
    """Take it from the readers, at once, or put a draft away. Withdrawing again changes nothing."""
    async with database.unit_of_work() as session:
        before = await Announcements(session).get(id, reach(caller))
        if before is None:
            return NotFound()
        if before.withdrawn_at is not None:
            return AnnouncementWithdrawn(before)
        changed = await _change(session, caller, id, None, {"withdrawn_at": actor.now}, actor)
        if not isinstance(changed, Announcement):
            return NotFound()
        await _audit(session, actor, "ANNOUNCEMENT_WITHDRAWN", changed)
    return AnnouncementWithdrawn(changed)


async def _change(
    session: AsyncSession, caller: StaffMember, id: UUID, version: int | None, values: dict[str, Any], actor: Actor
) -> Announcement | NotFound | NotAllowed:
    announcements, within = Announcements(session), reach(caller)
    noted = {**values, "updated_at": actor.now}
    changed = await announcements.change(id, within, version, noted)
    if changed is not None:
        return changed
    there = await announcements.get(id, within)
    return NotFound() if there is None else NotAllowed(ProblemCode.CHANGED_MEANWHILE)


async def _audit(
    session: AsyncSession, actor: Actor, action: str, announcement: Announcement, **detail: object
) -> None:
    act = actor.act(
        action, "announcement", announcement.id, hospital_code=announcement.hospital_code, detail=dict(detail)
    )
    await AuditLog(session).append(act)
