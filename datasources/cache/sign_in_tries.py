"""Counts sign-in tries in Redis: those of one address, and those of names that nobody has."""

from redis.asyncio import Redis

# An INCR without its EXPIRE would count for ever, so both are one script.
_TAKE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then return redis.call('TTL', KEYS[1]) end
return 0
"""
_GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
return 0
"""
_MISS = """
local wait = redis.call('TTL', KEYS[2])
if wait > 0 then return wait end
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
local tries = tonumber(ARGV[1])
if count % tries == 0 then
  local seconds = math.min(tonumber(ARGV[2]) * 2 ^ math.min(count / tries - 1, 16), tonumber(ARGV[3]))
  redis.call('SET', KEYS[2], 1, 'EX', math.floor(seconds))
end
return 0
"""
_FORGOTTEN_SECONDS = 7 * 24 * 3600


class SignInTries:
    """Tries that no account's row can count."""

    def __init__(self, redis: "Redis") -> None:
        self._take = redis.register_script(_TAKE)
        self._give_back = redis.register_script(_GIVE_BACK)
        self._miss = redis.register_script(_MISS)

    async def take(self, address: str, *, most: int, seconds: int) -> int | None:
        """Count a try of this address. None while there are at most `most` in `seconds`; else seconds to wait."""
        return int(await self._take(keys=[_address_key(address)], args=[most, seconds])) or None

    async def give_back(self, address: str) -> None:
        """Uncount a try that was right."""
        await self._give_back(keys=[_address_key(address)])

    async def miss(self, name_index: str, *, tries: int, first_lock: int, longest_lock: int) -> int | None:
        """Count a try with a name that nobody has, under the rule for real names: None, or seconds to wait.

        Without it, a name that is never locked would show that it isn't anybody's.
        """
        keys = [f"staff-miss:{{{name_index}}}", f"staff-miss-lock:{{{name_index}}}"]
        return int(await self._miss(keys=keys, args=[tries, first_lock, longest_lock, _FORGOTTEN_SECONDS])) or None


def _address_key(address: str) -> str:
    return f"staff-tries:{address}"
