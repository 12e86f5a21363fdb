"""Making the words of a message out of a template and its variables. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from domain.language import Language, Words
from domain.messages.kinds import Value

_PLACE = re.compile(r"\{([a-z_]+)\}")
_HALF_DAYS = {"AM": Words("上午", "morning"), "PM": Words("下午", "afternoon")}
_ANY_DOCTOR = Words("普通门诊", "general session")
_WEEKDAYS = (
    Words("周一", "Mon"),
    Words("周二", "Tue"),
    Words("周三", "Wed"),
    Words("周四", "Thu"),
    Words("周五", "Fri"),
    Words("周六", "Sat"),
    Words("周日", "Sun"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Text:
    """What is said of one kind in one language, with `{name}` places for variables."""

    title: str
    body: str
    sms: str = ""
    """Without signature; empty sends none."""


def places_in(text: str) -> set[str]:
    """The variables that a text names. Raises ValueError for braces that are no place."""
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise ValueError("braces stand around the names of variables only")
    return set(_PLACE.findall(text))


def rendered(text: str, written: Mapping[str, str]) -> str:
    """The text with its places filled. Raises KeyError for a place that nothing was written for."""
    return _PLACE.sub(lambda place: written[place[1]], text)


def written(values: Mapping[str, str], types: Mapping[str, Value], language: Language, zone: tzinfo) -> dict[str, str]:
    """Each variable as people read it. Raises ValueError if one is not of its type, KeyError if one is missing."""
    return {name: _written(values[name], kind, language, zone) for name, kind in types.items()}


def _written(value: str, kind: Value, language: Language, zone: tzinfo) -> str:
    match kind:
        case Value.DATE:
            return _day(date.fromisoformat(value), language)
        case Value.MOMENT:
            moment = datetime.fromisoformat(value).astimezone(zone)
            return f"{_day(moment.date(), language)} {moment:%H:%M}"
        case Value.HALF_DAY:
            return _HALF_DAYS[value].say(language)
        case Value.MONEY:
            amount = f"{Decimal(value):.2f}"
            return f"{amount}元" if language is Language.CHINESE else f"CNY {amount}"
        case Value.DOCTOR:
            return value or _ANY_DOCTOR.say(language)
        case _:
            return value


def _day(day: date, language: Language) -> str:
    weekday = _WEEKDAYS[day.weekday()].say(language)
    if language is Language.CHINESE:
        return f"{day.month}月{day.day}日{weekday}"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}"
