"""Runs one operation of a connection: a query or mutation once, a subscription event by event.

Each event is executed like a query of its own, with a context and loaders that know nothing of earlier events.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import ExecutionResult, OperationType, create_source_event_stream

from domain.refusals import Refusal, RefusalCode
from server.http import limits
from server.http.documents import Document, DocumentRefused, Documents, Operation
from server.http.errors import ErrorWriter
from server.http.execution import Execution
from server.http.limits import Limits
from server.http.parameters import Parameters
from server.http.trace import Outcome, Trace
from server.metrics import Metrics
from server.websocket.protocol import Closed

Emit = Callable[[str, object], Awaitable[None]]
"""Sends a message of this type with this payload under the operation's id. Raises Closed when too much waits."""
ContextOf = Callable[[Trace, OperationType], object]
"""A fresh context for one execution."""

_log = structlog.get_logger(component="access")


@dataclass(frozen=True, slots=True)
class Operations:
    """Runs the operations of every connection of a process."""

    documents: Documents
    execution: Execution
    limits: Limits
    errors: ErrorWriter
    metrics: Metrics

    async def run(self, parameters: Parameters, trace: Trace, context_of: ContextOf, emit: Emit) -> None:
        """Run it to its end and say so by `complete` or `error`. Cancelling it ends its generator first."""
        try:
            await self._run(parameters, trace, context_of, emit)
            trace.outcome = trace.outcome or Outcome.OK
        except DocumentRefused as refused:
            trace.outcome = Outcome.REFUSED
            await emit("error", [self.errors.document(error, refused.code) for error in refused.errors])
        except Refusal as refusal:
            trace.outcome = Outcome.TIMED_OUT if refusal.code is RefusalCode.TIMED_OUT else Outcome.REFUSED
            await emit("error", [self.errors.refusal(refusal, trace)])
        except (Closed, asyncio.CancelledError):
            trace.outcome = trace.outcome or Outcome.DISCONNECTED
            raise
        except Exception as error:  # noqa: BLE001 - the last place that can hide its text from the caller
            await emit("error", [self.errors.failure(error, trace)])
        finally:
            self._report(trace)

    async def _run(self, parameters: Parameters, trace: Trace, context_of: ContextOf, emit: Emit) -> None:
        document = self.documents.get(parameters.query)
        operation = document.operation(parameters.operation_name)
        trace.operation = operation.name
        trace.kind = operation.kind.value
        trace.cost = operation.cost(parameters.variables)
        if trace.cost > self.limits.cost:
            raise limits.query_too_costly(trace.cost, self.limits.cost)

        async def execute(root: object = None) -> ExecutionResult:
            context = context_of(trace, operation.kind)
            executor = self.execution.executor(document, operation.name, parameters.variables, context, root=root)
            async with self._in_time():
                result = executor.execute_operation(False if operation.kind is OperationType.SUBSCRIPTION else None)
                return _single(await result if isinstance(result, Awaitable) else result)

        if operation.kind is not OperationType.SUBSCRIPTION:
            await emit("next", self._answer(await execute(), trace))
        else:
            source = await self._source(document, operation, parameters, context_of(trace, operation.kind))
            if isinstance(source, ExecutionResult):
                await emit("error", self.errors.of_fields(source.errors or [], trace))
                return
            async with aclosing(_closable(source)) as events:
                async for event in events:
                    await emit("next", self._answer(await execute(event), trace))
                    self.metrics.socket_events.inc()
        await emit("complete", None)

    async def _source(
        self, document: Document, operation: Operation, parameters: Parameters, context: object
    ) -> AsyncIterable[Any] | ExecutionResult:
        executor = self.execution.executor(document, operation.name, parameters.variables, context)
        async with self._in_time():
            source = create_source_event_stream(executor)
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
