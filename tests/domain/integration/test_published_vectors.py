"""The published test vectors hold for the server's side and for the client's."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.integration.authorization_header import parse_authorization
from domain.integration.signature import signature_holds, string_to_sign
from htbooking_hospital import sign

DOCS = Path(__file__).parents[3] / "docs"
VECTORS: list[dict[str, Any]] = json.loads((DOCS / "integration-signature-vectors.json").read_text("utf-8"))

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


@each_vector
def test_the_server_accepts_the_vector(vector: dict[str, Any]) -> None:
    proof = parse_authorization(vector["authorization"])
    body = vector["body"].encode()
    text = string_to_sign(
        key_id=vector["keyId"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        method=vector["method"],
        target=vector["target"],
        body=body,
    )
    assert text.decode() == vector["stringToSign"]
    assert text.decode().rpartition("\n")[2] == vector["bodySha256"]
    assert proof.signature == vector["signature"]
    assert signature_holds(
        proof, vector["secret"].encode(), method=vector["method"], target=vector["target"], body=body
    )


@each_vector
def test_the_client_makes_the_vector(vector: dict[str, Any]) -> None:
    header = sign(
        vector["keyId"],
        vector["secret"],
        vector["method"],
        vector["target"],
        vector["body"].encode(),
        vector["timestamp"],
        vector["nonce"],
    )
    assert header == vector["authorization"]


def test_the_page_names_the_vectors() -> None:
    assert "(integration-signature-vectors.json)" in (DOCS / "integration-signature.md").read_text("utf-8")
