"""A title with its text, in Chinese and, if both are given, in English: as announcements and broadcasts are written."""

from collections.abc import Mapping

from domain.language import Words
from domain.plain_text import plain_line, plain_text
from domain.problems import FieldProblem, ProblemCode

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


def cleaned_words(
    given: object, text: str, *, longest_title: int, longest_text: int
) -> tuple[Mapping[str, str], list[FieldProblem]]:
    """`title_zh`, `title_en` and the like of `given` as they are stored, by their names, and what is wrong with them.

    `text` is what the text is called there: `text` or `body`.
    """
    problems: list[FieldProblem] = []
    clean: dict[str, str] = {}
    parts = (("title", plain_line, longest_title, _TITLE), (text, plain_text, longest_text, _TEXT))
    for part, plain, most, words in parts:
        for language in ("zh", "en"):
            name = f"{part}_{language}"
            found = plain(getattr(given, name))
            if found is None or len(found) > most or (not found and language == "zh"):
                problems.append(FieldProblem(f"{part}{language.title()}", ProblemCode.MALFORMED, words, {"most": most}))
            clean[name] = found or ""
    if not problems and bool(clean["title_en"]) != bool(clean[f"{text}_en"]):
        missing = f"{text}En" if clean["title_en"] else "titleEn"
        problems.append(FieldProblem(missing, ProblemCode.MISSING, _BOTH))
    return clean, problems
