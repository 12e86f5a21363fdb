"""Hears what other processes tell on Redis and wakes who watches here: one connection for a whole process."""

import asyncio

import redis.exceptions
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from datasources.live.changes import CHANNELS, changes_in
from datasources.live.topics import Topics

PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

_log = structlog.get_logger(component="live")


class Listener:
    """Listens for one process. `run` it for as long as somebody may watch."""

    def __init__(self, redis_client: "Redis", topics: Topics) -> None:
        self._redis = redis_client
        self._topics = topics

    async def run(self) -> None:
        """Listen until cancelled; subscribe again whenever the connection is lost.

        Each time that all channels are heard (again), every watcher is told of a gap.
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with self._redis.pubsub() as channels:
                    await channels.subscribe(*CHANNELS)
                    await self._hear(channels)
            except Exception as error:  # noqa: BLE001 - whatever it was, listening goes on
                if self._topics.hearing:
                    pause = FIRST_PAUSE_SECONDS
                _log.warning("live changes are not heard of for the moment", error=type(error).__name__)
            finally:
                self._topics.hearing = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _hear(self, channels: PubSub) -> None:
        heard: set[bytes] = set()
        asked = False
        while True:
            message = await channels.get_message(timeout=PATIENCE_SECONDS)
            if message is None:
                if asked:
                    raise redis.exceptions.ConnectionError("Redis does not answer")
                await channels.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                heard.add(message["channel"])
                if len(heard) == len(CHANNELS):
                    # redis-py connects again by itself at times, and then says all of this once more.
                    heard.clear()
                    self._topics.hearing = True
                    self._topics.tell_of_gap()
            elif message["type"] == "message":
                self._tell(message["channel"].decode(), message["data"])

    def _tell(self, channel: str, message: bytes) -> None:
        try:
            changes = changes_in(channel, message)
        except ValueError:
            # Another release may say what this one does not know: look at everything rather than miss it.
            self._topics.tell_of_gap()
        else:
            self._topics.tell(changes)
