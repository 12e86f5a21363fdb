"""The cost of an operation, field by field."""

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse
from hypothesis import given
from hypothesis import strategies as st

from server.http.cost import Pricing
from server.http.documents import Documents
from server.http.execution import core_schema
from tests.server.http.front_door import LIMITS, SCHEMA, fragment

CORE: GraphQLSchema = core_schema(SCHEMA)


def cost(query: str, **variables: object) -> int:
    """The cost of this query's only operation."""
    return Documents(CORE, LIMITS, introspection=True).get(query).operations[0].cost(variables)


@pytest.mark.parametrize(
    ("query", "figure"),
    [
        ("{ hello }", 1),
        ("{ hello __typename }", 1),
        ("{ item { name } }", 2),
        ("{ items(first: 5) { totalCount } }", 2),
        ("{ items(first: 5) { nodes { name } totalCount } }", 1 + 1 + 1 + 5),
        ("{ items { nodes { name } } }", 1 + 1 + 20),
        ("{ items(first: 100000) { nodes { name } } }", 1 + 1 + 100),
        ("{ items(first: 5) { nodes { items(first: 7) { nodes { name } } } } }", 1 + 1 + 5 * (1 + 1 + 7)),
        ('{ nodes(ids: ["a", "b", "c"]) { name } }', 1 + 3),
        ('{ nodes(ids: "a") { name } }', 1 + 1),
        ("{ limited(limit: 50) { name } }", 1 + 50),
        ("{ limited { name } }", 1 + 4),
        ("{ item { tags { name } } }", 1 + 1 + 10),
        ("{ item { days { name } } }", 1 + 5 + 3),
        ("{ item { ...F ...F } } fragment F on Item { name self { name } }", 1 + 3 + 3),
        ("{ item { ... on Item { name } ... { name } } }", 3),
        ("{ items(first: 5) { ...P } } fragment P on ItemConnection { nodes { name } totalCount }", 1 + 1 + 1 + 5),
        ("{ items(first: -5) { nodes { name } } }", 2),
        ("{ __schema { types { name } } }", 2000),
        ('{ __type(name: "Item") { name } }', 200),
    ],
)
def test_each_field_counts_once_for_each_item_above_it(query: str, figure: int) -> None:
    assert cost(query) == figure


@pytest.mark.parametrize(
    ("given", "figure"),
    [
        ({}, 22),
        ({"n": 5}, 7),
        ({"n": 5.0}, 7),
        ({"n": None}, 22),
        ({"n": 10**9}, 102),
        ({"n": -1}, 2),
        ({"n": "x"}, 22),
    ],
)
def test_a_size_may_be_a_variable(given: dict[str, object], figure: int) -> None:
    assert (
        cost("query($n: Int) { items(first: $n) { nodes { name } } }".replace("Int)", "Int = 20)"), **given) == figure
    )


def test_a_variables_own_default_counts_when_it_is_not_given() -> None:
    assert cost("query($n: Int = 3) { items(first: $n) { nodes { name } } }") == 5


def test_a_list_variable_is_counted() -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { name } }"
    assert cost(query, ids=["a"] * 500) == 501
    assert cost(query, ids="a") == 2


def test_variables_count_inside_fragments() -> None:
    query = "query($n: Int!) { item { ...F } again: item { ...F } } fragment F on Item { items(first: $n) { ...P } } "
    query += "fragment P on ItemConnection { nodes { items(first: $n) { nodes { name } } } }"
    assert cost(query, n=4) == 2 * (1 + 1 + 1 + 4 * (1 + 1 + 4))


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_variable_costs_what_the_same_figure_costs(outer: int, inner: int) -> None:
    query = "{ items(first: $a) { nodes { name items(first: $b) { nodes { name } totalCount } } } }"
    written = query.replace("$a", str(outer)).replace("$b", str(inner))
    assert cost(f"query($a: Int!, $b: Int!) {query}", a=outer, b=inner) == cost(written)


def test_a_fragment_is_priced_once_however_often_it_is_spread() -> None:
    links = "".join(fragment(f"F{n}", f"a: self {{ ...F{n + 1} }} b: self {{ ...F{n + 1} }}") for n in range(60))
    document = parse("{ item { ...F0 } }" + links + fragment("F60", "name"))
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert CORE.query_type
    assert Pricing(CORE, document).of(operation.selection_set, CORE.query_type).fixed == 1 + 2 * (2**60 - 1) + 2**60
