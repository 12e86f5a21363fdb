"""What open connections are told when the server process stops."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from datasources.stores import Stores
from server.addresses import as_environment
from server.embedded.data_lock import Endpoints
from server.settings import Settings
from tests.server.test_stores_come_and_go import serving, until
from tests.server.websocket.client import client


async def test_a_stopping_process_closes_with_1001(endpoints: Endpoints, settings: Settings, stores: Stores) -> None:
    environment = {**as_environment(endpoints), "DATA_DIRECTORY": str(settings.data_directory)}
    async with AsyncExitStack() as stack:
        async with serving(environment) as http:
            await until(http, lambda answer: answer.status_code == httpx.codes.OK, method="GET", url="/healthz")
            caller = await stack.enter_async_context(client(str(http.base_url).rstrip("/")))
            await caller.initialise()
            closing = asyncio.create_task(caller.close_code())
        assert (await closing)[0] == 1001
