"""The channels on which processes tell each other which sessions have ended and which integration keys.

A listener that was away has missed what was said meanwhile, so it asks PostgreSQL when it is back, and now and then.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from uuid import UUID

import redis.exceptions
from redis.asyncio import Redis

from datasources.hints import Hint

CHANNEL = "sessions:ended"
KEYS_CHANNEL = "integration-keys:revoked"
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What let connections in and does so no more."""

    sessions: frozenset[UUID] = frozenset()
    key_ids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.sessions or self.key_ids)


def sessions_ended(ids: Iterable[UUID]) -> Hint:
    """The hint that these sessions have ended."""
    return Hint(CHANNEL, b",".join(str(id).encode() for id in ids))


def key_revoked(key_id: str) -> Hint:
    """The hint that this integration key was revoked."""
    return Hint(KEYS_CHANNEL, key_id.encode())


async def ended_credentials(redis_client: "Redis") -> AsyncGenerator[Ended, None]:
    """Sessions and keys that end, as they end. The first item is empty: from then on nothing is missed.

    Raises redis-py's errors when the connection is lost or Redis falls silent. Close it (`aclosing`) when done.
    """
    async with redis_client.pubsub() as channel:
        await channel.subscribe(KEYS_CHANNEL, CHANNEL)
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
            if message["type"] == "subscribe" and message["channel"] == CHANNEL.encode():
                yield Ended()
            elif message["type"] == "message":
                of_key = message["channel"] == KEYS_CHANNEL.encode()
                yield Ended(key_ids=_key_id(message["data"])) if of_key else Ended(sessions=_ids(message["data"]))


def _key_id(data: bytes) -> frozenset[str]:
    # No key's id has other characters than ASCII's.
    return frozenset({data.decode("ascii", errors="replace")})


def _ids(data: bytes) -> frozenset[UUID]:
    try:
        return frozenset(UUID(each) for each in data.decode().split(",") if each)
    except ValueError:
        # Whatever else is said on the channel ends nobody's session.
        return frozenset()
