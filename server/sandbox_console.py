"""Shows a development installation's text messages on the console of `make up`, and in no log file."""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import RedisError

from datasources.sms.sandbox import SandboxInbox
from server.embedded.supervised import Report

PAUSE_SECONDS = 1.0


async def show_messages(redis_url: str, say: Report) -> None:
    """Say each message as it arrives, until cancelled; a Redis that is away is asked again."""
    async with Redis.from_url(redis_url) as redis:
        while True:
            try:
                async for message in SandboxInbox(redis).arriving():
                    say(f"SMS to {message.phone}: {message.text}")
            except RedisError:
                await asyncio.sleep(PAUSE_SECONDS)
