"""Remembers in Redis which nonces were used, so that a signed request counts once.

A signature is accepted while its timestamp is within five minutes of the server's clock, either way, so a copy of it
could be accepted for ten minutes at most; a nonce is remembered a minute longer, for clocks that differ.
"""

from redis.asyncio import Redis

REMEMBERED_SECONDS = 660


class Nonces:
    """The used nonces of every integration key."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def spend(self, key_id: str, nonce: str) -> bool:
        """Use this key's nonce up. True for the first caller ever, False for every later one.

        Raises what redis-py raises when Redis can't say: an unremembered nonce must never be accepted.
        """
        # Neither part can hold a colon, so no two pairs share a name.
        answer = await self._redis.set(f"nonce:{key_id}:{nonce}", b"1", nx=True, ex=REMEMBERED_SECONDS)
        return answer is True
