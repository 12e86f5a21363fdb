"""A page of a connection, as the graph's connection types read it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edge(Generic[T]):
    """An item with the cursor behind which the next page begins."""

    node: T
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Whether there is more, and from where to go on."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in order. `count` is awaited only when somebody asks for the total."""

    nodes: Sequence[T]
    has_next_page: bool
    has_previous_page: bool
    cursor: Callable[[T], str]
    count: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list[Edge[T]]:
        """The items with their cursors."""
        return [Edge(node, self.cursor(node)) for node in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        """Where this page stands in its list."""
        return PageInfo(
            has_next_page=self.has_next_page,
            has_previous_page=self.has_previous_page,
            start_cursor=self.cursor(self.nodes[0]) if self.nodes else None,
            end_cursor=self.cursor(self.nodes[-1]) if self.nodes else None,
        )


def page_of(
    found: Sequence[T], size: int, *, continued: bool, cursor: Callable[[T], str], count: Callable[[], Awaitable[int]]
) -> Page[T]:
    """A page of at most `size` out of rows read one beyond it; `continued` says it began behind a cursor."""
    return Page(
        nodes=found[:size],
        has_next_page=len(found) > size,
        has_previous_page=continued,
        cursor=cursor,
        count=count,
    )
