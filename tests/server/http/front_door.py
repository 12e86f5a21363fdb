"""A front door over a small graph that can misbehave in every way, called through ASGI or a real port."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import redis.exceptions
import strawberry
import uvicorn
from starlette.types import ASGIApp

from datasources.faults import unavailable_store
from domain.callers import VISITOR, Caller
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from resolvers.exchange import Exchange
from server.http.endpoint import GraphQLEndpoint
from server.http.errors import ErrorWriter
from server.http.limits import Limits
from server.http.observed import Observed
from server.http.request_facts import Authenticator, RequestFacts
from server.http.trace import Trace
from server.http.trusted_documents import NONE_TRUSTED, TrustedDocuments, id_of
from server.metrics import Metrics

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
SECRET = "postgresql://root:hunter2@db/htbooking"
LIMITS = Limits(body_bytes=100_000, tokens=4000, depth=12, aliases=30, cost=5000, seconds=5)


@dataclass
class Bell:
    """What the graph's slow field waits for, and what it met."""

    rung: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Context:
    """What this graph's resolvers are given."""

    caller: Caller
    trace: Trace
    bell: Bell


Info = strawberry.Info[Context, None]


def _no_days() -> "list[Item]":
    return []


@strawberry.type
class Item:
    name: str
    days: "list[Item]" = strawberry.field(resolver=_no_days, metadata={"list_size": 3, "cost": 5})

    @strawberry.field
    def items(self, first: int = 20) -> "ItemConnection":
        return ItemConnection(count=first)

    @strawberry.field
    def tags(self) -> "list[Item]":
        return []

    @strawberry.field
    def self(self) -> "Item":
        return self


@strawberry.type
class ItemConnection:
    count: strawberry.Private[int]

    @strawberry.field
    def nodes(self) -> list[Item]:
        return [Item(name=str(number)) for number in range(self.count)]

    @strawberry.field
    def total_count(self) -> int:
        return self.count


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def item(self) -> Item:
        return Item(name="one")

    @strawberry.field
    def items(self, first: int = 20) -> ItemConnection:
        return ItemConnection(count=first)

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Item]:
        return [Item(name=str(id)) for id in ids]

    @strawberry.field
    def limited(self, limit: int = 4) -> list[Item]:
        return [Item(name="one")] * limit

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def broken_for_all(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def broken_list(self) -> list[Item | None]:
        raise strawberry.exceptions.StrawberryGraphQLError(SECRET)

    @strawberry.field
    def refused(self) -> str | None:
        raise Refusal(RefusalCode.BAD_ID, Words("编号 {id} 不对。", "The id {id} is wrong."), id="x")

    @strawberry.field
    def needs_redis(self) -> str | None:
        raise redis.exceptions.ConnectionError(SECRET)

    @strawberry.field
    def needs_redis_for_all(self) -> str:
        raise redis.exceptions.ConnectionError(SECRET)

    @strawberry.field
    async def slow(self, info: Info) -> str:
        bell = info.context.bell
        bell.started.set()
        try:
            await bell.rung.wait()
        except asyncio.CancelledError:
            bell.cancelled.set()
            raise
        return "rung"

    @strawberry.field
    def request_id(self, info: Info) -> str:
        return info.context.trace.request_id


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        return "changed"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)


async def everybody_is_a_visitor(request: RequestFacts) -> Caller:
    del request
    return VISITOR


@dataclass
class FrontDoor:
    """One endpoint, its metrics and a client that speaks to it without a network."""

    endpoint: GraphQLEndpoint
    metrics: Metrics
    app: ASGIApp
    bell: Bell
    http: httpx.AsyncClient

    async def post(
        self, query: str, *, accept: str = GRAPHQL, headers: dict[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        """POST this query with these parameters (`variables`, `operationName`)."""
        return await self.http.post(
            "/graphql",
            json={"query": query, **parameters},
            headers={"accept": accept, "accept-language": "en", **(headers or {})},
        )

    async def get(self, query: str, *, headers: dict[str, str] | None = None, **parameters: str) -> httpx.Response:
        """GET this query."""
        return await self.http.get(
            "/graphql",
            params={"query": query, **parameters},
            headers={"accept": GRAPHQL, "accept-language": "en", **(headers or {})},
        )


def front_door(
    *,
    schema: strawberry.Schema = SCHEMA,
    introspection: bool = True,
    authenticate: Authenticator = everybody_is_a_visitor,
    trusted: TrustedDocuments = NONE_TRUSTED,
    **limits: Any,
) -> FrontDoor:
    """A front door with these limits instead of the usual ones."""
    bell = Bell()
    metrics = Metrics()

    def make_context(caller: Caller, trace: Trace, _exchange: Exchange) -> Context:
        return Context(caller, trace, bell)

    endpoint = GraphQLEndpoint(
        schema,
        limits=replace(LIMITS, **limits),
        introspection=introspection,
        authenticate=authenticate,
        make_context=make_context,
        errors=ErrorWriter(store_of=unavailable_store, on_store_down=metrics.store_down),
        trusted=trusted,
    )
    app = Observed(endpoint, metrics=metrics)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://front.door")
    return FrontDoor(endpoint, metrics, app, bell, http)


@asynccontextmanager
async def listening(app: ASGIApp, *, lifespan: bool = False, port: int = 0) -> AsyncIterator[str]:
    """Serve this application on this port, or a free one; its origin."""
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", port)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started:
                if serving.done():
                    serving.result()
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def manifest_of(texts: dict[str, str]) -> str:
    """What a client's build writes for these operations."""
    return json.dumps({"operations": [{"id": id_of(text), "name": name, "body": text} for name, text in texts.items()]})


def codes(response: httpx.Response) -> list[str]:
    """`extensions.code` of each error in an answer."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def only_error(response: httpx.Response) -> dict[str, Any]:
    """The one error of an answer."""
    [error] = response.json()["errors"]
    found: dict[str, Any] = error
    return found


def fragment(name: str, body: str, on: str = "Item") -> str:
    """A fragment definition."""
    return f" fragment {name} on {on} {{ {body} }}"
