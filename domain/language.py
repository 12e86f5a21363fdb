"""The languages people are answered in."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language of the platform's own words. Hospitals' texts stay as they were pushed."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in every language, with `{name}` places for its values."""

    chinese: str
    english: str

    def say(self, language: Language, **values: object) -> str:
        """The sentence in this language with its values put in."""
        return (self.chinese if language is Language.CHINESE else self.english).format(**values)


def language_of(accept_language: str) -> Language:
    """The best language for an Accept-Language header (RFC 9110 §12.5.4); Chinese unless English is preferred."""
    ranked: list[tuple[float, Language]] = []
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary == "zh":
            ranked.append((quality, Language.CHINESE))
        elif primary == "en":
            ranked.append((quality, Language.ENGLISH))
    # max keeps the first of equals, which is the order of the header
    return max(ranked, key=lambda pair: pair[0], default=(1.0, Language.CHINESE))[1]
