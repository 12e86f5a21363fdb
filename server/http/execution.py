"""Runs one operation: within its time, and only for as long as its caller is there to hear the answer."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeGuard, TypeVar

import strawberry
from graphql import ExecutionResult, Executor, GraphQLSchema
from starlette.types import Receive

from domain.refusals import RefusalCode
from server.http import limits
from server.http.documents import Document, DocumentRefused
from server.http.executor import PlainFieldsExecutor

# How long a cancelled operation may take to let go of its connections before the answer leaves without waiting.
CANCELLATION_GRACE_SECONDS = 1.0

Result = TypeVar("Result")


class ClientGone(Exception):  # noqa: N818 - nobody's fault
    """The caller closed the connection; the operation was cancelled and there is nobody to answer."""


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema that Strawberry built; 0.341 has no public name for it."""
    return schema._schema  # noqa: SLF001


class _AwaitableTypes(dict[type, bool]):
    """Whether values of a type can be awaited, found out once for each type.

    graphql-core asks it of every value it completes, and asking a row or a document itself is dear: pydantic answers
    for an attribute that isn't there by raising.
    """

    def __missing__(self, asked: type) -> bool:
        self[asked] = hasattr(asked, "__await__")
        return self[asked]


_awaitable_types = _AwaitableTypes()


def _is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    return _awaitable_types[type(value)]


class Execution:
    """Runs operations of one schema. Strawberry's schema extensions do not run: the front door does their work."""

    def __init__(self, schema: strawberry.Schema, *, seconds: float, hide_suggestions: bool) -> None:
        self._schema = core_schema(schema)
        self._seconds = seconds
        self._hide_suggestions = hide_suggestions

    @property
    def schema(self) -> GraphQLSchema:
        """The schema whose operations it runs."""
        return self._schema

    async def run(
        self,
        document: Document,
        operation_name: str | None,
        variables: dict[str, object],
        context: object,
        receive: Receive,
    ) -> ExecutionResult:
        """The operation's result.

        Raises DocumentRefused when the variables don't fit, LimitExceeded (TIMED_OUT) when it takes too long, and
        ClientGone when the caller leaves first; in the latter two its work has been cancelled.
        """
        executor = self.executor(document, operation_name, variables, context)
        result = executor.execute_operation()
        if isinstance(result, Awaitable):
            result = await self._while_heard(result, receive)
        if not isinstance(result, ExecutionResult):
            raise TypeError("the schema has incremental delivery, which this front door does not speak")
        return result

    def executor(
        self,
        document: Document,
        operation_name: str | None,
        variables: dict[str, object],
        context: object,
        *,
        root: object = None,
    ) -> Executor[Any]:
        """What runs the operation once. Raises DocumentRefused when the variables don't fit."""
        executor = PlainFieldsExecutor.build(
            self._schema,
            document.node,
            root_value=root,
            context_value=context,
            raw_variable_values=variables,
            operation_name=operation_name,
            is_awaitable=_is_awaitable,
            hide_suggestions=self._hide_suggestions,
        )
        if not isinstance(executor, Executor):
            raise DocumentRefused(RefusalCode.BAD_REQUEST, executor)
        return executor

    async def _while_heard(self, work: Awaitable[Result], receive: Receive) -> Result:
        running = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(_disconnect(receive))
        try:
            await asyncio.wait({running, leaving}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            if leaving.done():
                raise ClientGone
            raise limits.timed_out(self._seconds)
        finally:
            leaving.cancel()
            if not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=CANCELLATION_GRACE_SECONDS)


async def _disconnect(receive: Receive) -> None:
    message: Any = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
