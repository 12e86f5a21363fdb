"""The sandbox of a development installation: messages go nowhere but into an inbox that the developer looks into."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from datasources.sms.provider import Fate, Handed, OutgoingSms

KEPT_SECONDS = 600
MOST_KEPT = 1000
_STREAM = "sandbox:sms"
_WAIT_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class SandboxMessage:
    """A message as the phone would show it."""

    at: datetime
    phone: str
    text: str
    code: str


class SandboxInbox:
    """The last minutes' messages, in Redis so that every process shows the same. It is itself the sandbox's
    provider."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def send(self, message: OutgoingSms) -> Handed:
        """Put a message into the inbox for ten minutes."""
        fields: dict[Any, Any] = {
            "phone": message.phone.get_secret_value(),
            "text": message.text.get_secret_value(),
            "code": message.variables["code"].get_secret_value() if "code" in message.variables else "",
        }
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xadd(_STREAM, fields, maxlen=MOST_KEPT, approximate=False)
                pipe.xtrim(_STREAM, minid=_oldest_id(), approximate=False)
                pipe.expire(_STREAM, KEPT_SECONDS)
                await pipe.execute()
        except (RedisError, OSError) as error:
            return Handed(Fate.NOT_SENT, type(error).__name__)
        return Handed(Fate.ACCEPTED)

    async def close(self) -> None:
        """Nothing of its own is open."""

    async def messages(self, most: int = 50) -> list[SandboxMessage]:
        """What is in it, the newest first."""
        return [_message(*entry) for entry in await self._redis.xrevrange(_STREAM, min=_oldest_id(), count=most)]

    async def arriving(self) -> AsyncIterator[SandboxMessage]:
        """Each message from now on, as it arrives, without end. Raises what redis-py raises when Redis goes away."""
        after: bytes | str = "$"
        while True:
            for _name, entries in await self._redis.xread({_STREAM: after}, block=_WAIT_MILLISECONDS) or ():
                for id, fields in entries:
                    after = id
                    yield _message(id, fields)


def _oldest_id() -> str:
    # Ids begin with Redis's own clock in milliseconds.
    return f"{int((time.time() - KEPT_SECONDS) * 1000)}-0"


def _message(id: bytes, fields: dict[bytes, bytes]) -> SandboxMessage:
    milliseconds = int(id.partition(b"-")[0])
    said: Sequence[str] = [fields[name].decode() for name in (b"phone", b"text", b"code")]
    return SandboxMessage(datetime.fromtimestamp(milliseconds / 1000, UTC), *said)
