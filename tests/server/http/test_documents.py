"""Documents that were seen before are not read again."""

from typing import Any

import pytest
from graphql import DocumentNode, parse

from server.http import documents as documents_module
from server.http.documents import BYTES_PER_CHARACTER, DocumentRefused, Documents
from server.http.execution import core_schema
from tests.server.http.front_door import LIMITS, SCHEMA

CORE = core_schema(SCHEMA)


def documents(**bounds: int) -> Documents:
    """An empty cache."""
    return Documents(CORE, LIMITS, introspection=True, **bounds)


def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counting_parse(text: str, **options: Any) -> DocumentNode:
        parsed.append(text)
        return parse(text, **options)

    monkeypatch.setattr(documents_module, "parse", counting_parse)
    cache = documents()
    first = cache.get("{ hello }")
    assert cache.get("{ hello }") is first
    assert cache.get("{hello}") is not first
    assert parsed == ["{ hello }", "{hello}"]


def test_the_least_recently_used_is_forgotten_first() -> None:
    cache = documents(most=2)
    kept = cache.get("{ hello }")
    gone = cache.get("{ a: hello }")
    cache.get("{ hello }")
    cache.get("{ b: hello }")
    assert len(cache) == 2
    assert cache.get("{ hello }") is kept
    assert cache.get("{ a: hello }") is not gone


def test_memory_is_bounded_whatever_the_documents_length() -> None:
    cache = documents(most_bytes=1000 * BYTES_PER_CHARACTER)
    for number in range(50):
        cache.get(f"{{ a{number}: hello }}" + " " * 300)
    assert len(cache) == 3
    cache.get("{ hello }" + " " * 2000)
    assert len(cache) == 0


def test_what_is_refused_is_not_kept() -> None:
    cache = documents()
    for _ in range(2):
        with pytest.raises(DocumentRefused):
            cache.get("{ nothing }")
    assert len(cache) == 0
