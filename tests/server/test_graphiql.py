"""GraphiQL's files and the policy they are served under."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from server.graphiql import graphiql_routes


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Calls an application that serves what tmp_path holds."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>HTBooking</title>")
    (tmp_path / "assets" / "index-1a2b.js").write_text("1")
    app = Starlette(routes=graphiql_routes(tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        yield http


async def test_the_page_may_load_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphiql/")
    assert (response.status_code, response.text) == (200, "<title>HTBooking</title>")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert response.headers["cache-control"] == "no-cache"


async def test_hashed_files_are_kept_and_missing_ones_are_not(http: httpx.AsyncClient) -> None:
    found = await http.get("/graphiql/assets/index-1a2b.js")
    missing = await http.get("/graphiql/assets/index-gone.js")
    assert (found.status_code, found.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


async def test_the_address_without_a_slash_leads_there(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphiql", follow_redirects=True)
    assert response.text == "<title>HTBooking</title>"


async def test_before_it_is_built_a_page_says_how(tmp_path: Path) -> None:
    app = Starlette(routes=graphiql_routes(tmp_path / "nothing"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        for path in "/graphiql", "/graphiql/", "/graphiql/assets/x.js":
            response = await http.get(path)
            assert response.status_code == 503
            assert "<code>make up</code>" in response.text
