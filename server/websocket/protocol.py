"""The messages and close codes of `graphql-transport-ws`.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md; the reasons of its own codes are in its words.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

SUBPROTOCOL = "graphql-transport-ws"
MOST_ID_CHARACTERS = 128
# RFC 6455 §5.5: a control frame carries 125 bytes, two of which are the code.
MOST_REASON_BYTES = 123


class CloseCode(IntEnum):
    """Why the server closes a connection."""

    GOING_AWAY = 1001
    MESSAGE_TOO_BIG = 1009
    INTERNAL = 1011
    TRY_AGAIN_LATER = 1013
    """Too many connections, a store that is down, or a reader slower than its events."""
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    """`subscribe` before `connection_ack`; or the credential has expired, was revoked, or grants something else now."""
    FORBIDDEN = 4403
    """The credential in `connection_init` does not hold."""
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITS = 4429


class Closed(Exception):  # noqa: N818 - how a connection ends, not a fault
    """The connection is to be closed with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        self.code = code
        self.reason = reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore")
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message of a known type and form. `id` is empty where its type has none."""

    type: str
    id: str
    payload: dict[str, Any]


_WITH_ID = frozenset({"subscribe", "complete"})
_WITHOUT_ID = frozenset({"connection_init", "ping", "pong"})


def client_message(text: str) -> ClientMessage:
    """The message in this text. Raises Closed (4400) unless the protocol knows it."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message: not JSON") from error
    if not isinstance(given, dict):
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message: not an object")
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _WITH_ID | _WITHOUT_ID:
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message: unknown type")
    id = given.get("id", "") if kind in _WITH_ID else ""
    if not isinstance(id, str) or (kind in _WITH_ID and not 0 < len(id) <= MOST_ID_CHARACTERS):
        raise Closed(
            CloseCode.BAD_REQUEST, f"Invalid message: {kind} needs an id, 1 to {MOST_ID_CHARACTERS} characters"
        )
    payload = given.get("payload")
    if payload is None and kind != "subscribe":
        payload = {}
    if not isinstance(payload, dict):
        raise Closed(CloseCode.BAD_REQUEST, f"Invalid message: the payload of {kind} must be an object")
    return ClientMessage(kind, id, payload)


def server_message(kind: str, *, id: str | None = None, payload: object = None) -> str:
    """The text of a message to the client."""
    message: dict[str, object] = {"type": kind}
    if id is not None:
        message["id"] = id
    if payload is not None:
        message["payload"] = payload
    return orjson.dumps(message).decode()


def state_head(id: str) -> str:
    """What stands before the payload in a `next` message of this operation; a brace stands behind it."""
    return f'{{"type":"next","id":{orjson.dumps(id).decode()},"payload":'
