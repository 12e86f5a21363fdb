"""The table speaks of everything that the schema holds: what has no row yet is named, with the row that is missing."""

import re

import pytest

from tests.resolvers.authorisation.inputs import INPUTS
from tests.resolvers.authorisation.places import SCHEMA, fields_of, inputs, members, object_types, places
from tests.resolvers.authorisation.rows import CALLERS, EVERYBODY, KIND_OF, Names, Open, Owned, Part, Told
from tests.resolvers.authorisation.table import BY_ID, LISTS, SAME_FOR_ALL, TYPES, WAYS, row_of
from tests.resolvers.authorisation.things import FACTORIES
from tests.resolvers.authorisation_table import CALLERS as KINDS
from tests.resolvers.authorisation_table import SMS_PHONE

BY_THEIR_OWN_IDS = {"node", "nodes", "_entities"}
ONES_OWN_INPUT = {"bookingPreview", "broadcastPreview", "messageTemplatePreview"}
"""Queries that answer as a mutation would: they tell the caller about what they sent, and lead nowhere else."""
NAMING = re.compile(r"(?:[iI]ds?|[cC]odes?)$")


@pytest.mark.parametrize("name", sorted(object_types()))
def test_every_field_of_every_type_stands_in_exactly_one_group_of_one_row(name: str) -> None:
    row = row_of(name)
    assert row is not None, f"{name} has no row: add one to tests/resolvers/authorisation/, see __init__.py there"
    written = [field for group in row.groups().values() for field in group]
    declared = fields_of(name)
    missing = sorted(declared.keys() - set(written))
    assert not missing, f"{name}.{missing} stand in no group: say in the row of {name} how each is shown, and to whom"
    assert not set(written) - declared.keys(), f"{name} has no such fields: {sorted(set(written) - declared.keys())}"
    assert len(written) == len(set(written)), f"a field of {name} stands in two groups"


@pytest.mark.parametrize("name", sorted(object_types()))
def test_values_parts_and_things_stand_in_the_groups_that_are_theirs(name: str) -> None:
    row = row_of(name)
    assert row is not None
    for group, names in row.groups().items():
        for field in names:
            reached = [row_of(each) for each in members(fields_of(name)[field])]
            if group == "parts":
                assert reached, (name, field)
                assert all(isinstance(each, Part | Told | Open) for each in reached), (name, field)
            else:
                assert bool(reached) == (group == "leads_to"), (name, field, group)


def test_no_row_is_left_of_a_type_that_is_gone() -> None:
    assert sorted((TYPES.keys() | LISTS.keys()) - object_types().keys()) == []


@pytest.mark.parametrize("name", sorted(object_types()))
def test_somebodys_things_are_reached_from_the_places_of_their_row_alone(name: str) -> None:
    row, found = row_of(name), places()[name]
    if isinstance(row, Owned | Part):
        assert found == set(row.at.split()), f"correct `at` in the row of {name}, and add a Way for each new query"
    if isinstance(row, Told):
        above = {place.partition(".")[0] for place in found - {f"Query.{each}" for each in ONES_OWN_INPUT}} - {
            "Mutation",
            "Subscription",
        }
        assert all(isinstance(row_of(each), Told) for each in above), f"{name} is more than an answer: {sorted(found)}"


@pytest.mark.parametrize("field", sorted(fields_of("Query").keys() - BY_THEIR_OWN_IDS - ONES_OWN_INPUT))
def test_every_query_has_a_way(field: str) -> None:
    calls = [way.call for way in WAYS] + SAME_FOR_ALL
    assert any(root_of(call) == field for call in calls), f"add a Way for Query.{field}, saying who sees whose thing"


@pytest.mark.parametrize("name", sorted(name for name, row in TYPES.items() if isinstance(row, Owned)))
def test_every_place_that_leads_to_somebodys_thing_has_a_way(name: str) -> None:
    row = TYPES[name]
    assert isinstance(row, Owned)
    calls = " ".join(way.call for way in WAYS if type_of(way.thing) == name)
    for place in row.at.split():
        above, _, field = place.partition(".")
        if above in ("Mutation", "Subscription") or above.endswith(("Connection", "Edge")):
            continue
        if isinstance(row_of(above), Told) or (above == "Query" and field in BY_THEIR_OWN_IDS):
            continue
        assert re.search(rf"\b{field}\b", calls), f"add a Way that goes through {place} to {name}"


def test_every_type_with_global_ids_is_asked_for_by_them() -> None:
    by_id = {type_of(thing) for thing in BY_ID}
    nodes = {each.name for each in SCHEMA.get_possible_types(SCHEMA.type_map["Node"])}  # type: ignore[arg-type]
    entities = {each.name for each in SCHEMA.get_possible_types(SCHEMA.type_map["_Entity"])}  # type: ignore[arg-type]
    assert sorted((nodes | entities) - by_id) == [], "add them to BY_ID of their area: who sees each by its id"


def test_every_thing_has_a_factory() -> None:
    named = {*BY_ID, *(way.thing for way in WAYS), *(row.thing for row in INPUTS.values() if isinstance(row, Names))}
    assert sorted(named - FACTORIES.keys()) == [], "add a factory for each to things.py"


def test_every_input_that_names_something_says_whose_it_must_be() -> None:
    found = set()
    for root in (SCHEMA.mutation_type, SCHEMA.subscription_type):
        assert root is not None
        for name, field in root.fields.items():
            for path, type_name in inputs(field):
                if type_name == "ID" or NAMING.search(path):
                    found.add(f"{name}.{path}")
    missing, gone = sorted(found - INPUTS.keys()), sorted(INPUTS.keys() - found)
    assert not missing, f"{missing} have no line in inputs.py: say whose thing each must name"
    assert not gone, f"inputs.py has lines for what is gone: {gone}"


def test_the_callers_are_of_the_kinds_that_the_table_of_roots_knows() -> None:
    # Telephones own nothing in this world; test_sms_line.py has what they are told.
    assert set(KIND_OF.values()) == set(KINDS) - {SMS_PHONE}
    assert set(CALLERS) == EVERYBODY


def root_of(call: str) -> str:
    """The root field of a call."""
    found = re.match(r"\w+", call)
    assert found is not None, call
    return found[0]


def type_of(thing: str) -> str:
    """The type of a thing by its name."""
    return thing.partition("/")[0]
