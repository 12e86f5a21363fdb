"""What an announcement's texts and times must be like. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from datasources.sql.announcement import AnnouncementKind
from domain.language import Words
from domain.problems import FieldProblem, ProblemCode
from domain.two_languages import cleaned_words

LONGEST_TITLE = 80
LONGEST_TEXT = 10_000
LONGEST_AHEAD = timedelta(days=3 * 365)

_ORDER = Words("结束时间须晚于开始时间和当前时间。", "It must end after it begins, and after now.")
_FAR = Words("时间至多在 {days} 天之内。", "The time may be at most {days} days ahead.")


@dataclass(frozen=True, slots=True)
class AnnouncementTexts:
    """What an announcement says. English is optional, but whole."""

    kind: AnnouncementKind
    title_zh: str
    text_zh: str
    title_en: str = ""
    text_en: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ReadableTimes:
    """From when until when everybody may read it; without an end, until it is withdrawn."""

    begin: datetime
    end: datetime | None


def clean_texts(given: AnnouncementTexts) -> AnnouncementTexts | list[FieldProblem]:
    """The texts as they are stored, or what is wrong with them."""
    clean, problems = cleaned_words(given, "text", longest_title=LONGEST_TITLE, longest_text=LONGEST_TEXT)
    return problems or AnnouncementTexts(given.kind, pinned=given.pinned, **clean)


def clean_times(
    begin: datetime | None, end: datetime | None, published_from: datetime | None, now: datetime
) -> ReadableTimes | list[FieldProblem]:
    """When it can be read, or what is wrong with these times. Without a begin it is now, or stays what it was; nothing
    is dated back."""
    if begin is None:
        begin = published_from or now
    elif begin < now:
        begin = min(now, published_from or now)
    problems = [
        FieldProblem(field, ProblemCode.OUT_OF_RANGE, _FAR, {"days": LONGEST_AHEAD.days})
        for field, moment in (("from", begin), ("until", end))
        if moment is not None and moment > now + LONGEST_AHEAD
    ]
    if end is not None and end <= max(begin, now):
        problems.append(FieldProblem("until", ProblemCode.OUT_OF_RANGE, _ORDER))
    return problems or ReadableTimes(begin, end)
