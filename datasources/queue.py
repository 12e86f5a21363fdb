"""Handing work to the worker at once, or for a later moment. Nothing rests on it: a periodic job finds the same work.

Jobs lie in Redis and can be lost with it, and a worker that is down takes them up late.
"""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import redis.exceptions
import structlog
from arq.connections import ArqRedis
from redis.asyncio import Redis

QUEUE = "htbooking:jobs"
KEPT = timedelta(days=2)
"""A job that no worker took up for so long is forgotten."""
LONGEST_SECONDS = 1.0

_log = structlog.get_logger(component="queue")


def job_bytes(fields: dict[str, Any]) -> bytes:
    """A job as it lies in Redis. Not arq's pickle: whoever can write to Redis could run code in the worker."""
    return json.dumps(fields).encode()


class JobQueue:
    """The worker's queue, on the connections of a process's own Redis client."""

    def __init__(self, redis: "Redis") -> None:
        self._arq = ArqRedis(
            redis.connection_pool,
            job_serializer=job_bytes,
            job_deserializer=json.loads,
            default_queue_name=QUEUE,
        )

    async def hand_over(self, job: str, *arguments: str, at: datetime | None = None, once: str | None = None) -> None:
        """Have this job run, now or at a moment. Raises nothing: what is lost is logged, and found by the clock.

        A job with the same `once` is not handed over a second time while the first waits.
        """
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._arq.enqueue_job(job, *arguments, _job_id=once, _defer_until=at, _expires=KEPT)
        except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
            _log.warning("a job was not handed over", job=job, error=type(error).__name__)
