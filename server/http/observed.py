"""Gives every request its id, its log line and its measurements."""

import re
import secrets
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.trace import Outcome, Trace, put_trace
from server.metrics import Metrics

GRAPHQL_PATH = "/graphql"
# Asked every few seconds by machines.
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")

_log = structlog.get_logger(component="access")


class Observed:
    """Around the whole application. An exception that reaches it is logged by the server below."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace(request_id=_request_id(scope), started=time.perf_counter())
        put_trace(scope, trace)
        structlog.contextvars.bind_contextvars(request_id=trace.request_id)
        status = 0
        id_header = (b"x-request-id", trace.request_id.encode())

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), id_header]
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._metrics.in_flight.dec()
            self._report(scope, trace, status)

    def _report(self, scope: Scope, trace: Trace, status: int) -> None:
        seconds = time.perf_counter() - trace.started
        milliseconds = round(seconds * 1000, 2)
        path: str = scope["path"]
        if path != GRAPHQL_PATH:
            log = _log.debug if path in QUIET_PATHS else _log.info
            log("request", method=scope["method"], path=path[:200], status=status, ms=milliseconds)
            return
        outcome = trace.outcome or Outcome.FAULT
        self._metrics.answered(operation=trace.operation, kind=trace.kind, outcome=outcome, seconds=seconds)
        _log.info(
            "graphql",
            method=scope["method"],
            status=status,
            caller=trace.caller,
            operation=trace.operation and trace.operation[:80],
            kind=trace.kind,
            outcome=outcome,
            cost=trace.cost,
            ms=milliseconds,
        )


def _request_id(scope: Scope) -> str:
    """The id that a proxy gave the request, when it looks like one; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_REQUEST_ID.fullmatch(value):
            given: str = value.decode("ascii")
            return given
    return secrets.token_hex(8)
