"""How people want to be told: by SMS or not for each kind that leaves a choice, and in which language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from datasources.sql.database import Database
from datasources.sql.message_choice import MessageChoices
from domain.language import Language, Words
from domain.messages.channels import SMS_USE, SmsUse, wants_sms
from domain.messages.kinds import MessageKind
from domain.problems import FieldProblem, InvalidInput, ProblemCode

_NO_CHOICE = Words("{kind} 的短信不可更改。", "Whether {kind} goes by SMS can't be chosen.")


@dataclass(frozen=True, slots=True)
class KindSetting:
    """Whether a kind goes to somebody by SMS."""

    kind: MessageKind
    sms: bool
    can_choose: bool


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """How somebody is told."""

    language: Language
    kinds: Sequence[KindSetting]


async def settings_of(database: Database, user_id: UUID) -> MessageSettings:
    """How this account is told."""
    async with database.read() as session:
        choices = MessageChoices(session)
        chosen = await choices.of([user_id])
        languages = await choices.languages_of([user_id])
    return MessageSettings(
        Language(languages.get(user_id, Language.CHINESE)),
        [
            KindSetting(kind, wants_sms(kind, chosen.get((user_id, kind))), can_choose(kind))
            for kind in MessageKind
            if SMS_USE[kind] is not SmsUse.NEVER
        ],
    )


async def choose(
    database: Database, user_id: UUID, language: Language | None, sms: Mapping[MessageKind, bool]
) -> MessageSettings | InvalidInput:
    """Change how this account is told; what is not named stays as it is."""
    fixed = [kind for kind in sms if not can_choose(kind)]
    if fixed:
        return InvalidInput([FieldProblem("sms", ProblemCode.OUT_OF_RANGE, _NO_CHOICE, {"kind": fixed[0]})])
    async with database.unit_of_work() as session:
        choices = MessageChoices(session)
        if language is not None:
            await choices.choose_language(user_id, language)
        for kind, wanted in sms.items():
            await choices.choose(user_id, kind, sms=wanted)
    return await settings_of(database, user_id)


def can_choose(kind: MessageKind) -> bool:
    """Whether people may turn the kind's SMS on and off."""
    return SMS_USE[kind] in (SmsUse.IF_CHOSEN, SmsUse.UNLESS_DECLINED)
