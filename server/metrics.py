"""What Prometheus reads at `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from datasources.faults import Store

MOST_OPERATION_NAMES = 200
OTHER_OPERATIONS = "(other)"
NAMELESS_OPERATIONS = "(nameless)"
LATENCY_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class Metrics:
    """The figures of one application. Each has a registry of its own, so several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.in_flight = Gauge("htbooking_requests_in_flight", "Requests being answered now.", registry=self.registry)
        self._requests = Counter(
            "htbooking_graphql_requests",
            "GraphQL requests answered.",
            ["operation", "kind", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "htbooking_graphql_request_seconds",
            "Time from a GraphQL request's head to its answer's last byte.",
            ["operation", "kind"],
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.sockets = Gauge("htbooking_sockets", "WebSockets open now.", registry=self.registry)
        self.socket_ends = Counter(
            "htbooking_socket_ends", "WebSockets that ended, by close code.", ["code"], registry=self.registry
        )
        self.socket_events = Counter("htbooking_socket_events", "Events sent to subscribers.", registry=self.registry)
        self.streams = Gauge(
            "htbooking_streams", "Subscriptions executed once for all who follow them.", registry=self.registry
        )
        self.stream_events = Counter(
            "htbooking_stream_events", "Events of those, each executed and encoded once.", registry=self.registry
        )
        self._store_errors = Counter(
            "htbooking_store_errors",
            "Round trips that failed because the store could not be reached.",
            ["store"],
            registry=self.registry,
        )
        for store in Store:
            self._store_errors.labels(store)
        self._names: set[str] = set()
        self._children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def answered(self, *, operation: str | None, kind: str | None, outcome: str, seconds: float) -> None:
        """Count one GraphQL request. `kind` is None for those refused before their operation was known."""
        label = OTHER_OPERATIONS if kind is None else self._operation_label(operation)
        key = label, kind or "none", outcome
        children = self._children.get(key)
        if children is None:
            children = self._requests.labels(*key), self._seconds.labels(*key[:2])
            self._children[key] = children
        requests, latency = children
        requests.inc()
        latency.observe(seconds)

    def store_down(self, store: Store) -> None:
        """Count one failed round trip."""
        self._store_errors.labels(store).inc()

    async def endpoint(self, _request: Request) -> Response:
        """The figures in Prometheus's text format."""
        return Response(
            generate_latest(self.registry),
            headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4, "cache-control": "no-store"},
        )

    def _operation_label(self, operation: str | None) -> str:
        """Clients choose operation names, so only the first `MOST_OPERATION_NAMES` have a label of their own."""
        if operation is None:
            return NAMELESS_OPERATIONS
        if operation not in self._names:
            if len(self._names) >= MOST_OPERATION_NAMES or len(operation) > 80:
                return OTHER_OPERATIONS
            self._names.add(operation)
        return operation
