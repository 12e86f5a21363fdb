"""How many items a field can return, as far as its arguments say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from domain.paging import DEFAULT_PAGE_SIZE

DEFAULT_LIST_SIZE = 10
SIZE_ARGUMENTS = ("first", "last", "limit")


@dataclass(frozen=True, slots=True)
class ListSize:
    """A figure, or the variable that gives it: as a number, or as a list that is counted."""

    otherwise: int
    """The size when there is no variable, or it is absent or null."""
    variable: str | None = None

    @property
    def settled(self) -> bool:
        """Whether no variable can change it."""
        return self.variable is None

    def under(self, variables: Mapping[str, object]) -> int:
        """The size under these variables, not yet coerced: what isn't a number or a list is refused later."""
        given = None if self.variable is None else variables.get(self.variable)
        if isinstance(given, list):
            return len(given)
        # JSON knows no integers: 5.0 is coerced to 5
        if isinstance(given, int) or (isinstance(given, float) and given.is_integer()):
            return max(int(given), 0)
        return self.otherwise


def list_size_of(node: FieldNode, definition: GraphQLField) -> ListSize | None:
    """The size that this field's arguments ask for, None when it has no argument that could say it."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    declared = [name for name in SIZE_ARGUMENTS if name in definition.args]
    asked = [name for name in declared if name in given]
    if declared:
        name = (asked or declared)[0]
        return _number(given.get(name), _default_of(definition.args[name]))
    for name, argument in definition.args.items():
        if is_non_null_type(argument.type) and is_list_type(get_nullable_type(argument.type)):
            return _length(given.get(name))
    return None


def _number(value: ValueNode | None, default: int) -> ListSize:
    match value:
        case VariableNode():
            return ListSize(default, value.name.value)
        case IntValueNode():
            return ListSize(max(int(value.value), 0))
        case _:
            return ListSize(default)


def _length(value: ValueNode | None) -> ListSize:
    match value:
        case VariableNode():
            return ListSize(1, value.name.value)
        case ListValueNode():
            return ListSize(len(value.values))
        case None | NullValueNode():
            return ListSize(DEFAULT_LIST_SIZE)
        case _:
            return ListSize(1)  # one value stands for a list of one (GraphQL, "Input Coercion" of lists)


def _default_of(argument: GraphQLArgument) -> int:
    default = coerce_default_value(argument)
    return default if isinstance(default, int) else DEFAULT_PAGE_SIZE
