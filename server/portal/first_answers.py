"""Asks the graph, as a visitor, what a page shows first, so that its HTML can bring the answer along."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from starlette.requests import Request

from domain.callers import VISITOR, Caller
from resolvers.exchange import Exchange
from server.http.documents import Documents
from server.http.execution import Execution
from server.http.trace import Trace, trace_of

_log = structlog.get_logger(component="portal")


class FirstAnswers:
    """Runs the portal's own operations in the process that serves its pages."""

    def __init__(
        self,
        documents: Documents,
        execution: Execution,
        make_context: Callable[[Caller, Trace, Exchange], object],
        texts: Mapping[str, str],
    ) -> None:
        self._documents = documents
        self._execution = execution
        self._make_context = make_context
        self._texts = texts

    async def ask(self, request: Request, operation: str, variables: dict[str, object]) -> dict[str, Any] | None:
        """The operation's data; None when it cannot be had now, and the page asks for itself then."""
        context = self._make_context(VISITOR, trace_of(request.scope), Exchange())
        try:
            document = self._documents.get(self._texts[operation])
            result = await self._execution.run(document, operation, variables, context, request.receive)
        except Exception as error:  # noqa: BLE001 - without its first answer a page still works
            _log.warning("no_first_answer", operation=operation, error=type(error).__name__)
            return None
        if result.errors:
            _log.warning("no_first_answer", operation=operation, error=type(result.errors[0].original_error).__name__)
            return None
        return result.data
