"""What one port serves, while every store is down."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings


@pytest.fixture(scope="module")
async def http(storeless_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the application without a network."""
    async with (
        storeless_app.router.lifespan_context(storeless_app),
        httpx.AsyncClient(transport=httpx.ASGITransport(storeless_app), base_url="http://app") as http,
    ):
        yield http


async def test_it_starts_and_lives_without_any_store(http: httpx.AsyncClient) -> None:
    response = await http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


async def test_it_is_not_ready_and_says_which_stores_are_down(http: httpx.AsyncClient) -> None:
    response = await http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not ready"
    states = {name: store["state"] for name, store in response.json()["stores"].items()}
    assert states == {"postgresql": "down", "mongodb": "down", "redis": "down"}
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("query", "store"),
    [
        ("{ hospitals(first: 1) { nodes { name } } }", "mongodb"),
        ('{ dictItem(code: "HospitalType") { name } }', "postgresql"),
    ],
)
async def test_a_query_names_the_store_it_needs(http: httpx.AsyncClient, query: str, store: str) -> None:
    response = await http.post("/graphql", json={"query": query})
    assert response.status_code in {200, 503}
    assert response.headers["retry-after"] == "2"
    [error] = response.json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["store"]) == ("SERVICE_UNAVAILABLE", store)
    metrics = (await http.get("/metrics")).text
    assert f'htbooking_store_errors_total{{store="{store}"}} 1.0' in metrics


async def test_what_needs_no_store_is_answered(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{ _service { sdl } __typename }"})
    assert "type Hospital" in response.json()["data"]["_service"]["sdl"]


async def test_developers_are_shown_the_way(http: httpx.AsyncClient) -> None:
    response = await http.get("/developers")
    assert response.status_code == 200
    for link in "/graphiql", "/graphql", "/readyz", "/metrics":
        assert f'href="{link}' in response.text
    assert "预约挂号" in response.text
    assert "Hospital appointments" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_an_address_that_is_nothing_is_404_and_echoes_no_markup(http: httpx.AsyncClient) -> None:
    response = await http.get("/<script>alert(1)</script>")
    assert response.status_code == 404
    assert "<script>" not in response.text


async def test_every_answer_has_a_request_id(http: httpx.AsyncClient) -> None:
    for path in "/", "/healthz", "/metrics", "/nothing":
        assert len((await http.get(path)).headers["x-request-id"]) == 16


async def test_graphiql_is_served_only_when_the_setting_says_so(storeless: Settings, logging_as_before: None) -> None:
    app = create_app(storeless.model_copy(update={"graphiql": False}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        assert (await http.get("/graphiql/")).status_code == 404
        assert "/graphiql" not in (await http.get("/")).text


def test_the_application_needs_to_know_its_stores(storeless: Settings) -> None:
    with pytest.raises(ValueError, match="MONGODB_URL"):
        create_app(storeless.model_copy(update={"mongodb_url": None}))
