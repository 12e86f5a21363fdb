"""Runs one operation of a connection: a query or mutation once, a subscription event by event.

Each event is executed like a query of its own, with a context and loaders that know nothing of earlier events. Where
many subscribe to the same, one of them is served to all (`server/websocket/streams.py`).
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
import structlog
from graphql import ExecutionResult, Executor, OperationType, create_source_event_stream

from domain.callers import Caller
from domain.refusals import Refusal, RefusalCode
from server.http import limits
from server.http.documents import Document, DocumentRefused, Documents, Operation
from server.http.errors import Entry, ErrorWriter
from server.http.execution import Execution
from server.http.limits import Limits
from server.http.parameters import Parameters
from server.http.trace import Outcome, Trace, caller_label
from server.http.trusted_documents import NONE_TRUSTED, TrustedDocuments
from server.metrics import Metrics
from server.websocket.protocol import Closed
from server.websocket.sharing import SharedSubscriptions, StreamKey
from server.websocket.streams import Streams


class Subscriber(Protocol):
    """The connection that an operation runs for, as the operation sees it."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    def context(self, trace: Trace, kind: OperationType) -> object:
        """A fresh context for one execution."""

    def context_maker(self, caller: Caller) -> Callable[[Trace], object]:
        """Makes fresh contexts for executions that outlive the connection: nothing in them is this connection's."""

    async def emit(self, kind: str, payload: object) -> None:
        """Send a message of this type under the operation's id. Raises Closed when too much waits."""

    def offer(self, payload: str) -> None:
        """Send this encoded payload as the latest state, in the place of an older one that still waits."""


class SubscriptionRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The subscription can't begin or can't go on: the errors, as they stand in the answer."""

    def __init__(self, errors: list[Entry]) -> None:
        self.errors = errors
        super().__init__(f"{len(errors)} errors")


_log = structlog.get_logger(component="access")


@dataclass(frozen=True, slots=True)
class _Request:
    """One operation and all that came with it."""

    document: Document
    operation: Operation
    parameters: Parameters
    trace: Trace


@dataclass(frozen=True, slots=True)
class Operations:
    """Runs the operations of every connection of a process."""

    documents: Documents
    execution: Execution
    limits: Limits
    errors: ErrorWriter
    metrics: Metrics
    trusted: TrustedDocuments = NONE_TRUSTED
    streams: Streams = field(init=False)
    sharing: SharedSubscriptions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", Streams(self.metrics))
        object.__setattr__(self, "sharing", SharedSubscriptions(self.execution.schema))

    async def run(self, parameters: Parameters, trace: Trace, subscriber: Subscriber) -> None:
        """Run it to its end and say so by `complete` or `error`. Cancelling it ends its generator first."""
        try:
            await self._run(parameters, trace, subscriber)
            trace.outcome = trace.outcome or Outcome.OK
        except (Closed, asyncio.CancelledError):
            trace.outcome = trace.outcome or Outcome.DISCONNECTED
            raise
        except Exception as error:  # noqa: BLE001 - the last place that can hide its text from the caller
            await subscriber.emit("error", self._entries(error, trace))
        finally:
            self._report(trace)

    def _entries(self, error: Exception, trace: Trace) -> list[Entry]:
        if isinstance(error, SubscriptionRefused):
            trace.outcome = trace.outcome or Outcome.ERRORS
            return error.errors
        if isinstance(error, DocumentRefused):
            trace.outcome = Outcome.REFUSED
            return [self.errors.document(each, error.code) for each in error.errors]
        if isinstance(error, Refusal):
            trace.outcome = Outcome.TIMED_OUT if error.code is RefusalCode.TIMED_OUT else Outcome.REFUSED
            return [self.errors.refusal(error, trace)]
        return [self.errors.failure(error, trace)]

    async def _run(self, parameters: Parameters, trace: Trace, subscriber: Subscriber) -> None:
        parameters = self.trusted.settled(parameters, subscriber.caller)
        document = self.documents.get(parameters.query)
        operation = document.operation(parameters.operation_name)
        trace.operation = operation.name
        trace.kind = operation.kind.value
        trace.cost = operation.cost(parameters.variables)
        if trace.cost > self.limits.cost:
            raise limits.query_too_costly(trace.cost, self.limits.cost)
        request = _Request(document, operation, parameters, trace)
        if operation.kind is not OperationType.SUBSCRIPTION:
            context = subscriber.context(trace, operation.kind)
            await subscriber.emit("next", self._answer(await self._execute(request, context), trace))
        elif (key := self._key(request, subscriber)) is not None:
            source = self._shared_source(request, key, subscriber.context_maker(key.caller))
            await self.streams.follow(key, source, subscriber)
        else:
            answers = self._answers(request, lambda: subscriber.context(trace, operation.kind))
            async with aclosing(answers):
                async for answer in answers:
                    await subscriber.emit("next", answer)
                    self.metrics.socket_events.inc()
        await subscriber.emit("complete", None)

    def _key(self, request: "_Request", subscriber: Subscriber) -> StreamKey | None:
        language = request.trace.language
        return self.sharing.key(request.document, request.operation, request.parameters, subscriber.caller, language)

    def _shared_source(
        self, request: "_Request", key: StreamKey, make_context: Callable[[Trace], object]
    ) -> Callable[[], AsyncGenerator[str, None]]:
        """The subscription as nobody's in particular: with a trace of its own, and errors told once for all."""
        trace = replace(request.trace, request_id=secrets.token_hex(8), caller=caller_label(key.caller))
        own = replace(request, trace=trace)

        async def encoded() -> AsyncGenerator[str, None]:
            structlog.contextvars.bind_contextvars(request_id=trace.request_id)
            try:
                async with aclosing(self._answers(own, lambda: make_context(trace))) as answers:
                    async for answer in answers:
                        yield orjson.dumps(answer).decode()
            except Exception as error:
                raise SubscriptionRefused(self._entries(error, trace)) from error

        return encoded

    async def _answers(
        self, request: "_Request", make_context: Callable[[], object]
    ) -> AsyncGenerator[dict[str, object], None]:
        """The payloads of a subscription's events. Raises SubscriptionRefused when its field can't be subscribed to."""
        source = await self._source(request, make_context())
        if isinstance(source, ExecutionResult):
            raise SubscriptionRefused(self.errors.of_fields(source.errors or [], request.trace))
        async with aclosing(_closable(source)) as events:
            async for event in events:
                result = await self._execute(request, make_context(), event)
                yield self._answer(result, request.trace)

    async def _execute(self, request: "_Request", context: object, root: object = None) -> ExecutionResult:
        serially = False if request.operation.kind is OperationType.SUBSCRIPTION else None
        executor = self._executor(request, context, root)
        async with self._in_time():
            result = executor.execute_operation(serially)
            return _single(await result if isinstance(result, Awaitable) else result)

    def _executor(self, request: "_Request", context: object, root: object = None) -> Executor[Any]:
        variables = request.parameters.variables
        return self.execution.executor(request.document, request.operation.name, variables, context, root=root)

    async def _source(self, request: "_Request", context: object) -> AsyncIterable[Any] | ExecutionResult:
        async with self._in_time():
            source = create_source_event_stream(self._executor(request, context))
            return await source if isinstance(source, Awaitable) else source

    def _answer(self, result: ExecutionResult, trace: Trace) -> dict[str, object]:
        if result.errors:
            return {"errors": self.errors.of_fields(result.errors, trace), "data": result.data}
        return {"data": result.data}

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.limits.seconds) as deadline:
                yield
        except TimeoutError as error:
            if deadline.expired():
                raise limits.timed_out(self.limits.seconds) from error
            raise

    def _report(self, trace: Trace) -> None:
        seconds = time.perf_counter() - trace.started
        outcome = trace.outcome or Outcome.FAULT
        self.metrics.answered(operation=trace.operation, kind=trace.kind, outcome=outcome, seconds=seconds)
        _log.info(
            "graphql",
            method="WEBSOCKET",
            caller=trace.caller,
            operation=trace.operation and trace.operation[:80],
            kind=trace.kind,
            outcome=outcome,
            cost=trace.cost,
            ms=round(seconds * 1000, 2),
        )


def _single(result: object) -> ExecutionResult:
    if not isinstance(result, ExecutionResult):
        raise TypeError("the schema has incremental delivery, which this front door does not speak")
    return result


async def _closable(source: AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
    """The events of a source, which is closed at once when this is."""
    iterator = aiter(source)
    try:
        async for event in iterator:
            yield event
    finally:
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()
