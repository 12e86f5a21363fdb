"""Documents as they are read: a whole answer at once, and their attributes without a detour."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from beanie import Document

Stored = TypeVar("Stored", bound=Document)

# MongoDB sends the first 101 documents of an answer and waits to be asked for more, unless told otherwise;
# its own limit of 16 MB an answer still holds. More than any read asks for.
WHOLE_ANSWER = 100_000


class ReadDirectly:
    """A document whose attributes are what they are.

    Beanie asks of each attribute each time, in Python, whether it is still to be parsed: five times slower.
    No document of ours is ever left half parsed.
    """

    if not TYPE_CHECKING:
        __getattribute__ = object.__getattribute__


async def find_stored(
    model: type[Stored], condition: Mapping[str, Any], *, sort: Sequence[str] = (), limit: int = 0
) -> list[Stored]:
    """The documents that meet the condition, in one round trip, in ascending order of the fields `sort`."""
    cursor = model.get_pymongo_collection().find(condition, limit=limit, batch_size=WHOLE_ANSWER)
    if sort:
        cursor = cursor.sort([(field, 1) for field in sort])
    return [model.model_validate(row) for row in await cursor.to_list()]
