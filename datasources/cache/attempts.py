"""Marks in Redis: an account's one attempt at a session that is under way, over all processes."""

from uuid import UUID

from redis.asyncio import Redis

LONGEST_MS = 15_000
"""Longer than any attempt is waited for; the mark of a process that died goes by itself."""

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Attempts:
    """One mark per account and session."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._release = redis.register_script(_RELEASE)

    async def begin(self, user_id: UUID, schedule_id: str, token: str) -> bool:
        """Set the mark; False if another attempt has set it."""
        return bool(await self._redis.set(_key(user_id, schedule_id), token, nx=True, px=LONGEST_MS))

    async def end(self, user_id: UUID, schedule_id: str, token: str) -> None:
        """Take the mark away, if it still is this attempt's."""
        await self._release(keys=[_key(user_id, schedule_id)], args=[token])


def _key(user_id: UUID, schedule_id: str) -> str:
    return f"htbooking:attempt:{user_id}:{schedule_id}"
