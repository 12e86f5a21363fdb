"""What the schema says: its object types, the places that lead to each, and all that can be asked of one."""

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from schema.graph import graph
from tests.resolvers.authorisation.rows import Row
from tests.resolvers.authorisation.table import row_of

SCHEMA = graph._schema
ROOTS = ("Query", "Mutation", "Subscription")


def object_types() -> dict[str, GraphQLObjectType]:
    """Every object type of the graph's own, the roots left out."""
    return {
        name: each
        for name, each in SCHEMA.type_map.items()
        if isinstance(each, GraphQLObjectType) and not name.startswith("__") and name not in ROOTS
    }


def places() -> dict[str, set[str]]:
    """For each type the fields that lead to it, be it as a member of a union or an interface."""
    found: dict[str, set[str]] = {name: set() for name in object_types()}
    for name in (*ROOTS, *object_types()):
        for field_name, field in fields_of(name).items():
            for member in members(field):
                found[member].add(f"{name}.{field_name}")
    return found


def fields_of(type_name: str) -> dict[str, GraphQLField]:
    """The fields of an object type."""
    declared = SCHEMA.type_map[type_name]
    assert isinstance(declared, GraphQLObjectType)
    declared_fields: dict[str, GraphQLField] = declared.fields
    return declared_fields


def members(field: GraphQLField) -> list[str]:
    """The object types that a field can answer with."""
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return [each.name for each in SCHEMA.get_possible_types(named)]
    return [named.name] if isinstance(named, GraphQLObjectType) else []


def selection(type_name: str) -> str:
    """Every value of a type, its parts included; of what it leads to, whether it is there."""
    row = row_of(type_name) or Row()
    chosen = ["__typename"]
    for name, field in fields_of(type_name).items():
        if is_leaf_type(get_named_type(field.type)):
            chosen.append(name)
        elif name in row.groups()["parts"]:
            [part] = members(field)
            chosen.append(f"{name} {selection(part)}")
    return f"{{ {' '.join(chosen)} }}"


def asked(type_name: str, field_name: str) -> str:
    """What a call of this field asks for: everything of its type, or of its list's items."""
    reached = members(fields_of(type_name)[field_name])
    if len(reached) == 1 and reached[0].endswith("Connection"):
        return f"{{ nodes {asked(reached[0], 'nodes')} }}"
    assert len(reached) == 1, f"{type_name}.{field_name} answers with {reached}: write its call out, with … in it"
    return selection(reached[0])


def inputs(field: GraphQLField) -> list[tuple[str, str]]:
    """Every field of the inputs of a mutation or a subscription: its path without `input.`, and its type's name."""
    found: list[tuple[str, str]] = []
    for name, argument in field.args.items():
        found += _below(argument.type, "" if name == "input" else name)
    return found


def _below(of: GraphQLInputType, path: str) -> list[tuple[str, str]]:
    named = get_named_type(of)
    if not isinstance(named, GraphQLInputObjectType):
        return [(path, named.name)]
    return [
        each for name, field in named.fields.items() for each in _below(field.type, f"{path}.{name}" if path else name)
    ]
