"""Every way to ask for too much, and that finding it out is cheap."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from server.http.body import DISCARD_AT_MOST_BYTES
from server.http.documents import UNCOUNTABLE
from tests.server.http.front_door import LIMITS, FrontDoor, codes, fragment, front_door, listening, only_error

TEN_MEGABYTES = 10 * 1024 * 1024


def nested(levels: int) -> str:
    """A query this many fields deep."""
    return "{ item " + "{ self " * (levels - 2) + "{ name " + "}" * levels


def chained_fragments(links: int, body: str) -> str:
    """Fragments that each spread the next one wherever `body` says NEXT: few words, and very much once expanded."""
    chain = "".join(fragment(f"F{n}", body.replace("NEXT", f"...F{n + 1}")) for n in range(links))
    return "{ item { ...F0 } }" + chain + fragment(f"F{links}", "name")


async def test_the_deepest_allowed_query_is_answered(door: FrontDoor) -> None:
    assert (await door.post(nested(12))).status_code == 200


@pytest.mark.parametrize("levels", [13, 40, 150])
async def test_a_query_nested_too_deep_is_refused(door: FrontDoor, levels: int) -> None:
    response = await door.post(nested(levels))
    assert (response.status_code, codes(response)) == (400, ["QUERY_TOO_DEEP"])
    error = only_error(response)
    assert (error["extensions"]["figure"], error["extensions"]["limit"]) == (levels, 12)
    assert f"nests {levels} levels deep; 12 are allowed" in error["message"]


async def test_braces_without_end_are_no_query(door: FrontDoor) -> None:
    response = await door.post("{ item " + "{ self " * 900)
    assert codes(response) == ["GRAPHQL_PARSE_FAILED"]


async def test_depth_is_counted_through_fragments(door: FrontDoor) -> None:
    response = await door.post(chained_fragments(20, "self { NEXT }"))
    assert codes(response) == ["QUERY_TOO_DEEP"]
    assert only_error(response)["extensions"]["figure"] == 22


async def test_a_long_chain_of_fragments_exhausts_nothing() -> None:
    door = front_door(tokens=20_000)
    response = await door.post(chained_fragments(1500, "NEXT"))
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    await door.http.aclose()


async def test_a_fragment_that_spreads_itself_is_named(door: FrontDoor) -> None:
    response = await door.post(
        "{ item { ...A } } fragment A on Item { self { ...B } } fragment B on Item { self { ...A } }"
    )
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "Cannot spread fragment" in only_error(response)["message"]


async def test_a_fragment_bomb_is_refused_by_its_cost() -> None:
    door = front_door(depth=70, aliases=1000)
    response = await door.post(chained_fragments(60, " ".join(f"a{n}: self {{ NEXT }}" for n in range(4))))
    assert codes(response) == ["QUERY_TOO_COSTLY"]
    assert only_error(response)["extensions"]["figure"] == UNCOUNTABLE
    await door.http.aclose()


async def test_a_fragment_bomb_of_variables_is_refused_by_its_cost() -> None:
    door = front_door(depth=60, aliases=1000)
    chain = chained_fragments(25, " ".join(f"{a}: items(first: $n) {{ nodes {{ NEXT }} }}" for a in "ab"))
    query = f"query($n: Int!) {chain}"
    response = await door.post(query, variables={"n": 3})
    assert codes(response) == ["QUERY_TOO_COSTLY"]
    assert only_error(response)["extensions"]["figure"] == UNCOUNTABLE
    await door.http.aclose()


@pytest.mark.parametrize("name", ["hello", "item"])
async def test_five_hundred_aliases_are_refused(door: FrontDoor, name: str) -> None:
    selection = " { name }" if name == "item" else ""
    response = await door.post("{" + " ".join(f"a{n}: {name}{selection}" for n in range(500)) + "}")
    assert (response.status_code, codes(response)) == (400, ["QUERY_TOO_MANY_ALIASES"])
    assert only_error(response)["extensions"] == {"code": "QUERY_TOO_MANY_ALIASES", "figure": 500, "limit": 30}


async def test_a_field_repeated_instead_of_aliased_is_refused_as_well(door: FrontDoor) -> None:
    response = await door.post("{ item { " + "self { name } " * 300 + "} }")
    assert codes(response) == ["QUERY_TOO_MANY_ALIASES"]


async def test_aliases_in_reason_are_answered(door: FrontDoor) -> None:
    response = await door.post("{" + " ".join(f"a{n}: hello" for n in range(30)) + "}")
    assert response.status_code == 200


@pytest.mark.parametrize("document", ["{" + "hello " * 5000 + "}", "{ hello }" + "\n#" * 5000])
async def test_a_query_of_too_many_tokens_is_refused(door: FrontDoor, document: str) -> None:
    response = await door.post(document)
    assert (response.status_code, codes(response)) == (400, ["QUERY_TOO_LONG"])
    assert "more than 4000 tokens" in only_error(response)["message"]


async def test_a_costly_query_is_refused_and_says_what_to_do(door: FrontDoor) -> None:
    query = "query($n: Int!) { items(first: $n) { nodes { items(first: 60) { nodes { name } } } } }"
    response = await door.post(query, variables={"n": 100})
    assert codes(response) == ["QUERY_TOO_COSTLY"]
    error = only_error(response)
    assert (error["extensions"]["figure"], error["extensions"]["limit"]) == (6202, 5000)
    assert "Lower first" in error["message"]
    assert (await door.post(query, variables={"n": 10})).status_code == 200


async def test_the_cost_is_shown_to_who_asks(door: FrontDoor) -> None:
    response = await door.post("{ items(first: 5) { nodes { name } } }", headers={"X-HTB-Cost": "1"})
    assert response.json()["extensions"] == {"cost": {"counted": 7, "limit": 5000}}


async def test_introspection_goes_deeper_than_other_queries_but_not_without_end(door: FrontDoor) -> None:
    of_type = "name ofType { " * 14 + "name" + "}" * 14
    assert (await door.post(f"{{ __schema {{ types {{ fields {{ type {{ {of_type} }} }} }} }} }}")).status_code == 200
    lists = await door.post("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")
    assert codes(lists) == ["GRAPHQL_VALIDATION_FAILED"]
    again = await door.post("{ a: __schema { description } b: __schema { description } c: __schema { description } }")
    assert codes(again) == ["QUERY_TOO_COSTLY"]


@pytest.fixture
async def origin(door: FrontDoor) -> AsyncIterator[str]:
    """The front door on a real port."""
    async with listening(door.app) as origin:
        yield origin


async def chunks(total: int) -> AsyncIterator[bytes]:
    """A body whose length nobody declares."""
    for _ in range(total // 65536):
        yield b" " * 65536
        await asyncio.sleep(0)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_ten_megabytes_is_refused(origin: str, declared: bool) -> None:
    body = b" " * TEN_MEGABYTES if declared else chunks(TEN_MEGABYTES)
    headers = {"content-type": "application/json", "accept-language": "en"}
    async with httpx.AsyncClient() as http:
        response = await http.post(f"{origin}/graphql", content=body, headers=headers)
        assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])
        assert only_error(response)["extensions"]["limit"] == 100_000
        after = await http.post(f"{origin}/graphql", json={"query": "{ hello }"})
        assert after.json() == {"data": {"hello": "hello world"}}


async def test_a_body_without_end_is_heard_out_only_within_reason(door: FrontDoor) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    response = await door.http.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])
    assert sent <= DISCARD_AT_MOST_BYTES + LIMITS.body_bytes + 2 * 65536


async def test_a_body_that_is_refused_by_its_length_is_not_asked_for(origin: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(origin.rpartition(":")[2]))
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10000000\r\nExpect: 100-continue\r\n\r\n"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()
    await writer.wait_closed()
