"""A WebSocket front door over a small graph with subscriptions, on a real port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from datasources.faults import unavailable_store
from domain.callers import VISITOR, Caller
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from resolvers.exchange import Exchange
from schema.sharing import SHARING, Sharing
from server.http.documents import Documents
from server.http.errors import ErrorWriter
from server.http.execution import Execution, core_schema
from server.http.request_facts import Authenticator, RequestFacts
from server.http.trace import Trace
from server.http.trusted_documents import NONE_TRUSTED, TrustedDocuments
from server.metrics import Metrics
from server.websocket.connection import Manners, Services
from server.websocket.endpoint import WebSocketEndpoint
from server.websocket.operations import Operations
from server.websocket.sockets import Sockets
from tests.server.http.front_door import LIMITS, SECRET, listening

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
MANNERS = Manners(operations=3, message_bytes=10_000)


@dataclass
class World:
    """What the graph's fields did."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    generators: int = 0
    contexts: int = 0


@dataclass
class Context:
    world: World
    trace: Trace
    exchange: Exchange
    number: int


Info = strawberry.Info[Context, None]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def refused(self) -> str | None:
        raise Refusal(RefusalCode.BAD_ID, Words("编号不对。", "The id is wrong."))

    @strawberry.field
    def cookies(self, info: Info) -> str:
        return info.context.exchange.cookie_header


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        return "changed"


@strawberry.type
class Tick:
    count: int

    @strawberry.field
    def context(self, info: Info) -> int:
        return info.context.number

    @strawberry.field
    def cookies(self, info: Info) -> str:
        return info.context.exchange.cookie_header


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, to: int = 3) -> AsyncIterator[Tick]:
        for count in range(to):
            yield Tick(count=count)

    @strawberry.subscription
    async def forever(self, info: Info) -> AsyncIterator[Tick]:
        world = info.context.world
        world.generators += 1
        try:
            yield Tick(count=0)
            await asyncio.Event().wait()
        finally:
            world.generators -= 1
            world.ended.set()

    @strawberry.subscription
    async def flood(self, info: Info) -> AsyncIterator[str]:
        try:
            while True:
                yield "x" * 50_000
        finally:
            info.context.world.ended.set()

    @strawberry.subscription(metadata={SHARING: Sharing.EVERYBODY})  # type: ignore[untyped-decorator]
    async def states(self, info: Info, to: int, kilobytes: int = 1) -> AsyncIterator[str]:
        world = info.context.world
        world.generators += 1
        try:
            for number in range(1, to + 1):
                yield "x" * 1_000 * kilobytes + str(number)
            await asyncio.Event().wait()
        finally:
            world.generators -= 1
            world.ended.set()

    @strawberry.subscription(metadata={SHARING: Sharing.EVERYBODY})  # type: ignore[untyped-decorator]
    async def breaking(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(SECRET)

    @strawberry.subscription
    async def failing(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(SECRET)


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)


async def only_good(request: RequestFacts) -> Caller:
    """Everybody is a visitor but for who says something wrong."""
    if request.authorization is not None and request.authorization != "Bearer good":
        raise Refusal(RefusalCode.TOKEN_INVALID, Words("访问令牌无效。", "The access token is not valid."))
    return VISITOR


@dataclass
class Door:
    """The served door."""

    origin: str
    world: World
    sockets: Sockets
    metrics: Metrics


@asynccontextmanager
async def door(
    *,
    manners: Manners = MANNERS,
    most: int = 50,
    authenticate: Authenticator = only_good,
    origins: frozenset[str] = frozenset(),
    trusted: TrustedDocuments = NONE_TRUSTED,
    **limits: Any,
) -> AsyncIterator[Door]:
    """Serve the small graph."""
    world = World()
    metrics = Metrics()
    errors = ErrorWriter(store_of=unavailable_store, on_store_down=metrics.store_down)
    checked = replace(LIMITS, **limits)

    def make_context(_caller: Caller, trace: Trace, exchange: Exchange) -> Context:
        world.contexts += 1
        return Context(world, trace, exchange, world.contexts)

    operations = Operations(
        Documents(core_schema(SCHEMA), checked, introspection=True),
        Execution(SCHEMA, seconds=checked.seconds, hide_suggestions=False),
        checked,
        errors,
        metrics,
        trusted,
    )
    services = Services(operations, authenticate, make_context, errors, lambda: START, manners)
    sockets = Sockets(most, check_seconds=0.01)
    endpoint = WebSocketEndpoint(services, sockets, metrics, origins=origins)
    app = Starlette(routes=[WebSocketRoute("/graphql", endpoint)])
    async with listening(app) as origin:
        yield Door(origin, world, sockets, metrics)
        await sockets.drain(5)
