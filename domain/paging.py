"""Cursors and page sizes of connections."""

import base64
import binascii
from collections.abc import Sequence

import orjson

from domain.language import Words
from domain.refusals import Refusal, RefusalCode

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

_BAD_SIZE = Words(
    "first 为 {first}，须在 1 与 {most} 之间；要更多请用 after 翻页。",
    "first is {first}; it must lie between 1 and {most}. Use after to page through more.",
)
_BAD_CURSOR = Words(
    "游标不属于这个列表（{list}）。请使用同一列表、同一排序返回的 endCursor，或去掉 after 从头开始。",
    "This cursor does not belong to this list ({list}). Use the endCursor that the same list with the same sort"
    " returned, or leave after out to start from the beginning.",
)


def page_size(first: int) -> int:
    """The page size asked for; refused (BAD_PAGE_SIZE) outside 1…100."""
    if not 1 <= first <= MAX_PAGE_SIZE:
        raise Refusal(RefusalCode.BAD_PAGE_SIZE, _BAD_SIZE, first=first, most=MAX_PAGE_SIZE)
    return first


def encode_cursor(list_name: str, keys: Sequence[str]) -> str:
    """An opaque cursor that names its list and the sort keys of the last item."""
    return base64.urlsafe_b64encode(orjson.dumps([list_name, *keys])).decode().rstrip("=")


def decode_cursor(list_name: str, cursor: str | None, key_count: int) -> list[str] | None:
    """The sort keys in a cursor; None without one. Refused (BAD_CURSOR) when it was made for another list."""
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != key_count + 1
        or parts[0] != list_name
        or not all(isinstance(part, str) for part in parts)
    ):
        raise bad_cursor(list_name)
    return parts[1:]


def bad_cursor(list_name: str) -> Refusal:
    """To be raised for a cursor of this list whose keys can't be read."""
    return Refusal(RefusalCode.BAD_CURSOR, _BAD_CURSOR, list=list_name)
