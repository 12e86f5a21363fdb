"""What somebody wants to tell, to whom and when; what must be right about it; and how it will read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from datasources.sql.broadcast import Audience
from domain.language import Language, Words
from domain.messages.kinds import MessageKind
from domain.messages.rendering import Text
from domain.messages.signing import signed
from domain.messages.template_set import TemplateSet
from domain.problems import FieldProblem, ProblemCode
from domain.sms.parts import parts_of
from domain.two_languages import cleaned_words

LONGEST_TITLE = 40
LONGEST_BODY = 500
MOST_PARTS = 3
LONGEST_AHEAD = timedelta(days=90)

_PARTS = Words(
    "作为短信需 {parts} 条，至多 {most} 条；请缩短，或不发短信。",
    "As a text message it takes {parts} parts, and at most {most} are sent; shorten it, or send no text messages.",
)
_TIME = Words(
    "发送时间至多在 {days} 天之内，有效期须晚于发送时间。",
    "It may be sent at most {days} days ahead, and must be of use for longer than until then.",
)
_DATES = Words("结束日期不能早于开始日期。", "The last date is not before the first.")


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """To whom. What is None does not narrow it."""

    kind: Audience
    user_id: UUID | None = None
    hospital_code: str | None = None
    department_code: str | None = None
    external_id: str | None = None
    first_date: date | None = None
    last_date: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told. English is optional, but whole; without it everybody reads Chinese."""

    audience: AudienceChoice
    title_zh: str
    body_zh: str
    title_en: str = ""
    body_en: str = ""
    by_sms: bool = False
    not_before: datetime | None = None
    useless_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How it reads in one language."""

    language: Language
    text: Text
    """With the SMS signed, as it is sent."""
    sms_parts: int


def kind_of(audience: Audience) -> MessageKind:
    """As which kind of message it is told: people choose about a hospital's word to its patients by itself."""
    return MessageKind.HOSPITAL_NOTICE if audience is Audience.HOLDERS else MessageKind.NOTICE


def variables_of(draft: Draft, hospital_name: str) -> dict[str, str]:
    """What its messages are told with."""
    said = {
        "title_zh": draft.title_zh,
        "body_zh": draft.body_zh,
        "title_en": draft.title_en or draft.title_zh,
        "body_en": draft.body_en or draft.body_zh,
    }
    return {"hospital": hospital_name, **said} if draft.audience.kind is Audience.HOLDERS else said


def readings(draft: Draft, hospital_name: str, templates: TemplateSet) -> list[Reading]:
    """How it will read, by the words that are in force."""
    said = variables_of(draft, hospital_name)
    found = []
    for language in Language:
        text = templates.say(kind_of(draft.audience.kind), language, said)
        sms = signed(text.sms, language)
        found.append(Reading(language, Text(text.title, text.body, sms), parts_of(sms)))
    return found


def cleaned(given: Draft) -> Draft | list[FieldProblem]:
    """The draft with its texts as they are stored, or what is wrong with them."""
    clean, problems = cleaned_words(given, "body", longest_title=LONGEST_TITLE, longest_text=LONGEST_BODY)
    return problems or Draft(
        given.audience, by_sms=given.by_sms, not_before=given.not_before, useless_after=given.useless_after, **clean
    )


def time_problems(draft: Draft, now: datetime) -> list[FieldProblem]:
    """What is wrong with its times and dates."""
    problems = []
    begin, last = draft.not_before or now, draft.useless_after
    if begin > now + LONGEST_AHEAD:
        problems.append(FieldProblem("notBefore", ProblemCode.OUT_OF_RANGE, _TIME, {"days": LONGEST_AHEAD.days}))
    if last is not None and not max(begin, now) < last < now + 2 * LONGEST_AHEAD:
        problems.append(FieldProblem("uselessAfter", ProblemCode.OUT_OF_RANGE, _TIME, {"days": LONGEST_AHEAD.days}))
    chosen = draft.audience
    if chosen.first_date is not None and chosen.last_date is not None and chosen.last_date < chosen.first_date:
        problems.append(FieldProblem("audience.lastDate", ProblemCode.OUT_OF_RANGE, _DATES))
    return problems


def length_problems(draft: Draft, read: Sequence[Reading]) -> list[FieldProblem]:
    """Which texts are too long for text messages, if such are to be sent."""
    if not draft.by_sms:
        return []
    fields = {Language.CHINESE: "bodyZh", Language.ENGLISH: "bodyEn" if draft.body_en else "bodyZh"}
    too_long = {fields[each.language]: each.sms_parts for each in read if each.sms_parts > MOST_PARTS}
    return [
        FieldProblem(field, ProblemCode.TOO_LONG, _PARTS, {"parts": parts, "most": MOST_PARTS})
        for field, parts in too_long.items()
    ]
