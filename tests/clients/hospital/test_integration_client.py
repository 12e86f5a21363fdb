"""The hospital's client signs what it sends, and says clearly what went wrong."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clients.hospital import integration_client
from clients.hospital.integration_client import (
    IntegrationClient,
    RefusedError,
    UnreachableError,
    UnreadableAnswerError,
    fresh_nonce,
    sign,
)
from domain.integration.authorization_header import parse_authorization
from domain.integration.signature import signature_holds

KEY_ID = "hk_0123456789abcdef0123"
SECRET = "a-secret-of-43-characters-0123456789ABCDEFG"
ENDPOINT = "http://booking.test/graphql?trace=%E5%8C%BB a"

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler) -> IntegrationClient:
    return IntegrationClient(
        ENDPOINT, KEY_ID, SECRET, language="en", clock=lambda: 1763715600.9, transport=httpx.MockTransport(handler)
    )


def answering(response: httpx.Response) -> IntegrationClient:
    return client(lambda _request: response)


def test_each_call_is_signed_as_it_is_sent() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"ok": True}})

    with client(handler) as calls:
        assert calls.execute("query($a: String) { ok(a: $a) }", {"a": "北京"}) == {"ok": True}
        assert calls.execute("{ ok }") == {"ok": True}
    nonces = set()
    for request in seen:
        proof = parse_authorization(request.headers["Authorization"])
        nonces.add(proof.nonce)
        assert (proof.key_id, proof.timestamp) == (KEY_ID, 1763715600)
        assert signature_holds(
            proof,
            SECRET.encode(),
            method=request.method,
            target=request.url.raw_path.decode(),
            body=request.content,
        )
    assert len(nonces) == 2
    assert json.loads(seen[0].content) == {"query": "query($a: String) { ok(a: $a) }", "variables": {"a": "北京"}}
    assert json.loads(seen[1].content) == {"query": "{ ok }"}
    assert seen[0].headers["Content-Type"] == "application/json"
    assert seen[0].headers["Accept-Language"] == "en"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("http://booking.test", "/"),
        ("http://booking.test/graphql?", "/graphql"),
        ("http://booking.test/graphql?q=a?", "/graphql?q=a?"),
        ("http://booking.test/医院/graphql#part", "/%E5%8C%BB%E9%99%A2/graphql"),
    ],
)
def test_the_target_is_signed_as_the_server_will_see_it(address: str, target: str) -> None:
    with IntegrationClient(address, KEY_ID, SECRET) as calls:
        request = calls.signed_request("{ ok }")
    proof = parse_authorization(request.headers["Authorization"])
    assert signature_holds(proof, SECRET.encode(), method="POST", target=target, body=request.content)


def test_a_refusal_is_raised_with_its_code() -> None:
    errors = [
        {"message": "The signature is wrong.", "extensions": {"code": "SIGNATURE_WRONG"}},
        {"message": "Another"},
    ]
    with pytest.raises(RefusedError) as caught:
        answering(httpx.Response(401, json={"errors": errors})).execute("{ ok }")
    assert caught.value.code == "SIGNATURE_WRONG"
    assert caught.value.errors == errors
    assert str(caught.value) == "SIGNATURE_WRONG: The signature is wrong. (and 1 more)"


def test_a_partial_answer_is_raised_with_what_there_is() -> None:
    body = {"data": {"a": 1, "b": None}, "errors": [{"message": "b failed", "extensions": None}]}
    with pytest.raises(RefusedError, match="no code: b failed") as caught:
        answering(httpx.Response(200, json=body)).execute("{ a b }")
    assert caught.value.data == {"a": 1, "b": None}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(502, text="<html>Bad Gateway</html>"),
        httpx.Response(200, text=""),
        httpx.Response(200, json=[1]),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(200, json={"data": None}),
    ],
)
def test_what_is_no_graphql_answer_is_said_to_be_none(response: httpx.Response) -> None:
    with pytest.raises(UnreadableAnswerError, match=f"HTTP {response.status_code}") as caught:
        answering(response).execute("{ ok }")
    assert caught.value.status == response.status_code


def test_no_answer_is_told_apart() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UnreachableError, match="didn't answer"):
        client(handler).execute("{ ok }")


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(answering(httpx.Response(200)))


def test_a_bad_nonce_is_not_signed() -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        sign(KEY_ID, SECRET, "POST", "/graphql", b"", 1, "short")
    assert len({fresh_nonce() for _ in range(1000)}) == 1000


def test_the_client_imports_the_standard_library_and_httpx_only() -> None:
    source = Path(integration_client.__file__).read_text("utf-8")
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names) | {"httpx"}
