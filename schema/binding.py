"""How a declared field finds the function that resolves it.

Types are declared over plain records (ledger rows, documents): a field without a resolver reads the record's
attribute of the same name; `on` binds one that is computed or loaded.
"""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry import Info, Parent

from resolvers.context import RequestContext

Context = Info[RequestContext, None]
E = TypeVar("E", bound=type[Enum])
F = TypeVar("F", bound=Callable[..., Any])

First = Annotated[int, strawberry.argument(description="How many to answer: 1 to 100.")]
After = Annotated[
    str | None, strawberry.argument(description="Go on behind this cursor, an `endCursor` of the same list.")
]


def on(function: Callable[[RequestContext, Any], Any]) -> Callable[[Any, Context], Any]:
    """A resolver for a field without arguments that depends on the request and the record."""

    def resolve(root: Parent[Any], info: Context) -> Any:
        # Handing on the awaitable itself saves a coroutine per field.
        return function(info.context, root)

    return resolve


def of(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A resolver for a field that depends on the record alone."""

    def resolve(root: Parent[Any]) -> Any:
        return function(root)

    return resolve


def answers(graphql_type: Any, description: str) -> Callable[[F], F]:
    """Declare a field that takes arguments. The method's own types are the records; `graphql_type` is what is seen."""
    return cast("Callable[[F], F]", strawberry.field(graphql_type=graphql_type, description=description))


def described_enum(enum: E, description: str, values: dict[str, str]) -> E:
    """Publish an enum of the domain with a description for each value."""
    published = strawberry.enum(enum, description=description)
    for value in published.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return published
