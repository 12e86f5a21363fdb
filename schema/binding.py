"""How a declared field finds the function that resolves it.

Types are declared over plain records (ledger rows, documents): a field without a resolver reads the record's
attribute of the same name; `on` binds one that is computed or loaded.
"""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry import Info, Parent
from strawberry.permission import BasePermission
from strawberry.types.fields.resolver import StrawberryResolver

from resolvers.context import RequestContext
from schema.sharing import SHARING, Sharing

Context = Info[RequestContext, None]
E = TypeVar("E", bound=type[Enum])
F = TypeVar("F", bound=Callable[..., Any])

_record_functions: dict[Callable[..., Any], Callable[[Any], Any]] = {}

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

    _record_functions[resolve] = function
    return resolve


def record_function(resolver: StrawberryResolver[Any]) -> Callable[[Any], Any] | None:
    """The function that `of` made this resolver from; None if it comes from elsewhere."""
    resolve = resolver.wrapped_func
    return _record_functions.get(resolve) if callable(resolve) else None


def answers(graphql_type: Any, description: str, *, only: type[BasePermission] | None = None) -> Callable[[F], F]:
    """Declare a field that takes arguments. The method's own types are the records; `graphql_type` is what is seen.
    `only` names who may use it; without it, everybody may."""
    allowed = None if only is None else [only]
    field = strawberry.field(graphql_type=graphql_type, description=description, permission_classes=allowed)
    return cast("Callable[[F], F]", field)


def mutates(graphql_type: Any, description: str, *, only: type[BasePermission] | None) -> Callable[[F], F]:
    """Declare a mutation. Who may use it is said each time; None is everybody."""
    allowed = None if only is None else [only]
    field = strawberry.mutation(graphql_type=graphql_type, description=description, permission_classes=allowed)
    return cast("Callable[[F], F]", field)


def watches(
    graphql_type: Any, description: str, *, only: type[BasePermission] | None, sharing: Sharing = Sharing.NOBODY
) -> Callable[[F], F]:
    """Declare a subscription. Who may use it is said each time; None is everybody. `sharing`: among whom one execution
    of the same selection is shared."""
    allowed = None if only is None else [only]
    field = strawberry.subscription(
        graphql_type=graphql_type, description=description, permission_classes=allowed, metadata={SHARING: sharing}
    )
    return cast("Callable[[F], F]", field)


def described_enum(enum: E, description: str, values: dict[str, str], *, name: str | None = None) -> E:
    """Publish an enum of the domain, under another name if one is given, with a description for each value."""
    published = strawberry.enum(enum, name=name, description=description)
    for value in published.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return published
