"""Handing work to the worker at once, or for a later moment. Nothing rests on it: a periodic job finds the same work.

Jobs lie in Redis and can be lost with it, and a worker that is down takes them up late.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis.exceptions
import structlog
from arq.constants import job_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from redis.asyncio import Redis

QUEUE = "htbooking:jobs"
KEPT = timedelta(days=2)
"""A job that no worker took up for so long is forgotten."""
LONGEST_SECONDS = 1.0

_log = structlog.get_logger(component="queue")


def job_bytes(fields: dict[str, Any]) -> bytes:
    """A job as it lies in Redis. Not arq's pickle: whoever can write to Redis could run code in the worker."""
    return json.dumps(fields).encode()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A job for the worker."""

    job: str
    arguments: tuple[str, ...] = ()
    at: datetime | None = None
    """None: at once."""
    once: str | None = None
    """A job with the same name of this kind is not handed over a second time while the first waits."""


class JobQueue:
    """The worker's queue, on the connections of a process's own Redis client."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def hand_over(self, job: str, *arguments: str, at: datetime | None = None, once: str | None = None) -> None:
        """Have this job run, now or at a moment. Raises nothing: what is lost is logged, and found by the clock.

        A job with the same `once` is not handed over a second time while the first waits.
        """
        await self.hand_over_all([HandedOver(job, arguments, at, once)])

    async def hand_over_all(self, jobs: Sequence[HandedOver]) -> None:
        """Have these jobs run, in one round trip. Raises nothing."""
        try:
            # As arq writes them. Its own way asks Redis four times for each job; here the first to write a name wins.
            async with asyncio.timeout(LONGEST_SECONDS), self._redis.pipeline(transaction=True) as pipeline:
                now = timestamp_ms()
                for each in jobs:
                    name = each.once or uuid.uuid4().hex
                    body = serialize_job(each.job, each.arguments, {}, None, now, serializer=job_bytes)
                    pipeline.set(job_key_prefix + name, body, nx=True, px=KEPT)
                    due = now if each.at is None else int(each.at.timestamp() * 1000)
                    pipeline.zadd(QUEUE, {name: due}, nx=True)
                await pipeline.execute()
        except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
            _log.warning("a job was not handed over", job=jobs[0].job, count=len(jobs), error=type(error).__name__)
