"""GraphQL over HTTP (the GraphQL Foundation's specification), from the request's bytes to the answer's.

Two kinds of refusal differ in their status. What is wrong with the HTTP request itself (method, media type, body,
authentication, time, stores) has its own status in either media type. What is wrong with the document or the variables
of a well-formed request is 400 in `application/graphql-response+json`, and 200 in `application/json`, which older
clients expect.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import strawberry
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from domain.callers import Caller
from domain.refusals import Refusal, RefusalCode
from resolvers.exchange import Exchange
from server.http import limits, words
from server.http.answer import Answer, headers_of, status_of
from server.http.body import read_body
from server.http.documents import DocumentRefused, Documents, Operation
from server.http.errors import Entry, ErrorWriter
from server.http.execution import ClientGone, Execution, core_schema
from server.http.limits import Limits
from server.http.negotiation import MediaType, answer_type, is_json, language
from server.http.parameters import Parameters, parameters_of_body, parameters_of_url
from server.http.request_facts import Authenticator, RequestFacts
from server.http.trace import Outcome, Trace, caller_label, trace_of
from server.http.trusted_documents import NONE_TRUSTED, TrustedDocuments

MakeContext = Callable[[Caller, Trace, Exchange], object]
"""What resolvers are given of an operation."""

BAD_REQUEST_STATUS = 400


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`. Served inside `server.http.observed`."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        limits: Limits,
        introspection: bool,
        authenticate: Authenticator,
        make_context: MakeContext,
        errors: ErrorWriter,
        trusted: TrustedDocuments = NONE_TRUSTED,
    ) -> None:
        self.documents = Documents(core_schema(schema), limits, introspection=introspection)
        self._limits = limits
        self._authenticate = authenticate
        self._make_context = make_context
        self._errors = errors
        self._trusted = trusted
        self.execution = Execution(schema, seconds=limits.seconds, hide_suggestions=not introspection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        trace = trace_of(scope)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        trace.language = language(headers.get(b"accept-language", b"").decode("latin-1"))
        media = MediaType.JSON
        try:
            media = answer_type(headers.get(b"accept", b"").decode("latin-1"))
            answer = await self._serve(scope, headers, receive, media, trace)
        except Refusal as refusal:
            answer = self._refused(refusal, media, trace)
        except ClientGone:
            trace.outcome = Outcome.DISCONNECTED
            return
        except Exception as error:  # noqa: BLE001 - the last place that can hide its text from the caller
            answer = self._failed(error, media, trace)
        await answer.send(send)

    async def _serve(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, media: MediaType, trace: Trace
    ) -> Answer:
        method: str = scope["method"]
        if method == "POST":
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            if not is_json(content_type):
                raise Refusal(
                    RefusalCode.UNSUPPORTED_MEDIA_TYPE, words.WRONG_CONTENT_TYPE, given=content_type[:80] or "–"
                )
            body = await read_body(headers, receive, self._limits.body_bytes)
        elif method == "GET":
            body = b""
        else:
            raise Refusal(RefusalCode.METHOD_NOT_ALLOWED, words.METHOD_NOT_ALLOWED, method=method)
        caller = await self._authenticate(_facts(scope, headers, body))
        trace.caller = caller_label(caller)
        parameters = parameters_of_body(body) if method == "POST" else parameters_of_url(scope["query_string"])
        try:
            exchange = _exchange(scope, headers)
            make_context = partial(self._make_context, caller, trace, exchange)
            parameters = self._trusted.settled(parameters, caller)
            answer = await self._run(parameters, headers, make_context, receive, media, trace, is_get=method == "GET")
            answer.headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in exchange.outgoing]
        except DocumentRefused as refused:
            trace.outcome = Outcome.REFUSED
            entries = [self._errors.document(error, refused.code) for error in refused.errors]
            return Answer(_document_status(BAD_REQUEST_STATUS, media), media, trace.language, _encode(entries))
        except Refusal as refusal:
            answer = self._refused(refusal, media, trace)
            answer.status = _document_status(answer.status, media)
            return answer
        if method == "GET" and trace.outcome is Outcome.OK:
            return answer.unless_known(headers.get(b"if-none-match", b""))
        return answer

    async def _run(
        self,
        parameters: Parameters,
        headers: dict[bytes, bytes],
        make_context: Callable[[], object],
        receive: Receive,
        media: MediaType,
        trace: Trace,
        *,
        is_get: bool,
    ) -> Answer:
        document = self.documents.get(parameters.query)
        operation = document.operation(parameters.operation_name)
        trace.operation = operation.name
        trace.kind = operation.kind.value
        _refuse_kind(operation, is_get=is_get)
        cost = operation.cost(parameters.variables)
        trace.cost = cost
        if cost > self._limits.cost:
            raise limits.query_too_costly(cost, self._limits.cost)
        result = await self.execution.run(document, operation.name, parameters.variables, make_context(), receive)
        answered: dict[str, Any] = {"data": result.data}
        status = 200
        extra: list[tuple[bytes, bytes]] = []
        if result.errors:
            answered = {"errors": self._errors.of_fields(result.errors, trace), "data": result.data}
            if trace.outcome is Outcome.UNAVAILABLE:
                extra = headers_of(RefusalCode.SERVICE_UNAVAILABLE)
                # Against the letter of the specification (200), so that proxies and senders that know only HTTP
                # see that nothing was done and try again.
                status = 200 if result.data is not None else status_of(RefusalCode.SERVICE_UNAVAILABLE)
        else:
            trace.outcome = Outcome.OK
        if headers.get(b"x-htb-cost") == b"1":
            answered["extensions"] = {"cost": {"counted": cost, "limit": self._limits.cost}}
        return Answer(status, media, trace.language, orjson.dumps(answered), extra)

    def _refused(self, refusal: Refusal, media: MediaType, trace: Trace) -> Answer:
        trace.outcome = Outcome.TIMED_OUT if refusal.code is RefusalCode.TIMED_OUT else Outcome.REFUSED
        if refusal.code is RefusalCode.SERVICE_UNAVAILABLE:
            trace.outcome = Outcome.UNAVAILABLE
        entry = self._errors.refusal(refusal, trace)
        return Answer(status_of(refusal.code), media, trace.language, _encode([entry]), headers_of(refusal.code))

    def _failed(self, error: Exception, media: MediaType, trace: Trace) -> Answer:
        entry = self._errors.failure(error, trace)
        code: str = entry["extensions"]["code"]
        return Answer(status_of(code), media, trace.language, _encode([entry]), headers_of(code))


def _refuse_kind(operation: Operation, *, is_get: bool) -> None:
    """Refuse what this method cannot run: a GET must be safe to repeat, and a subscription has no single answer."""
    if operation.kind is OperationType.SUBSCRIPTION:
        raise Refusal(RefusalCode.BAD_REQUEST, words.SUBSCRIPTION_OVER_HTTP)
    if is_get and operation.kind is not OperationType.QUERY:
        raise Refusal(RefusalCode.METHOD_NOT_ALLOWED, words.MUTATION_BY_GET, kind=operation.kind.value)


def _document_status(status: int, media: MediaType) -> int:
    return 200 if status == BAD_REQUEST_STATUS and media is MediaType.JSON else status


def _encode(entries: list[Entry]) -> bytes:
    return orjson.dumps({"errors": entries})


def _exchange(scope: Scope, headers: dict[bytes, bytes]) -> Exchange:
    client = scope.get("client")
    return Exchange(
        address=client[0] if client else "",
        user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
        cookie_header=headers.get(b"cookie", b"").decode("latin-1"),
    )


def _facts(scope: Scope, headers: dict[bytes, bytes], body: bytes) -> RequestFacts:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    authorization = headers.get(b"authorization")
    client = scope.get("client")
    return RequestFacts(
        method=scope["method"],
        target=(path + b"?" + query if query else path).decode("latin-1"),
        authorization=None if authorization is None else authorization.decode("latin-1"),
        body=body,
        client_address=client[0] if client else "",
    )
