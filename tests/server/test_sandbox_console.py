"""What the console of `make up` shows of text messages."""

import asyncio
from contextlib import suppress

from pydantic import SecretStr

from datasources.sms.provider import OutgoingSms
from datasources.sms.sandbox import SandboxInbox
from datasources.stores import Stores
from server.embedded.data_lock import Endpoints
from server.sandbox_console import show_messages


async def test_a_message_is_said_as_it_arrives(stores: Stores, endpoints: Endpoints) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    showing = asyncio.create_task(show_messages(endpoints.redis_url, said.put_nowait))
    message = OutgoingSms("1", SecretStr("+8613800001234"), SecretStr("123456 is your code"), "", {})
    line = None
    while line is None:
        await SandboxInbox(stores.redis).send(message)
        with suppress(TimeoutError):
            line = await asyncio.wait_for(said.get(), 0.2)
    assert line == "SMS to +8613800001234: 123456 is your code"
    showing.cancel()
    with suppress(asyncio.CancelledError):
        await showing
