"""Changing the words of a kind of message, and going back to the code's own. Every version is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.message_template import (
    MessageTemplate,
    MessageTemplates,
    MessageTemplateVersion,
    MessageTemplateVersions,
)
from domain.audit.actor import Actor
from domain.language import Language
from domain.messages.default_texts import DEFAULT_TEXTS
from domain.messages.kinds import MessageKind
from domain.messages.rendering import Text
from domain.messages.templates.rules import TemplatePreview, cleaned, length_problems, previewed
from domain.problems import InvalidInput, NotAllowed, ProblemCode


@dataclass(frozen=True, slots=True)
class TemplateView:
    """The words of a kind in one language, as they are in force."""

    kind: MessageKind
    language: Language
    text: Text
    is_default: bool
    version: int
    """0 while nobody ever changed them."""
    updated_at: datetime | None
    """When they were changed last; None for the code's own."""


@dataclass(frozen=True, slots=True)
class TemplateChanged:
    """As the words now are."""

    template: TemplateView


@dataclass(frozen=True, slots=True)
class TemplateReset:
    """The code's own words are said again."""

    template: TemplateView


async def templates(database: Database, kind: MessageKind | None) -> list[TemplateView]:
    """The words of every kind, or of one, in every language."""
    async with database.read() as session:
        changed = {(row.kind, row.language): row for row in await MessageTemplates(session).all()}
        versions = await MessageTemplateVersions(session).latest()
    kinds: Sequence[MessageKind] = list(MessageKind) if kind is None else [kind]
    return [
        _view(each, language, changed.get((each, language)), versions.get((each, language), 0))
        for each in kinds
        for language in Language
    ]


def preview(kind: MessageKind, language: Language, given: Text, zone: tzinfo) -> TemplatePreview | InvalidInput:
    """How these words would read, with how many parts of SMS."""
    clean = cleaned(kind, language, given)
    return InvalidInput(clean) if isinstance(clean, list) else previewed(kind, language, clean, zone)


async def change(
    database: Database,
    kind: MessageKind,
    language: Language,
    version: int,
    given: Text,
    zone: tzinfo,
    staff_id: UUID,
    actor: Actor,
) -> TemplateChanged | NotAllowed | InvalidInput:
    """Have this said from now on, also of what waits in the outbox."""
    clean = cleaned(kind, language, given)
    problems = clean if isinstance(clean, list) else length_problems(previewed(kind, language, clean, zone))
    if isinstance(clean, list) or problems:
        return InvalidInput(problems)
    async with database.unit_of_work() as session:
        if not await _noted(session, kind, language, version, clean, staff_id, actor, is_default=False):
            return NotAllowed(ProblemCode.CHANGED_MEANWHILE)
        row = MessageTemplate(
            kind=kind,
            language=language,
            title=clean.title,
            body=clean.body,
            sms=clean.sms,
            updated_at=actor.now,
            updated_by=staff_id,
        )
        await MessageTemplates(session).put(row)
        await _audit(session, actor, "TEMPLATE_CHANGED", kind, language, version + 1)
    return TemplateChanged(_view(kind, language, row, version + 1))


async def reset(
    database: Database, kind: MessageKind, language: Language, version: int, staff_id: UUID, actor: Actor
) -> TemplateReset | NotAllowed:
    """Have the code's own words said again."""
    async with database.unit_of_work() as session:
        text = DEFAULT_TEXTS[kind, language]
        if not await _noted(session, kind, language, version, text, staff_id, actor, is_default=True):
            return NotAllowed(ProblemCode.CHANGED_MEANWHILE)
        await MessageTemplates(session).remove(kind, language)
        await _audit(session, actor, "TEMPLATE_RESET", kind, language, version + 1)
    return TemplateReset(_view(kind, language, None, version + 1))


async def _noted(
    session: AsyncSession,
    kind: MessageKind,
    language: Language,
    version: int,
    text: Text,
    staff_id: UUID,
    actor: Actor,
    *,
    is_default: bool,
) -> bool:
    return await MessageTemplateVersions(session).add(
        MessageTemplateVersion(
            kind=kind,
            language=language,
            version=version + 1,
            title=text.title,
            body=text.body,
            sms=text.sms,
            is_default=is_default,
            saved_at=actor.now,
            saved_by=staff_id,
        )
    )


def _view(kind: MessageKind, language: Language, row: MessageTemplate | None, version: int) -> TemplateView:
    if row is None:
        return TemplateView(kind, language, DEFAULT_TEXTS[kind, language], True, version, None)
    return TemplateView(kind, language, Text(row.title, row.body, row.sms), False, version, row.updated_at)


async def _audit(
    session: AsyncSession, actor: Actor, action: str, kind: MessageKind, language: Language, version: int
) -> None:
    detail = {"language": str(language), "version": version}
    await AuditLog(session).append(actor.act(action, "message_template", kind, detail=detail))
