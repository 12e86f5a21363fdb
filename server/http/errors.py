"""Errors as they stand in an answer: a message in the caller's language, a place, and `extensions.code`.

The one place where refusals, stores that are down and faults become GraphQL errors. A fault's own text never leaves the
process: it is logged, and the answer says under which request id.
"""

from collections.abc import Callable
from typing import Any

import structlog
from graphql import GraphQLError

from datasources.faults import Store
from domain.refusals import Refusal, RefusalCode
from server.http import words
from server.http.limits import LimitExceeded
from server.http.trace import Outcome, Trace

RETRY_AFTER_SECONDS = 2
MOST_LOGGED_FAULTS = 5

_STORE_NAMES = {
    Store.POSTGRESQL: "PostgreSQL",
    Store.MONGODB: "MongoDB",
    Store.REDIS: "Redis",
    Store.OBJECT_STORAGE: "object storage",
}

Entry = dict[str, Any]
StoreOf = Callable[[BaseException], Store | None]

_log = structlog.get_logger(component="graphql")


class ErrorWriter:
    """Writes the errors of every request of one process."""

    def __init__(self, *, store_of: StoreOf, on_store_down: Callable[[Store], None]) -> None:
        self._store_of = store_of
        self._on_store_down = on_store_down

    def refusal(self, refusal: Refusal, trace: Trace) -> Entry:
        """A refusal of the whole request."""
        extensions: Entry = {"code": refusal.code}
        if isinstance(refusal, LimitExceeded):
            extensions |= refusal.details
        return {"message": refusal.say(trace.language), "extensions": extensions}

    def document(self, error: GraphQLError, code: RefusalCode) -> Entry:
        """What graphql-core finds wrong with a document or its variables, in its words: they name the place."""
        return {**_place(error), "message": error.message, "extensions": {"code": code}}

    def failure(self, error: BaseException, trace: Trace) -> Entry:
        """A failure of the whole request outside any field."""
        store = self._store_of(error)
        if store is not None:
            return self._store_down(store, trace)
        self._log_fault(error, trace, path=None)
        return self._fault(trace)

    def of_fields(self, errors: list[GraphQLError], trace: Trace) -> list[Entry]:
        """The errors of an executed operation. Sets the trace's outcome by the gravest of them."""
        logged = 0
        entries: list[Entry] = []
        for error in errors:
            cause = _cause(error)
            if isinstance(cause, Refusal):
                entry = self.refusal(cause, trace)
                outcome = Outcome.ERRORS
            elif isinstance(cause, GraphQLError):
                entry = {"message": cause.message, "extensions": {"code": RefusalCode.BAD_REQUEST}}
                outcome = Outcome.ERRORS
            elif (store := self._store_of(cause)) is not None:
                entry = self._store_down(store, trace)
                outcome = Outcome.UNAVAILABLE
            else:
                if logged < MOST_LOGGED_FAULTS:
                    self._log_fault(cause, trace, path=error.path)
                logged += 1
                entry = self._fault(trace)
                outcome = Outcome.FAULT
            entries.append({**_place(error), **entry})
            trace.outcome = _graver(trace.outcome, outcome)
        if logged > MOST_LOGGED_FAULTS:
            _log.error("more faults in the same operation", count=logged - MOST_LOGGED_FAULTS)
        return entries

    def _store_down(self, store: Store, trace: Trace) -> Entry:
        self._on_store_down(store)
        trace.outcome = _graver(trace.outcome, Outcome.UNAVAILABLE)
        return {
            "message": words.STORE_UNAVAILABLE.say(trace.language, store=_STORE_NAMES[store]),
            "extensions": {
                "code": RefusalCode.SERVICE_UNAVAILABLE,
                "store": store,
                "retryAfterSeconds": RETRY_AFTER_SECONDS,
            },
        }

    def _fault(self, trace: Trace) -> Entry:
        trace.outcome = Outcome.FAULT
        return {
            "message": words.FAULT.say(trace.language, request_id=trace.request_id),
            "extensions": {"code": RefusalCode.INTERNAL, "requestId": trace.request_id},
        }

    def _log_fault(self, error: BaseException, trace: Trace, path: list[str | int] | None) -> None:
        _log.error("fault", operation=trace.operation, path=path, exc_info=error)


def _cause(error: GraphQLError) -> BaseException:
    """What a field raised. A GraphQLError is returned only for what graphql-core found wrong with the arguments.

    Those carry nodes of their own. What carries none was raised by a resolver or a scalar, and may hold anything.
    """
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError) and not cause.nodes:
        return RuntimeError(cause.message)
    return cause


def _place(error: GraphQLError) -> Entry:
    place: Entry = {}
    if error.locations:
        place["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path is not None:
        place["path"] = error.path
    return place


_BY_GRAVITY = list(Outcome)


def _graver(one: Outcome | None, other: Outcome) -> Outcome:
    return other if one is None else max(one, other, key=_BY_GRAVITY.index)
