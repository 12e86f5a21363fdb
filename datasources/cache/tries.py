"""Counts in Redis how often somebody named, or tried to prove, what is not there."""

from redis.asyncio import Redis

# An INCR without its EXPIRE would count for ever, so both are one script.
_TAKE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then return math.max(redis.call('TTL', KEYS[1]), 1) end
return 0
"""
_GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
return 0
"""


class Tries:
    """Each caller's tries at one kind of thing. Those that find something are given back: a counter has thousands."""

    def __init__(self, redis: "Redis", what: str) -> None:
        self._what = what
        self._take = redis.register_script(_TAKE)
        self._give_back = redis.register_script(_GIVE_BACK)

    async def take(self, caller: str, *, most: int, seconds: int) -> int | None:
        """Count a try. None while there are at most `most` in `seconds`; else the seconds to wait."""
        return int(await self._take(keys=[self._key(caller)], args=[most, seconds])) or None

    async def give_back(self, caller: str) -> None:
        """Uncount a try that found something."""
        await self._give_back(keys=[self._key(caller)])

    def _key(self, caller: str) -> str:
        return f"htbooking:tries:{self._what}:{caller}"
