"""What is a request, and what isn't."""

from typing import Any

import httpx
import pytest

from tests.server.http.front_door import GRAPHQL, JSON, FrontDoor, codes, front_door, only_error

HELLO = b'{"query": "{ hello }"}'


async def test_a_query_is_answered(door: FrontDoor) -> None:
    response = await door.post("query Hi($name: String!) { hello(name: $name) }", variables={"name": "医院"})
    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "hello 医院"}}
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL};charset=utf-8", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
        (f"{JSON};q=0, {GRAPHQL};q=0.1", GRAPHQL),
    ],
)
async def test_the_answer_has_the_type_that_is_preferred(door: FrontDoor, accept: str, answered: str) -> None:
    response = await door.post("{ hello }", accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", "image/png;q=x"])
async def test_an_answer_that_nobody_accepts_is_refused(door: FrontDoor, accept: str) -> None:
    response = await door.post("{ hello }", accept=accept)
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=gbk",
        "",
    ],
)
async def test_what_a_foreign_page_can_send_is_refused(door: FrontDoor, content_type: str) -> None:
    response = await door.http.post("/graphql", content=HELLO, headers={"content-type": content_type})
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"'])
async def test_json_may_name_its_charset(door: FrontDoor, content_type: str) -> None:
    response = await door.http.post("/graphql", content=HELLO, headers={"content-type": content_type})
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(door: FrontDoor, method: str) -> None:
    response = await door.http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b'{"query": ', "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"query": "{ hello }"}' * 2, "not valid JSON"),
        (b"[" * 5000, "not valid JSON"),
        (b'[{"query": "{ hello }"}]', "Batches"),
        (b'"{ hello }"', "JSON object"),
        (b"null", "JSON object"),
        (b"{}", "query is missing"),
        (b'{"query": ""}', "query is missing"),
        (b'{"query": null}', "query is missing"),
        (b'{"query": 5}', "query must be a string, not number"),
        (b'{"query": "{ hello }", "variables": []}', "variables must be an object, not array"),
        (b'{"query": "{ hello }", "variables": "{}"}', "variables must be an object, not string"),
        (b'{"query": "{ hello }", "operationName": false}', "operationName must be a string, not boolean"),
        (b'{"query": "{ hello }", "extensions": 1.5}', "extensions must be an object, not number"),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_what_is_not_a_request_is_refused(door: FrontDoor, body: bytes, words: str, accept: str) -> None:
    headers = {"content-type": JSON, "accept": accept, "accept-language": "en"}
    response = await door.http.post("/graphql", content=body, headers=headers)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert words in only_error(response)["message"]
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("query", "parameters", "code", "words"),
    [
        ("{ hello", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nothing'"),
        ('{ items(first: "x") { totalCount } }', {}, "GRAPHQL_VALIDATION_FAILED", "Int cannot represent"),
        ("fragment F on Query { hello }", {}, "GRAPHQL_VALIDATION_FAILED", "never used"),
        ("query A { hello } query B { hello }", {}, "BAD_REQUEST", "operationName"),
        ("query A { hello } query B { hello }", {"operationName": "C"}, "BAD_REQUEST", "A、B"),
        ("query A { hello }", {"operationName": ""}, "BAD_REQUEST", "no operation named"),
        ("query($f: Int!) { items(first: $f) { totalCount } }", {"variables": {"f": "x"}}, "BAD_REQUEST", "$f"),
        ("query($f: Int!) { items(first: $f) { totalCount } }", {"variables": {"f": None}}, "BAD_REQUEST", "$f"),
        ("query($f: Int!) { items(first: $f) { totalCount } }", {}, "BAD_REQUEST", "$f"),
        ("query($f: Int = 1) { items(first: $f) { totalCount } }", {"variables": {"f": 2**40}}, "BAD_REQUEST", "$f"),
        ("subscription { ticks }", {}, "BAD_REQUEST", "WebSocket"),
    ],
)
async def test_a_wrong_document_is_told_by_code_and_place(
    door: FrontDoor, query: str, parameters: dict[str, Any], code: str, words: str
) -> None:
    strict = await door.post(query, **parameters)
    legacy = await door.post(query, accept=JSON, **parameters)
    assert (strict.status_code, legacy.status_code) == (400, 200)
    for response in strict, legacy:
        assert codes(response) == [code]
        assert words in only_error(response)["message"]
        assert "data" not in response.json()


async def test_a_null_for_an_argument_that_takes_none_is_the_callers_error(door: FrontDoor) -> None:
    response = await door.post('query($n: String = "x") { hello(name: $n) }', variables={"n": None})
    assert (response.status_code, codes(response)) == (200, ["BAD_REQUEST"])
    assert only_error(response)["path"] == ["hello"]


async def test_variables_nested_beyond_reason_are_refused(door: FrontDoor) -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    response = await door.post("query($f: Int) { items(first: $f) { totalCount } }", variables={"f": deep})
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_a_get_runs_queries(door: FrontDoor) -> None:
    response = await door.get(
        "query A($n: String) { hello(name: $n) } query B { hello }", operationName="A", variables='{"n": "GET"}'
    )
    assert response.json() == {"data": {"hello": "hello GET"}}


@pytest.mark.parametrize("operation", ["mutation { change }", "query A { hello } mutation B { change }"])
async def test_a_get_changes_nothing(door: FrontDoor, operation: str) -> None:
    response = await door.get(operation, operationName="B" if "B" in operation else "")
    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("parameters", [{"variables": "{"}, {"variables": "[]"}, {"extensions": "1"}])
async def test_a_get_with_wrong_parameters_is_refused(door: FrontDoor, parameters: dict[str, str]) -> None:
    response = await door.http.get("/graphql", params={"query": "{ hello }", **parameters})
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_a_get_without_a_query_is_refused(door: FrontDoor) -> None:
    for query_string in "", "?query=", "?" + "&".join(f"a{n}=1" for n in range(50)):
        response = await door.http.get(f"/graphql{query_string}")
        assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_refusals_speak_the_callers_language(door: FrontDoor) -> None:
    chinese = await door.http.post("/graphql", content=b"", headers={"content-type": JSON})
    english = await door.http.post(
        "/graphql", content=b"", headers={"content-type": JSON, "accept-language": "fr, en;q=0.5"}
    )
    assert only_error(chinese)["message"].startswith("请求体为空")
    assert only_error(english)["message"].startswith("The body is empty")
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    assert "Accept-Language" in chinese.headers["vary"]


async def test_suggestions_and_introspection_go_together() -> None:
    closed, open_ = front_door(introspection=False), front_door()
    for door, suggested in (closed, False), (open_, True):
        response = await door.post("{ helo }")
        assert ("Did you mean" in only_error(response)["message"]) is suggested
        response = await door.post("{ __schema { queryType { name } } }")
        assert (response.status_code == 200) is suggested
        await door.http.aclose()


async def test_authentication_sees_the_request_as_it_was_sent() -> None:
    seen = []

    async def authenticate(request: Any) -> Any:
        seen.append(request)
        raise PermissionError

    door = front_door(authenticate=authenticate)
    await door.http.post(
        "/graphql?a=%E5%8C%BB&b=+", content=HELLO, headers={"content-type": JSON, "authorization": "X y"}
    )
    assert (seen[0].method, seen[0].target, seen[0].authorization) == ("POST", "/graphql?a=%E5%8C%BB&b=+", "X y")
    assert seen[0].body == HELLO
    await door.http.aclose()


async def test_errors_are_json_even_for_strangers(door: FrontDoor) -> None:
    response: httpx.Response = await door.http.post("/graphql", content=b"\x00", headers={"content-type": "\x01"})
    assert response.status_code == 415
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
