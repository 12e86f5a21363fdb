"""Lists of rows as pages: what every list that PostgreSQL holds shares. The caller's right is asked before."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.page import Page, page_of
from domain.paging import bad_cursor, decode_cursor, encode_cursor, page_size
from resolvers.context import RequestContext

T = TypeVar("T")
P = TypeVar("P")

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class ListOrder(Generic[T, P]):
    """What a list is sorted by. A cursor holds the last row's `keys`; `place` reads them back, or raises ValueError."""

    name: str
    key_count: int
    keys: Callable[[T], Sequence[str]]
    place: Callable[[Sequence[str]], P]


def by_id(name: str, id: Callable[[T], UUID]) -> ListOrder[T, UUID]:
    """Rows in the order of ids that grow with time."""
    return ListOrder(name, 1, lambda row: [str(id(row))], lambda keys: UUID(keys[0]))


def by_number(name: str, number: Callable[[T], int | None]) -> ListOrder[T, int]:
    """Rows in the order of their numbers."""
    return ListOrder(name, 1, lambda row: [str(number(row))], lambda keys: _number(keys[0]))


def by_text(name: str, key: Callable[[T], str]) -> ListOrder[T, str]:
    """Rows in the order of a text that no other row has."""
    return ListOrder(name, 1, lambda row: [key(row)], lambda keys: keys[0])


def by_moment(
    name: str, moment: Callable[[T], datetime | None], id: Callable[[T], UUID]
) -> ListOrder[T, tuple[datetime, UUID]]:
    """Rows in the order of a moment, and of their ids where moments are equal."""

    def keys(row: T) -> Sequence[str]:
        at = moment(row)
        return ["" if at is None else at.isoformat(), str(id(row))]

    return ListOrder(name, 2, keys, lambda keys: (_moment(keys[0]), UUID(keys[1])))


async def sql_page(
    context: RequestContext,
    order: ListOrder[T, P],
    first: int,
    after: str | None,
    *,
    read: Callable[[AsyncSession, P | None, int], Awaitable[Sequence[T]]],
    count: Callable[[AsyncSession], Awaitable[int]],
) -> Page[T]:
    """A page of a list. `read` is given the place to begin behind and the most rows to find."""
    size = page_size(first)
    keys = decode_cursor(order.name, after, order.key_count)
    try:
        behind = None if keys is None else order.place(keys)
    except ValueError as error:
        raise bad_cursor(order.name) from error
    async with context.stores.sql.read() as session:
        found = await read(session, behind, size + 1)

    async def total() -> int:
        async with context.stores.sql.read() as session:
            return await count(session)

    return page_of(
        found,
        size,
        continued=behind is not None,
        cursor=lambda row: encode_cursor(order.name, order.keys(row)),
        count=total,
    )


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) <= _MOST_DIGITS):
        raise ValueError(key)
    return int(key)


def _moment(key: str) -> datetime:
    at = datetime.fromisoformat(key)
    if at.tzinfo is None:
        raise ValueError(key)
    return at
