"""What an announcement's texts and times must be like. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from datasources.sql.announcement import AnnouncementKind
from domain.language import Words
from domain.plain_text import plain_line, plain_text
from domain.problems import FieldProblem, ProblemCode

LONGEST_TITLE = 80
LONGEST_TEXT = 10_000
LONGEST_AHEAD = timedelta(days=3 * 365)

_TITLE = Words(
    "标题须为 1 至 {most} 个字符，一行，不含控制字符。",
    "A title is one line of 1 to {most} characters without control characters.",
)
_TEXT = Words(
    "正文须为 1 至 {most} 个字符的纯文本，不含控制字符。",
    "The text is plain, 1 to {most} characters without control characters.",
)
_BOTH = Words(
    "英文标题与英文正文须同时填写或同时留空。", "Give both the English title and the English text, or neither."
)
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
    problems: list[FieldProblem] = []
    clean: dict[str, str] = {}
    for name, field in (("title_zh", "titleZh"), ("title_en", "titleEn")):
        line = plain_line(getattr(given, name))
        if line is None or len(line) > LONGEST_TITLE or (not line and name == "title_zh"):
            problems.append(FieldProblem(field, ProblemCode.MALFORMED, _TITLE, {"most": LONGEST_TITLE}))
        clean[name] = line or ""
    for name, field in (("text_zh", "textZh"), ("text_en", "textEn")):
        text = plain_text(getattr(given, name))
        if text is None or len(text) > LONGEST_TEXT or (not text and name == "text_zh"):
            problems.append(FieldProblem(field, ProblemCode.MALFORMED, _TEXT, {"most": LONGEST_TEXT}))
        clean[name] = text or ""
    if not problems and bool(clean["title_en"]) != bool(clean["text_en"]):
        missing = "textEn" if clean["title_en"] else "titleEn"
        problems.append(FieldProblem(missing, ProblemCode.MISSING, _BOTH))
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
