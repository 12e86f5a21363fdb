"""Counts in Redis how often each account's owner had a patient's details shown in clear on a date."""

from datetime import date
from uuid import UUID

from redis.asyncio import Redis

KEPT_SECONDS = 2 * 24 * 3600
"""Longer than any date lasts anywhere."""

# Two commands could be torn apart, and a count without its end would stand for ever.
_TAKE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then return 0 end
return 1
"""


class Reveals:
    """The count of each account and date."""

    def __init__(self, redis: "Redis") -> None:
        self._take = redis.register_script(_TAKE)

    async def take(self, user_id: UUID, day: date, *, most: int) -> bool:
        """Count one more; False when there were `most` before. Exact however many calls come at once."""
        return bool(await self._take(keys=[f"htbooking:reveals:{user_id}:{day:%Y%m%d}"], args=[most, KEPT_SECONDS]))
