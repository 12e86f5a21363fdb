"""The words of messages, as administrators see and change them."""

from dataclasses import dataclass

from datasources.sql.message_template import MessageTemplateVersion, MessageTemplateVersions
from domain.language import Language
from domain.messages.channels import SMS_USE, SmsUse
from domain.messages.kinds import VARIABLES, MessageKind, Value
from domain.messages.rendering import Text
from domain.messages.templates import editing
from domain.messages.templates.rules import TemplatePreview, previewed, required
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotAllowed
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_number, sql_page
from resolvers.staff_callers import staff_with

READERS = (Permission.READ_MESSAGES, Permission.EDIT_TEMPLATES)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a kind may be written with."""

    name: str
    type: Value
    is_required: bool


async def templates(context: RequestContext, kind: MessageKind | None) -> list[editing.TemplateView]:
    """The words in force."""
    staff_with(context, *READERS)
    return await editing.templates(context.stores.sql, kind)


async def versions(
    context: RequestContext, kind: MessageKind, language: Language, *, first: int, after: str | None
) -> Page[MessageTemplateVersion]:
    """What was said before, the latest first."""
    staff_with(context, *READERS)
    return await sql_page(
        context,
        by_number(f"messageTemplateVersions.{kind}.{language}", lambda each: each.version),
        first,
        after,
        read=lambda session, behind, limit: MessageTemplateVersions(session).page(kind, language, behind, limit),
        count=lambda session: MessageTemplateVersions(session).count(kind, language),
    )


async def preview(
    context: RequestContext, kind: MessageKind, language: Language, text: Text
) -> TemplatePreview | InvalidInput:
    """How these words would read."""
    staff_with(context, Permission.EDIT_TEMPLATES)
    return editing.preview(kind, language, text, context.zone)


async def change(
    context: RequestContext, kind: MessageKind, language: Language, version: int, text: Text
) -> editing.TemplateChanged | NotAllowed | InvalidInput:
    """Have this said from now on."""
    staff = staff_with(context, Permission.EDIT_TEMPLATES)
    return await editing.change(
        context.stores.sql, kind, language, version, text, context.zone, staff.staff_id, actor(context)
    )


async def reset(
    context: RequestContext, kind: MessageKind, language: Language, version: int
) -> editing.TemplateReset | NotAllowed:
    """Have the code's own words said again."""
    staff = staff_with(context, Permission.EDIT_TEMPLATES)
    return await editing.reset(context.stores.sql, kind, language, version, staff.staff_id, actor(context))


def sample(context: RequestContext, view: editing.TemplateView) -> TemplatePreview:
    """How the words in force read with a sample's values."""
    return previewed(view.kind, view.language, view.text, context.zone)


def variables(view: editing.TemplateView) -> list[Variable]:
    """What the words may name."""
    needed = required(view.kind, view.language)
    return [Variable(name, value, name in needed) for name, value in VARIABLES[view.kind].items()]


def sms_use(view: editing.TemplateView) -> SmsUse:
    """Whether the kind goes by SMS."""
    return SMS_USE[view.kind]
