"""Counts round trips on the wire, so that no driver and no pool can hide one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CHUNK_BYTES = 256 * 1024


@dataclass(slots=True)
class Relay:
    """Stands between a client and one store."""

    url: str
    """Where clients find the store through it."""
    round_trips: int = 0
    """How often a connection has turned from answering to asking."""


@asynccontextmanager
async def relay_to(url: str, *, without: str = "", extra: str = "") -> AsyncIterator[Relay]:
    """A relay to the store at this URL while the block runs.

    The URL's query loses the parameter `without` and gains `extra`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_connection(host, port)
        # The last who spoke; a client that goes on speaking waits for no answer in between.
        speaker = store_reader

        async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            nonlocal speaker
            try:
                while chunk := await source.read(CHUNK_BYTES):
                    if source is reader and speaker is not reader:
                        relay.round_trips += 1
                    speaker = source
                    to.write(chunk)
            except ConnectionResetError:
                return  # either end may leave first
            finally:
                to.close()

        await asyncio.gather(pass_on(reader, store_writer), pass_on(store_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    own_port = server.sockets[0].getsockname()[1]
    user = parts.netloc.rpartition("@")[0]
    netloc = f"{user}@127.0.0.1:{own_port}" if user else f"127.0.0.1:{own_port}"
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != without]
    query = "&".join(filter(None, [urlencode(kept), extra]))
    relay = Relay(urlunsplit((parts.scheme, netloc, parts.path, query, "")))
    try:
        yield relay
    finally:
        server.close()
