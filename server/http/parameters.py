"""The parameters of a GraphQL request, checked for their types (GraphQL over HTTP, "Request Parameters")."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from domain.refusals import Refusal, RefusalCode
from server.http import words

MAX_URL_PARAMETERS = 20


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one request asks to run."""

    query: str
    """The document's text; empty where only its id is given."""
    operation_name: str | None
    variables: dict[str, object]
    document_id: str | None = None
    """By which the server knows the document (`server/http/trusted_documents.py`)."""


def parameters_of_body(body: bytes) -> Parameters:
    """The parameters in a JSON body. Refused (BAD_REQUEST) unless it is an object of the right types."""
    if not body:
        raise Refusal(RefusalCode.BAD_REQUEST, words.BODY_MISSING)
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(RefusalCode.BAD_REQUEST, words.NOT_JSON, why=error) from error
    if isinstance(given, list):
        raise Refusal(RefusalCode.BAD_REQUEST, words.BATCH)
    if not isinstance(given, dict):
        raise Refusal(RefusalCode.BAD_REQUEST, words.NOT_AN_OBJECT)
    return checked_parameters(given)


def parameters_of_url(query_string: bytes) -> Parameters:
    """The parameters in a URL, `variables` and `extensions` as JSON text. Refused like those of a body."""
    try:
        pairs = parse_qsl(
            query_string.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_URL_PARAMETERS
        )
    except ValueError as error:
        raise Refusal(RefusalCode.BAD_REQUEST, words.QUERY_MISSING) from error
    given: dict[str, object] = dict(pairs)
    for name in ("variables", "extensions"):
        text = given.get(name)
        if text == "":
            del given[name]
        elif isinstance(text, str):
            try:
                given[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise Refusal(RefusalCode.BAD_REQUEST, words.BAD_VARIABLES_TEXT, name=name, why=error) from error
    # An empty operationName in a URL is how forms say that there is none.
    given["operationName"] = given.get("operationName") or None
    return checked_parameters(given)


def checked_parameters(given: Mapping[str, object]) -> Parameters:
    """The parameters in a decoded object. Refused (BAD_REQUEST) unless they are of the right types."""
    query = given.get("query")
    if query is None:
        query = ""
    if not isinstance(query, str):
        raise _wrong("query", "字符串", "a string", query)
    operation_name = given.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _wrong("operationName", "字符串", "a string", operation_name)
    variables = given.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise _wrong("variables", "对象", "an object", variables)
    extensions = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise _wrong("extensions", "对象", "an object", extensions)
    document_id = given.get("documentId")
    if document_id is not None and not isinstance(document_id, str):
        raise _wrong("documentId", "字符串", "a string", document_id)
    document_id = document_id or _persisted(extensions or {})
    if not query and document_id is None:
        raise Refusal(RefusalCode.BAD_REQUEST, words.QUERY_MISSING)
    return Parameters(query, operation_name, variables or {}, document_id)


def _persisted(extensions: Mapping[str, object]) -> str | None:
    """The id as Apollo's clients give it."""
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict):
        raise _wrong("extensions.persistedQuery", "对象", "an object", persisted)
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str):
        raise _wrong("extensions.persistedQuery.sha256Hash", "字符串", "a string", digest)
    return digest


_JSON_KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def _wrong(name: str, chinese_kind: str, english_kind: str, given: object) -> Refusal:
    return Refusal(
        RefusalCode.BAD_REQUEST,
        words.WRONG_PARAMETER,
        name=name,
        chinese_kind=chinese_kind,
        english_kind=english_kind,
        given=_JSON_KINDS.get(type(given), "null"),
    )
