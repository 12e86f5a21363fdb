"""How much one request may ask for, and the refusal when it asks for more."""

from dataclasses import dataclass

from domain.language import Words
from domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True)
class Limits:
    """Each is the greatest figure that is still answered."""

    body_bytes: int
    tokens: int
    depth: int
    aliases: int
    cost: int
    seconds: float


class LimitExceeded(Refusal):
    """A refusal that tells the figure and the limit, in its words and as `extensions.figure` and `extensions.limit`.

    `figure` is None where counting stopped at the limit.
    """

    def __init__(self, code: RefusalCode, words: Words, *, limit: float, figure: int | None = None) -> None:
        super().__init__(words=words, code=code, figure=figure, limit=limit)
        self.details: dict[str, float] = {"limit": limit} if figure is None else {"figure": figure, "limit": limit}


_BODY_TOO_LARGE = Words(
    "请求体超过 {limit} 字节。请分成几次请求发送。",
    "The request body is larger than {limit} bytes. Send it as several smaller requests.",
)
_QUERY_TOO_LONG = Words(
    "查询超过 {limit} 个词法单元。请把它拆成几个查询，并用变量传值。",
    "The query has more than {limit} tokens. Split it into several queries, and pass values as variables.",
)
_QUERY_TOO_DEEP = Words(
    "查询嵌套 {figure} 层，上限为 {limit} 层。请分两次查询：先取 id，再从 node(id:) 开始。",
    "The query nests {figure} levels deep; {limit} are allowed. Ask in two steps: take the ids first, then start from"
    " node(id:).",
)
_TOO_MANY_ALIASES = Words(
    "查询含 {figure} 个别名或重复字段，上限为 {limit} 个。请用 nodes(ids:) 一次取多个对象，或分成几个查询。",
    "The query has {figure} aliases and repeated fields; {limit} are allowed. Take many objects at once by nodes(ids:),"
    " or send several queries.",
)
_QUERY_TOO_COSTLY = Words(
    "查询最多会读取 {figure} 个字段，上限为 {limit} 个。请减小 first，少选字段，或分页查询。",
    "The query may ask for {figure} fields; {limit} are allowed. Lower first, select fewer fields, or page through.",
)
_TIMED_OUT = Words(
    "操作超过 {limit} 秒，已停止。请缩小范围后再试。",
    "The operation ran longer than {limit} seconds and was stopped. Ask for less and try again.",
)


def body_too_large(limit: int) -> LimitExceeded:
    """The body was not read to its end."""
    return LimitExceeded(RefusalCode.BODY_TOO_LARGE, _BODY_TOO_LARGE, limit=limit)


def query_too_long(limit: int) -> LimitExceeded:
    """The document was not parsed to its end."""
    return LimitExceeded(RefusalCode.QUERY_TOO_LONG, _QUERY_TOO_LONG, limit=limit)


def query_too_deep(depth: int, limit: int) -> LimitExceeded:
    """Selections nest too deep, fragments counted where they are spread."""
    return LimitExceeded(RefusalCode.QUERY_TOO_DEEP, _QUERY_TOO_DEEP, figure=depth, limit=limit)


def too_many_aliases(aliases: int, limit: int) -> LimitExceeded:
    """The document asks for the same fields again and again."""
    return LimitExceeded(RefusalCode.QUERY_TOO_MANY_ALIASES, _TOO_MANY_ALIASES, figure=aliases, limit=limit)


def query_too_costly(cost: int, limit: int) -> LimitExceeded:
    """The answer could become too large."""
    return LimitExceeded(RefusalCode.QUERY_TOO_COSTLY, _QUERY_TOO_COSTLY, figure=cost, limit=limit)


def timed_out(seconds: float) -> LimitExceeded:
    """The operation was cancelled."""
    return LimitExceeded(RefusalCode.TIMED_OUT, _TIMED_OUT, limit=seconds)
