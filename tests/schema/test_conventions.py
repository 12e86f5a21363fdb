"""The graph keeps its own conventions: everything is described, lists are bounded, problems are problems."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
)

from schema.graph import graph

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"
TYPES = graph._schema.type_map
FEDERATION = {"_Any", "_Entity", "_FieldSet", "_Service"}
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID", "Date", "DateTime", "Decimal"}


def own_types() -> list[GraphQLNamedType]:
    return [
        kind
        for name, kind in TYPES.items()
        if not name.startswith(("__", "link__")) and name not in FEDERATION | BUILT_IN
    ]


def test_the_committed_sdl_is_the_graph() -> None:
    assert SDL.read_text() == graph.as_str() + "\n", "run `make schema`"


@pytest.mark.parametrize("kind", own_types(), ids=lambda kind: kind.name)
def test_everything_is_described(kind: GraphQLNamedType) -> None:
    missing = [] if kind.description else [kind.name]
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in kind.fields.items():
            if name in ("_entities", "_service"):
                continue
            if not field.description:
                missing.append(f"{kind.name}.{name}")
            missing += [
                f"{kind.name}.{name}({argument})"
                for argument, definition in getattr(field, "args", {}).items()
                if not definition.description
            ]
    if isinstance(kind, GraphQLEnumType):
        missing += [f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description]
    assert missing == []


@pytest.mark.parametrize("kind", own_types(), ids=lambda kind: kind.name)
def test_names_are_in_the_graphs_form(kind: GraphQLNamedType) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z]*", kind.name)
    if isinstance(kind, GraphQLEnumType):
        assert all(re.fullmatch(r"[A-Z][A-Z_]*", value) for value in kind.values)
    if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
        names = [name for name in kind.fields if not name.startswith("_")]
        assert all(re.fullmatch(r"[a-z][A-Za-z]*", name) for name in names)


def test_every_connection_can_be_paged() -> None:
    connections = [
        (kind.name, name, field)
        for kind in own_types()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if str(field.type).rstrip("!").endswith("Connection")
    ]
    assert len(connections) >= 7
    for owner, name, field in connections:
        assert {"first", "after"} <= set(field.args), f"{owner}.{name}"
        assert isinstance(field.args["first"].default_value, int), f"{owner}.{name}"


def test_every_mutation_takes_one_input_and_answers_a_union_with_problems() -> None:
    mutation = TYPES["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    for name, field in mutation.fields.items():
        assert list(field.args) == ["input"], name
        answer = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        assert isinstance(answer, GraphQLUnionType), name
        successes = [member.name for member in answer.types if not _is_problem(member)]
        assert len(successes) == 1, name
        members = {member.name for member in answer.types}
        assert "InvalidInput" in members, name
        given = _unwrapped(field.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType), name
        assert ("IdempotencyKeyReused" in members) == ("idempotencyKey" in given.fields), name


def test_lists_hold_no_nulls_except_where_something_may_be_missing() -> None:
    allowed = {"Query.nodes", "Query._entities"}
    nullable = {
        f"{kind.name}.{name}"
        for kind in TYPES.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if isinstance(inner := _unwrapped(field.type), GraphQLList) and not isinstance(inner.of_type, GraphQLNonNull)
    }
    assert nullable == allowed


def test_entities_are_those_that_a_router_may_ask_for() -> None:
    entity = TYPES["_Entity"]
    assert isinstance(entity, GraphQLUnionType)
    catalogue = {"Hospital", "Department", "Doctor", "Schedule", "DictItem"}
    own = {"File", "Order", "Patient", "User", "VerificationRequest", "WaitlistEntry"}
    assert {kind.name for kind in entity.types} == catalogue | own


def test_the_sdl_is_a_schema_on_its_own() -> None:
    federation = """directive @key(fields: String!) repeatable on OBJECT
    directive @link(url: String!, import: [String]) repeatable on SCHEMA
    """
    built = build_schema(federation + SDL.read_text())
    assert "Hospital" in built.type_map


def _is_problem(kind: GraphQLObjectType) -> bool:
    return any(interface.name == "Problem" for interface in kind.interfaces)


def _unwrapped(kind: object) -> object:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind
