"""Every thing, by every way that leads to it, as every kind of caller: what is answered is what the table says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.resolvers.authorisation.places import SCHEMA, asked, fields_of, members, selection
from tests.resolvers.authorisation.rows import CALLERS, KIND_OF, NOTHING, Owned, Row
from tests.resolvers.authorisation.table import BY_ID, SAME_FOR_ALL, WAYS, row_of
from tests.resolvers.authorisation.test_rows import root_of, type_of
from tests.resolvers.authorisation.world import Thing, World
from tests.resolvers.authorisation_table import QUERIES, STAFF

ENTITIES = {each.name for each in SCHEMA.get_possible_types(SCHEMA.type_map["_Entity"])}  # type: ignore[arg-type]
NODES = {each.name for each in SCHEMA.get_possible_types(SCHEMA.type_map["Node"])}  # type: ignore[arg-type]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.call} {way.thing}")
async def test_a_way_leads_those_to_a_thing_whom_the_table_names(world: World, way: Any, caller: str) -> None:
    root = root_of(way.call)
    fields = selection(type_of(way.thing)) if "…" in way.call else asked("Query", root)
    call = way.call.replace("…", fields.replace("{", "{{").replace("}", "}}"))
    query = world.named(f"{{{{ {call} }}}}") if "…" in way.call else f"{{ {world.named(way.call)} {fields} }}"
    answer = await world.answer(caller, query)
    if refused(answer, caller, QUERIES[root]):
        assert caller not in way.seen_by, (query, answer)
        return
    check(world, way.thing, caller, answer, seen=caller in way.seen_by, otherwise=way.otherwise)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", BY_ID)
async def test_an_id_leads_those_to_a_thing_whom_the_table_names(world: World, name: str, caller: str) -> None:
    thing, type_name = world.things[name], type_of(name)
    fields = f"{{ __typename ... on {type_name} {selection(type_name)} }}" if type_name in NODES else "{ __typename }"
    queries = [f'{{ node(id: "{thing.value}") {fields} }}', f'{{ nodes(ids: ["{thing.value}"]) {fields} }}']
    if type_name in ENTITIES:
        for key in ({"id": str(thing.value)}, *thing.keys):
            given = ", ".join(f"{part}: {json.dumps(value)}" for part, value in key.items())
            queries.append(f'{{ _entities(representations: [{{__typename: "{type_name}", {given}}}]) {fields} }}')
    for query in queries:
        check(world, name, caller, await world.answer(caller, query), seen=caller in BY_ID[name])


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("call", SAME_FOR_ALL)
async def test_what_is_no_thing_is_the_same_for_all(world: World, call: str, caller: str) -> None:
    assert await world.answer(caller, f"{{ {call} }}") == await world.answer(CALLERS[0], f"{{ {call} }}")


def refused(answer: dict[str, Any], caller: str, let_in: frozenset[str]) -> bool:
    """Whether the caller was turned away at the door, which must be as the table of root fields says."""
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    if KIND_OF[caller] in let_in:
        assert not {"FORBIDDEN", "UNAUTHENTICATED"} & set(codes), answer
        return False
    among_staff = KIND_OF[caller] in STAFF.values() and let_in & set(STAFF.values())
    assert codes == ["FORBIDDEN" if among_staff else "UNAUTHENTICATED"] or codes == ["FORBIDDEN"], answer
    return True


def check(
    world: World, name: str, caller: str, answer: dict[str, Any], *, seen: bool, otherwise: str = NOTHING
) -> None:
    """That the caller sees the thing as its row says, or gets no glimpse of it."""
    thing = world.things[name]
    row = row_of(type_of(name))
    assert isinstance(row, Row)
    found = list(objects_of(answer.get("data"), thing))
    if not seen:
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert (found, codes) == ([], [] if otherwise == NOTHING else [otherwise]), answer
        return
    assert "errors" not in answer, answer
    assert len(found) >= 1, f"{caller} does not see the {name}: {answer}"
    owner = row.owner if isinstance(row, Owned) else None
    for each in found:
        compare(world, name, type_of(name), each, "", is_owner=caller == owner)


def compare(world: World, name: str, type_name: str, found: dict[str, Any], path: str, *, is_owner: bool) -> None:
    """That each field is shown as the row's groups say."""
    row = row_of(type_name)
    assert row is not None
    thing = world.things[name]
    for group, names in row.groups().items():
        for field in names:
            at = f"{path}{field}"
            if group == "leads_to":
                continue
            value = found[field]
            if group == "parts":
                assert (value is None) == (field in thing.absent), (name, at)
                [part] = members(fields_of(type_name)[field])
                for each in value if isinstance(value, list) else [value] * (value is not None):
                    compare(world, name, part, each, f"{at}.", is_owner=is_owner)
            elif group == "masked" or (group == "masked_to_others" and not is_owner):
                expect_masked(thing, at, value)
            elif group == "null_to_others" and not is_owner:
                assert value is None, (name, at)
            elif group == "clear":
                same = world.shown.setdefault((name, at, json.dumps(found.get("number"))), value)
                assert value == same, (name, at, "shown in two ways: say to whom in the row")
            elif group != "relative":
                assert value is not None, (name, at)
                assert thing.clear.get(at, value) == value, (name, at)


def expect_masked(thing: Thing, at: str, value: object) -> None:
    """That no more than a part of the truth is shown, and stars for the rest."""
    truth = thing.clear.get(at)
    if truth is None:
        assert value in ("", None), f"give the true value of {at} in the factory, so that its mask is checked"
        return
    assert isinstance(value, str)
    assert "*" in value, (at, value)
    assert truth not in value, (at, value)


def objects_of(data: object, thing: Thing) -> Iterator[dict[str, Any]]:
    """Whatever in the answer is the thing."""
    if isinstance(data, dict):
        if thing.key in data and str(data[thing.key]) == str(thing.value):
            yield data
        for value in data.values():
            yield from objects_of(value, thing)
    if isinstance(data, list):
        for value in data:
            yield from objects_of(value, thing)
