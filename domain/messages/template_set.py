"""The words in force: the code's own, and what administrators put in their place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.message_template import MessageTemplate, MessageTemplates
from domain.language import Language
from domain.messages.default_texts import DEFAULT_TEXTS
from domain.messages.kinds import MessageKind
from domain.messages.rendering import Text, rendered


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """A text for every kind and language."""

    texts: Mapping[tuple[MessageKind, Language], Text]

    def of(self, kind: MessageKind, language: Language) -> Text:
        """What is said of this kind in this language."""
        return self.texts[kind, language]

    def say(self, kind: MessageKind, language: Language, values: Mapping[str, str]) -> Text:
        """The same with its variables, written for people, put in."""
        text = self.of(kind, language)
        return Text(rendered(text.title, values), rendered(text.body, values), rendered(text.sms, values))


def template_set(changed: Iterable[MessageTemplate]) -> TemplateSet:
    """The code's own words with these in their place. Pure."""
    texts = dict(DEFAULT_TEXTS)
    for row in changed:
        if row.kind in MessageKind.__members__:
            texts[MessageKind(row.kind), Language(row.language)] = Text(row.title, row.body, row.sms)
    return TemplateSet(texts)


async def templates_in_force(session: AsyncSession) -> TemplateSet:
    """The words as they now are."""
    return template_set(await MessageTemplates(session).all())
