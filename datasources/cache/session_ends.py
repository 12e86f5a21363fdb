"""The channel on which processes tell each other which sessions have ended.

A listener that was away has missed what was said meanwhile, so it asks PostgreSQL when it is back, and now and then.
"""

from collections.abc import AsyncGenerator, Iterable
from uuid import UUID

import redis.exceptions
from redis.asyncio import Redis

from datasources.hints import Hint

CHANNEL = "sessions:ended"
PATIENCE_SECONDS = 10.0


def sessions_ended(ids: Iterable[UUID]) -> Hint:
    """The hint that these sessions have ended."""
    return Hint(CHANNEL, b",".join(str(id).encode() for id in ids))


async def ended_sessions(redis_client: "Redis") -> AsyncGenerator[frozenset[UUID], None]:
    """The sessions that end, as they end. The first item is empty: from then on nothing is missed.

    Raises redis-py's errors when the connection is lost or Redis falls silent. Close it (`aclosing`) when done.
    """
    async with redis_client.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        asked = False
        while True:
            message = await channel.get_message(timeout=PATIENCE_SECONDS)
            if message is None:
                if asked:
                    raise redis.exceptions.ConnectionError("Redis does not answer")
                await channel.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                yield frozenset()
            elif message["type"] == "message":
                yield _ids(message["data"])


def _ids(data: bytes) -> frozenset[UUID]:
    try:
        return frozenset(UUID(each) for each in data.decode().split(",") if each)
    except ValueError:
        # Whatever else is said on the channel ends nobody's session.
        return frozenset()
