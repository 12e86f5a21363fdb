"""The SDK speaks the platform's own graph: every document, every input and every word is held against the SDL."""

from dataclasses import fields
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLSchema, build_schema, parse, validate

from htbooking_hospital import calls, items
from htbooking_hospital.errors import _PROBLEMS

SDL = Path(__file__).parent.parent.parent.parent / "schema" / "schema.graphql"
DOCUMENTS = {
    "upsertHospital": calls.UPSERT_HOSPITAL,
    "setHospitalOnline": calls.SET_ONLINE,
    "orders": calls.ORDERS,
    "order": calls.ORDER,
    "hospitalEventLog": calls.EVENT_LOG,
    "hospitalEvents": calls.EVENTS,
    **calls.PUSHES,
    **calls.ANSWERS,
    **calls.CHECK_INS,
}
INPUTS = {
    "BookingRuleInput": items.BookingRule,
    "HospitalInput": items.Hospital,
    "DepartmentInput": items.Department,
    "DoctorInput": items.Doctor,
    "ScheduleSliceInput": items.ScheduleSlice,
    "ScheduleInput": items.Schedule,
}


@pytest.fixture(scope="module")
def graph() -> GraphQLSchema:
    return build_schema(SDL.read_text("utf-8"), assume_valid_sdl=True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid(graph: GraphQLSchema, name: str) -> None:
    assert [error.message for error in validate(graph, parse(DOCUMENTS[name]))] == []


@pytest.mark.parametrize("name", INPUTS)
def test_every_item_has_the_graphs_fields_and_no_others(graph: GraphQLSchema, name: str) -> None:
    kind = graph.get_type(name)
    assert isinstance(kind, GraphQLInputObjectType)
    assert {items.graph_name(each.name) for each in fields(INPUTS[name])} == set(kind.fields), (
        "clients/hospital/sdk/htbooking_hospital/items.py tells hospitals what they can push: add the field there too"
    )


@pytest.mark.parametrize("kind", [items.HalfDay, items.ScheduleStatus])
def test_words_are_the_graphs(graph: GraphQLSchema, kind: type[items.HalfDay] | type[items.ScheduleStatus]) -> None:
    found = graph.get_type(kind.__name__)
    assert isinstance(found, GraphQLEnumType)
    assert {each.value for each in kind} == set(found.values)


def test_orders_are_asked_for_by_the_graphs_filter(graph: GraphQLSchema) -> None:
    kind = graph.get_type("OrderFilter")
    assert isinstance(kind, GraphQLInputObjectType)
    assert {items.graph_name(name) for name in calls.OrderFilter.__annotations__} <= set(kind.fields)


def test_every_problem_that_can_come_has_a_class_of_its_own(graph: GraphQLSchema) -> None:
    mutations = graph.mutation_type
    assert mutations is not None
    possible: set[str] = set()
    for name in ("upsertHospital", "setHospitalOnline", *calls.PUSHES, *calls.ANSWERS, *calls.CHECK_INS):
        union = graph.get_type(str(mutations.fields[name].type).rstrip("!"))
        possible |= {each.name for each in union.types}  # type: ignore[union-attr]
    problem = graph.get_type("Problem")
    kinds = {each.name for each in graph.get_possible_types(problem)}  # type: ignore[arg-type]
    assert possible & kinds == set(_PROBLEMS)
