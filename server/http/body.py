"""Reads a request's body, never more of it than is allowed."""

import asyncio

from starlette.types import Receive

from server.http import limits
from server.http.execution import ClientGone

# A sender hears a refusal only once it has stopped sending: what it still sends is thrown away, within reason.
DISCARD_AT_MOST_BYTES = 64 * 1024 * 1024
DISCARD_AT_MOST_SECONDS = 10.0


async def read_body(headers: dict[bytes, bytes], receive: Receive, most: int) -> bytes:
    """The whole body. Raises LimitExceeded (BODY_TOO_LARGE) past `most` bytes, ClientGone when the sender hangs up."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > most:
        if headers.get(b"expect", b"").lower() != b"100-continue":
            await _discard(receive)
        raise limits.body_too_large(most)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= most:
        return body
    chunks = [body]
    size = len(body)
    while size <= most and message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        chunks.append(chunk)
    if size > most:
        if message.get("more_body", False):
            chunks.clear()
            await _discard(receive)
        raise limits.body_too_large(most)
    return b"".join(chunks)


async def _discard(receive: Receive) -> None:
    discarded = 0
    try:
        async with asyncio.timeout(DISCARD_AT_MOST_SECONDS):
            while discarded <= DISCARD_AT_MOST_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                discarded += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
