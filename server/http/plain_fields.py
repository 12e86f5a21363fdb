"""Fields that are plain values of their record, read without the executor's ceremony for each of them.

graphql-core builds a path, an info object and a chain of type checks for every value that it completes. Most values
are attributes of a row or a document, of the very Python type that the graph declares, and need none of that.
Whatever isn't so simple (null where none may be, another type, an awaitable, an error) is left to the executor, which
then answers as it always does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import isfinite
from operator import attrgetter
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    specified_scalar_types,
)
from graphql.execution.collect_fields import GroupedFieldSet
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from schema.binding import record_function

Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class PlainField:
    """How to read one field of a record."""

    read: Read
    """The value as the record has it."""
    fit: type
    """The only type of value that may be taken without the executor."""
    coerce: Read | None
    """Makes it a value for JSON; it may raise. None where it is one already."""
    nullable: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected on one type, divided into plain fields and all others."""

    fields: GroupedFieldSet
    plain: tuple[tuple[str, PlainField], ...]
    others: GroupedFieldSet

    def values_of(self, record: object) -> dict[str, Any] | None:
        """The plain fields' values for the answer; None if one of them is for the executor to see."""
        values: dict[str, Any] = {}
        try:
            for name, field in self.plain:
                value = field.read(record)
                if type(value) is field.fit:
                    if field.coerce is not None:
                        value = field.coerce(value)
                        if value is None or value is Undefined:
                            return None
                elif value is not None or not field.nullable:
                    return None
                values[name] = value
        except Exception:  # noqa: BLE001 - the executor meets it again and puts it in its place
            return None
        return values

    def joined(self, values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
        """Both parts in the order in which the fields were selected."""
        return {name: values[name] if name in values else others[name] for name in self.fields}


def selection_of(schema: GraphQLSchema, parent: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
    """These fields of this type, divided."""
    plain: dict[str, PlainField] = {}
    for response_name, details in fields.items():
        definition = schema.get_field(parent, details[0].node.name.value)
        if definition is None:
            # The executor leaves it out.
            return Selection(fields, (), fields)
        field = plain_field(definition)
        if field is not None:
            plain[response_name] = field
    others = {name: details for name, details in fields.items() if name not in plain}
    return Selection(fields, tuple(plain.items()), others)


def plain_field(definition: GraphQLField) -> PlainField | None:
    """How to read the field, if it is one that depends on its record alone and has a scalar or an enum as its value."""
    value_type = get_nullable_type(definition.type)
    declared = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not is_leaf_type(value_type) or not isinstance(declared, StrawberryField):
        return None
    read = _reader(declared)
    fit, coerce = _coercion(value_type)
    if read is None or fit is None:
        return None
    return PlainField(read, fit, coerce, nullable=not is_non_null_type(definition.type))


def _reader(declared: StrawberryField) -> Read | None:
    if declared.extensions or declared.arguments:
        return None
    if declared.base_resolver is not None:
        return record_function(declared.base_resolver)
    return attrgetter(declared.python_name) if declared.default_resolver is getattr else None


def _coercion(value_type: GraphQLLeafType) -> tuple[type | None, Read | None]:
    """The Python type whose values need no more than the function given; None for a type if there is no such type."""
    if isinstance(value_type, CustomGraphQLEnumType):
        names = {value.value: name for name, value in reversed(value_type.values.items())}
        members: Iterable[Enum] = value_type.wrapped_cls
        return value_type.wrapped_cls, {member: names.get(member.value) for member in members}.get
    if value_type.name in specified_scalar_types:
        return _BUILT_IN.get(value_type.name, (None, None))
    declared = value_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    origin = getattr(declared, "origin", None)
    return (origin, value_type.coerce_output_value) if isinstance(origin, type) else (None, None)


_BUILT_IN: Mapping[str, tuple[type, Read | None]] = {
    GraphQLString.name: (str, None),
    GraphQLID.name: (str, None),
    GraphQLBoolean.name: (bool, None),
    GraphQLInt.name: (int, lambda value: value if GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT else None),
    GraphQLFloat.name: (float, lambda value: value if isfinite(value) else None),
}
