"""The server process outlives its stores: it names the one that is down, and needs no restart when it is back."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from server.embedded.data_lock import Endpoints

PATIENCE_SECONDS = 30

QUERIES = {
    "mongodb": "{ hospitals(first: 1) { nodes { name } } }",
    "postgresql": '{ dictItem(code: "HospitalType") { name } }',
}


class Gate:
    """A port in front of a store, which can be shut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.port
        self._target = parts.hostname, parts.port
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port: int = found.getsockname()[1]
        self.url = url.replace(f":{parts.port}", f":{self.port}")
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    async def shut(self) -> None:
        """Cut every connection and accept none."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._connections:
            writer.transport.abort()
        self._connections.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._target
        there_reader, there_writer = await asyncio.open_connection(host, port)
        self._connections |= {writer, there_writer}
        await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer), suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def serving(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A server process with this environment; a client for it."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "serve",
        env={**os.environ, **environment, "PORT": str(port)},
        cwd=Path(__file__).parent.parent.parent,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15) as http:
            yield http
    finally:
        process.terminate()
        await process.wait()


async def until(http: httpx.AsyncClient, wanted: Callable[[httpx.Response], bool], **request: Any) -> httpx.Response:
    """Ask again and again until the answer is as wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                response = await http.request(**request)
            except httpx.TransportError:
                response = None
            if response is not None and wanted(response):
                return response
            await asyncio.sleep(0.1)


def is_ok(response: httpx.Response) -> bool:
    return response.status_code == 200


def has_data(response: httpx.Response) -> bool:
    return "errors" not in response.json()


@pytest.mark.usefixtures("stores")
async def test_each_store_may_be_down_at_the_start_go_away_and_come_back(
    endpoints: Endpoints, data_directory: Path
) -> None:
    gates = {
        "postgresql": Gate(endpoints.database_url),
        "mongodb": Gate(endpoints.mongodb_url),
        "redis": Gate(endpoints.redis_url),
    }
    environment = {
        "DATABASE_URL": gates["postgresql"].url,
        # A replica set's own address would lead around the gate.
        "MONGODB_URL": gates["mongodb"].url.partition("?")[0] + "?directConnection=true",
        "REDIS_URL": gates["redis"].url,
        "DATA_DIRECTORY": str(data_directory),
        "LOG_LEVEL": "ERROR",
    }
    async with serving(environment) as http:
        await until(http, is_ok, method="GET", url="/healthz")
        for name in gates:
            await _expect_down(http, name)

        for gate in gates.values():
            await gate.open()
        await until(http, is_ok, method="GET", url="/readyz")
        for query in QUERIES.values():
            await until(http, has_data, method="POST", url="/graphql", json={"query": query})

        for name, gate in gates.items():
            await gate.shut()
            await _expect_down(http, name)
            await gate.open()
            await until(http, is_ok, method="GET", url="/readyz")
            if name in QUERIES:
                await until(http, has_data, method="POST", url="/graphql", json={"query": QUERIES[name]})
    for gate in gates.values():
        await gate.shut()


async def _expect_down(http: httpx.AsyncClient, name: str) -> None:
    ready = await http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["stores"][name]["state"] == "down"
    if name in QUERIES:
        response = await http.post("/graphql", json={"query": QUERIES[name]})
        [error] = response.json()["errors"]
        assert (error["extensions"]["code"], error["extensions"]["store"]) == ("SERVICE_UNAVAILABLE", name)
        assert response.headers["retry-after"] == "2"
