"""Hints: what other processes may like to know once a transaction has committed. Nothing rests on their arrival.

A use case notes a hint on its database session; the unit of work hands it on after its commit, and never otherwise.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import redis.exceptions
import structlog
from redis.asyncio import Redis
from sqlmodel.ext.asyncio.session import AsyncSession

LONGEST_SECONDS = 1.0

_NOTED = "hints"
_log = structlog.get_logger(component="hints")


@dataclass(frozen=True, slots=True)
class Hint:
    """One message for a pub/sub channel."""

    channel: str
    message: bytes


SendHints = Callable[[Sequence[Hint]], Awaitable[None]]


def note_hint(session: AsyncSession, hint: Hint) -> None:
    """Publish this once the session's transaction has committed."""
    session.info.setdefault(_NOTED, []).append(hint)


def take_hints(session: AsyncSession) -> list[Hint]:
    """What was noted; it is noted no more."""
    hints: list[Hint] = session.info.pop(_NOTED, [])
    return hints


class RedisHints:
    """Publishes hints by Redis. What can't be sent within LONGEST_SECONDS is logged and lost."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def send(self, hints: Sequence[Hint]) -> None:
        """Publish these in order. Raises nothing: what they tell of has happened already."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                for hint in hints:
                    await self._redis.publish(hint.channel, hint.message)
        except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
            _log.warning("hints were lost", count=len(hints), error=type(error).__name__)
