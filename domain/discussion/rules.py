"""What may be written in the discussion area, what a moderator must see first, and how names are shown. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.language import Words
from domain.problems import FieldProblem, ProblemCode

LONGEST_TITLE = 80
LONGEST_POST = 4_000
LONGEST_REPLY = 1_000
DAY = timedelta(days=1)
MOST_POSTS_A_DAY = 5
MOST_REPLIES_A_DAY = 30
MOST_REPORTS_A_DAY = 20
SAME_WITHIN = timedelta(minutes=10)
"""The same words again so soon are the same contribution, sent twice."""
REPORTS_THAT_WITHHOLD = 3
"""So many people's open reports take a contribution out of sight until a moderator has looked."""

_EMPTY = Words("请填写内容。", "Write something.")
_TOO_LONG = Words("最多 {most} 个字，现有 {count} 个。", "At most {most} characters; there are {count}.")

# Digits may be spread with spaces, dots and dashes to get past whoever looks.
_SPREAD = re.compile(r"(?<=\d)[\s.\-_—·]+(?=\d)")
_LONG_NUMBER = re.compile(r"\d{7,}")
_ADDRESS = re.compile(
    r"(?:https?://|www\.|[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|cn|net|org|top|xyz|cc|vip)\b)", re.IGNORECASE
)
_OTHER_PLACES = re.compile(r"(?:微信|威信|薇信|加[vVＶ]|vx|wechat|qq|扣扣)", re.IGNORECASE)


def plain_text(text: str) -> str:
    """The text without what can't be seen: line breaks stay, at most one empty line in a row."""
    lines = [
        " ".join("".join(each if each.isprintable() else " " for each in line).split()) for line in text.splitlines()
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def faults_of(texts: Sequence[tuple[str, str, int]]) -> list[FieldProblem]:
    """What is wrong with these fields: each its name, its plain text, and the most characters that it may have."""
    faults: list[FieldProblem] = []
    for field, text, most in texts:
        if not text:
            faults.append(FieldProblem(field, ProblemCode.MISSING, _EMPTY))
        elif len(text) > most:
            faults.append(FieldProblem(field, ProblemCode.TOO_LONG, _TOO_LONG, {"most": most, "count": len(text)}))
    return faults


def needs_a_look(text: str) -> bool:
    """Whether it may hold what nobody should publish: a telephone or identity number, an address, a way elsewhere."""
    joined = _SPREAD.sub("", text)
    return any(pattern.search(joined) for pattern in (_LONG_NUMBER, _ADDRESS, _OTHER_PLACES))


def next_at(written: Sequence[datetime], most: int) -> datetime | None:
    """From when on the next may be written, given those of the last day, the earliest first; None: now."""
    return None if len(written) < most else written[-most] + DAY


def shown_name(nickname: str, author_id: UUID) -> Words:
    """What stands for an author: the nickname, unless there is none or it looks like a number to reach somebody by."""
    name = nickname.strip()
    if name and not needs_a_look(name):
        return Words(name.replace("{", "").replace("}", ""), name.replace("{", "").replace("}", ""))
    return Words(f"就诊者 {author_id.hex[-4:]}", f"Member {author_id.hex[-4:]}")
