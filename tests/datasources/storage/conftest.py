"""An OSS that runs on a port of its own, and ways to feed and drain stores."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from pydantic import SecretStr

from datasources.storage.aliyun_oss import OssAccount
from tests.datasources.storage.oss_server import OssServer


@dataclass
class RunningOss:
    server: OssServer
    endpoint: str

    def account(self, secret: str = "the-secret", region: str | None = None) -> OssAccount:
        return OssAccount(self.endpoint, region or self.server.region, SecretStr("the-key-id"), SecretStr(secret))


@pytest.fixture
async def oss() -> AsyncIterator[RunningOss]:
    """A running OSS without objects."""
    server = OssServer()
    uvicorn_server = uvicorn.Server(
        uvicorn.Config(server.app(), host="127.0.0.1", port=0, log_level="warning", ws="none", lifespan="off")
    )
    task = asyncio.create_task(uvicorn_server.serve())
    while not uvicorn_server.started:  # noqa: ASYNC110 - uvicorn sets no event
        await asyncio.sleep(0.01)
    port = uvicorn_server.servers[0].sockets[0].getsockname()[1]
    yield RunningOss(server, f"http://127.0.0.1:{port}")
    uvicorn_server.should_exit = True
    await task


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    """Content as it comes from a network."""
    for each in content:
        yield each


async def whole(stream: AsyncIterator[bytes]) -> bytes:
    """All of it."""
    return b"".join([piece async for piece in stream])
