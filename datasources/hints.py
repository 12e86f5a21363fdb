"""Hints: what other processes may like to know once a transaction has committed. Nothing rests on their arrival.

A use case notes a hint on its database session; the unit of work hands it on after its commit, and never otherwise.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import redis.exceptions
import structlog
from redis.asyncio import Redis
from sqlmodel.ext.asyncio.session import AsyncSession

LONGEST_SECONDS = 1.0

MOST_MESSAGE_BYTES = 16 * 1024
"""Lines of one channel are joined up to this; a single line may be longer."""

_NOTED = "hints"
_LINES = "hint_lines"
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


def note_line(session: AsyncSession, channel: str, line: bytes) -> None:
    """Publish this line on the channel once the transaction has committed, with its others and each of them once.

    A line holds no line break.
    """
    session.info.setdefault(_LINES, {}).setdefault(channel, {})[line] = None


def take_hints(session: AsyncSession) -> list[Hint]:
    """What was noted; it is noted no more."""
    hints: list[Hint] = session.info.pop(_NOTED, [])
    lines: dict[str, dict[bytes, None]] = session.info.pop(_LINES, {})
    return hints + [hint for channel, of_channel in lines.items() for hint in joined(channel, of_channel)]


def joined(channel: str, lines: Iterable[bytes]) -> list[Hint]:
    """These lines in as few messages as MOST_MESSAGE_BYTES allows."""
    hints: list[Hint] = []
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        if gathered and size + len(line) > MOST_MESSAGE_BYTES:
            hints.append(Hint(channel, b"\n".join(gathered)))
            gathered, size = [], 0
        gathered.append(line)
        size += len(line) + 1
    return [*hints, Hint(channel, b"\n".join(gathered))] if gathered else hints


class RedisHints:
    """Publishes hints by Redis. What can't be sent within LONGEST_SECONDS is logged and lost."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def send(self, hints: Sequence[Hint]) -> None:
        """Publish these in order, in one round trip. Raises nothing: what they tell of has happened already."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS), self._redis.pipeline(transaction=False) as pipeline:
                for hint in hints:
                    pipeline.publish(hint.channel, hint.message)
                await pipeline.execute()
        except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
            _log.warning("hints were lost", count=len(hints), error=type(error).__name__)
