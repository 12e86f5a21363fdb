"""The ASGI application: everything that one port serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import strawberry
import structlog
from beanie.exceptions import CollectionWasNotInitialized
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from datasources.faults import Store, unavailable_store
from datasources.live.listener import Listener
from datasources.payments.channel import PaymentChannels
from datasources.sms.sandbox import SandboxInbox
from datasources.stores import Stores
from domain.booking.desk import BookingDesk
from domain.callers import Caller
from domain.clock import Clock, system_clock
from domain.integration.legacy_verification import LegacyVerifier
from domain.payments.desk import PaymentDesk
from domain.sms.codes import QueuedCodes
from resolvers.context import RequestContext
from resolvers.exchange import Exchange
from schema.graph import graph
from schema.moments import answer_in
from server.aliyun_sms_routes import aliyun_sms_routes
from server.audit_figures import AuditFigures
from server.authentication import Authentication
from server.booking_figures import BookingFigures
from server.booking_policy import booking_policy
from server.ending import end
from server.file_routes import FileRoutes
from server.file_storage import file_storage
from server.finance_routes import FinanceRoutes
from server.graphiql import graphiql_routes
from server.health import Health
from server.hospital_logo import hospital_logo
from server.hospital_order_routes import HospitalOrderRoutes
from server.http.endpoint import GraphQLEndpoint
from server.http.errors import ErrorWriter, StoreOf
from server.http.limits import Limits
from server.http.observed import GRAPHQL_PATH, Observed
from server.http.request_facts import Authenticator
from server.http.trace import Trace
from server.http.trusted_documents import trusted_documents
from server.join_page import join_routes
from server.key_check import KeyCheck
from server.legacy.routes import LegacyRoutes
from server.logging import configure_logging
from server.metrics import Metrics
from server.pages import html, landing_page, not_found
from server.payment_figures import PaymentFigures
from server.payment_routes import PaymentRoutes
from server.payment_setup import PaymentSetup, payment_setup
from server.portal.setup import portal_of
from server.receipt_routes import ReceiptRoutes
from server.root_key import key_ring
from server.sandbox_inbox import sandbox_inbox_routes
from server.sdk_routes import SdkRoutes, Wheel
from server.settings import Mode, Settings
from server.sms_figures import SmsFigures
from server.sms_setup import sms_desk
from server.webhook_sender import webhook_sender
from server.websocket.connection import Manners, Services
from server.websocket.endpoint import WebSocketEndpoint
from server.websocket.handshake import origins_of
from server.websocket.operations import Operations
from server.websocket.revocation import RECHECK_SECONDS, Revocation
from server.websocket.sockets import Sockets
from server.wechat_setup import wechat_setup

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
DRAIN_SECONDS = 3.0

_log = structlog.get_logger(component="app")


def create_app(
    settings: Settings,
    *,
    schema: strawberry.Schema | None = None,
    authenticate: Authenticator | None = None,
    clock: Clock = system_clock,
    recheck_seconds: float = RECHECK_SECONDS,
    channels: PaymentChannels | None = None,
) -> Starlette:
    """The application of these settings, whose store URLs must be given. It starts whichever stores are down.

    Another schema, another way to prove who calls or other `channels` for payments take the place of the platform's
    own. Open connections are checked against PostgreSQL every `recheck_seconds`.
    """
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    answer_in(settings.zone)
    stores = _stores(settings)
    metrics = Metrics()
    health = Health.of(stores)
    ring = key_ring(settings)
    key_check = KeyCheck(stores.sql, ring)
    files = file_storage(settings, ring)
    booking = BookingDesk(stores, ring, booking_policy(settings))
    paying = payment_setup(settings, stores, clock) if channels is None else PaymentSetup(channels)
    payments = PaymentDesk(stores, paying.channels, settings.site_url, settings.notify_url)
    authentication = Authentication(stores, ring, clock=clock)

    wechat = wechat_setup(settings, stores, clock)
    sandbox = SandboxInbox(stores.redis) if settings.mode is Mode.DEVELOPMENT else None
    texts = sms_desk(settings, stores, ring, clock)
    codes = QueuedCodes(texts, clock)
    if not texts.providers:
        _log.warning(
            "no_sms_provider",
            meaning="texts go by enrolled telephones alone; while none is there, nobody can sign in by phone",
        )

    def make_context(caller: Caller, trace: Trace, exchange: Exchange) -> RequestContext:
        exchange.secure = settings.mode is Mode.PRODUCTION
        return RequestContext(
            stores=stores,
            zone=settings.zone,
            ring=ring,
            files=files,
            booking=booking,
            payments=payments,
            exchange=exchange,
            caller=caller,
            language=trace.language,
            clock=clock,
            request_id=trace.request_id,
            sms=codes,
            texts=texts,
            work_difficulty=settings.code_work_difficulty,
            wechat=wechat.client,
            webhooks=webhooks,
        )

    webhooks = webhook_sender(settings)
    https_only = settings.mode is Mode.PRODUCTION
    legacy = LegacyRoutes(LegacyVerifier(stores, ring, clock), make_context, https_only=https_only)
    errors = ErrorWriter(store_of=_store_of(stores), on_store_down=metrics.store_down)
    trusted = trusted_documents(only=settings.trusted_documents_only)
    endpoint = GraphQLEndpoint(
        schema or graph,
        limits=limits_of(settings),
        introspection=settings.introspection,
        authenticate=authenticate or authentication,
        make_context=make_context,
        errors=errors,
        trusted=trusted,
    )
    sockets = Sockets(settings.max_sockets)
    revocation = Revocation(stores, sockets, clock, recheck_seconds=recheck_seconds)
    services = Services(
        operations=Operations(endpoint.documents, endpoint.execution, limits_of(settings), errors, metrics, trusted),
        authenticate=authenticate or authentication,
        make_context=make_context,
        errors=errors,
        clock=clock,
        manners=manners_of(settings),
    )
    origins = origins_of(settings.allowed_origins)
    audit_figures = AuditFigures(stores.sql, metrics.registry)
    booking_figures = BookingFigures(stores.sql, metrics.registry)
    sms_figures = SmsFigures(stores.sql, metrics.registry, texts.policy, clock)
    payment_figures = PaymentFigures(stores.sql, metrics.registry, clock)

    async def metrics_endpoint(request: Request) -> Response:
        figures = (audit_figures, booking_figures, sms_figures, payment_figures)
        await asyncio.gather(*(each.refresh() for each in figures))
        return await metrics.endpoint(request)

    portal = portal_of(settings, endpoint, make_context)
    landing = landing_page(graphiql=settings.graphiql)

    async def landing_endpoint(_request: Request) -> Response:
        return html(landing)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        # Raises when the keys are wrong, so that nothing is served; a database that is down is asked again later.
        await key_check.try_once()
        closing = asyncio.Event()
        checking = asyncio.create_task(key_check.end_process_if_wrong(closing))
        binding = asyncio.create_task(_bind_when_it_answers(stores, closing))
        watching = [
            asyncio.create_task(revocation.listen(), name="ended credentials"),
            asyncio.create_task(revocation.recheck_now_and_then(), name="check of credentials"),
            asyncio.create_task(Listener(stores.redis, stores.topics).run(), name="live changes"),
            *paying.start(),
        ]
        try:
            yield
        finally:
            closing.set()
            await sockets.drain(DRAIN_SECONDS)
            await end(*watching, seconds=DRAIN_SECONDS)
            await checking
            await authentication.close()
            await files.close()
            await wechat.close()
            await payments.close()
            await texts.close()
            await stores.close()
            # Not cancelled: without its client it ends by itself, and before Python 3.12 the driver can lose a
            # cancellation (asyncio.wait_for, https://github.com/python/cpython/issues/86296) and then never ends.
            await binding

    app = Starlette(
        routes=[
            Route(GRAPHQL_PATH, endpoint),
            WebSocketRoute(GRAPHQL_PATH, WebSocketEndpoint(services, sockets, metrics, origins=origins)),
            *(portal.routes() if portal is not None else [Route("/", landing_endpoint)]),
            Route("/developers", landing_endpoint),
            Route("/healthz", health.live),
            Route("/readyz", health.ready),
            Route("/metrics", metrics_endpoint),
            Route("/hospitals/{code}/logo", hospital_logo),
            *join_routes(),
            *FileRoutes(stores, files, clock).routes(),
            *PaymentRoutes(payments, clock).routes(),
            *aliyun_sms_routes(stores, settings.aliyun_sms_report_token, clock),
            *paying.routes,
            *FinanceRoutes(stores, files.links, clock, settings.zone).routes(),
            *HospitalOrderRoutes(stores, files.links, clock, settings.zone).routes(),
            *ReceiptRoutes(stores, ring, files.links, clock, settings.zone).routes(),
            *SdkRoutes(Wheel.found(), settings.site_url).routes(),
            *(legacy.routes() if settings.legacy_adapter else []),
            *wechat.routes,
            *(sandbox_inbox_routes(sandbox) if sandbox is not None else []),
            *(graphiql_routes() if settings.graphiql else []),
        ],
        middleware=[Middleware(Observed, metrics=metrics)],
        exception_handlers={404: portal.missing if portal is not None else not_found},
        lifespan=lifespan,
    )
    app.state.sockets = sockets
    return app


def manners_of(settings: Settings) -> Manners:
    """How WebSockets are treated, as the settings say."""
    return Manners(operations=settings.max_socket_operations, message_bytes=settings.max_socket_message_bytes)


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings name."""
    return Limits(
        body_bytes=settings.max_body_bytes,
        tokens=settings.max_query_tokens,
        depth=settings.max_query_depth,
        aliases=settings.max_query_aliases,
        cost=settings.max_query_cost,
        seconds=settings.operation_timeout_seconds,
    )


def _stores(settings: Settings) -> Stores:
    urls = settings.database_url, settings.mongodb_url, settings.redis_url
    database_url, mongodb_url, redis_url = urls
    if database_url is None or mongodb_url is None or redis_url is None:
        raise ValueError(
            "the application needs DATABASE_URL, MONGODB_URL and REDIS_URL; `make up` finds them by itself"
        )
    return Stores.at(
        database_url=database_url.get_secret_value(),
        mongodb_url=mongodb_url.get_secret_value(),
        redis_url=redis_url.get_secret_value(),
        sql_pool_size=settings.sql_pool_size,
    )


def _store_of(stores: Stores) -> StoreOf:
    def store_of(error: BaseException) -> Store | None:
        store = unavailable_store(error)
        # Until MongoDB has answered once, Beanie's documents lack the fields that queries are written with.
        if (
            store is None
            and not stores.catalogue.bound
            and isinstance(error, CollectionWasNotInitialized | AttributeError)
        ):
            return Store.MONGODB
        return store

    return store_of


async def _bind_when_it_answers(stores: Stores, closing: asyncio.Event) -> None:
    pause = FIRST_PAUSE_SECONDS
    while not closing.is_set():
        try:
            await stores.catalogue.bind()
        except Exception as error:  # noqa: BLE001 - whatever keeps it from answering may pass
            _log.warning("the catalogue does not answer yet", store=Store.MONGODB, error=type(error).__name__)
        else:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await closing.wait()
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
