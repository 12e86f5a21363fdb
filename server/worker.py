"""The worker: runs the jobs of `jobs/registry.py` with arq, and outlives any store that is down."""

import asyncio
import json
import logging
import platform
from collections.abc import Sequence
from typing import Any

from arq.connections import ArqRedis
from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine
from arq.worker import Function, Worker, func
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from datasources.queue import QUEUE, job_bytes
from domain.operations.job_runs import RUN_ASKED
from jobs.registry import PERIODIC_JOBS, QUEUED_JOBS, PeriodicJob, QueuedJob, every_seconds
from jobs.tools import JobTools
from server.job_record import beat, new_worker_name, recorded, run_asked

HEALTH_SECONDS = 10
HEALTH_KEY = f"htbooking:worker:{platform.node()}"

REDIS_CONNECT_SECONDS = 2
REDIS_ANSWER_SECONDS = 10

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
GRACE_SECONDS = 10.0
CANCEL_AGAIN_SECONDS = 0.2
RECORD_SECONDS = 10.0
"""What arq gives a job beyond its own time, to put its end on record."""

_log = logging.getLogger(__name__)


async def work(
    tools: JobTools,
    redis_url: str,
    periodic: Sequence[PeriodicJob] = PERIODIC_JOBS,
    queued: Sequence[QueuedJob] = QUEUED_JOBS,
) -> None:
    """Run jobs until cancelled; then jobs that run get some seconds to finish, and are run again if they do not.

    arq gives up when Redis goes away. This begins again, with growing pauses, until Redis is back.
    """
    name = new_worker_name()
    beating = asyncio.create_task(beat(tools, name, periodic))
    try:
        await _work(tools, redis_url, periodic, queued, name)
    finally:
        beating.cancel()
        await asyncio.wait([beating])


async def _work(
    tools: JobTools, redis_url: str, periodic: Sequence[PeriodicJob], queued: Sequence[QueuedJob], name: str
) -> None:
    pause = FIRST_PAUSE_SECONDS
    while True:
        worker = _worker(tools, redis_url, periodic, queued, name)
        polling: asyncio.Task[None] | None = None
        try:
            await worker.pool.ping()
            pause = FIRST_PAUSE_SECONDS
            polling = asyncio.create_task(worker.main())
            await asyncio.wait([polling])
            polling.result()
        except (RedisError, OSError) as fault:
            _log.warning("the job queue does not answer; trying again in %.1f s: %s", pause, fault)
        finally:
            await _end(worker, polling)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def is_working(redis_url: str) -> bool:
    """Whether a worker on this host has reported within the last seconds."""
    async with Redis.from_url(
        redis_url, socket_timeout=REDIS_CONNECT_SECONDS, socket_connect_timeout=REDIS_CONNECT_SECONDS
    ) as redis:
        try:
            return bool(await redis.exists(HEALTH_KEY))
        except (RedisError, OSError):
            return False


def _worker(
    tools: JobTools, redis_url: str, periodic: Sequence[PeriodicJob], queued: Sequence[QueuedJob], name: str
) -> Worker:
    connections: ConnectionPool = ConnectionPool.from_url(
        redis_url, socket_timeout=REDIS_ANSWER_SECONDS, socket_connect_timeout=REDIS_CONNECT_SECONDS
    )

    async def asked(tools: JobTools) -> None:
        await run_asked(tools, name, periodic)

    longest = max((job.longest_seconds for job in periodic), default=0.0) + RECORD_SECONDS
    # What is asked for is looked for now and then as well: Redis may have lost it.
    sweep = PeriodicJob(RUN_ASKED, asked, every_seconds(10), longest)
    functions = [_function(job, tools) for job in (*queued, QueuedJob(RUN_ASKED, asked, longest))]
    return Worker(
        functions=functions,
        queue_name=QUEUE,
        cron_jobs=[*(_cron(job, tools, name) for job in periodic), _cron(sweep, tools, None)],
        redis_pool=ArqRedis(
            connections, job_serializer=job_bytes, job_deserializer=json.loads, default_queue_name=QUEUE
        ),
        job_serializer=job_bytes,
        job_deserializer=json.loads,
        # What a job found is in the stores; nobody asks arq for it.
        keep_result=0,
        handle_signals=False,
        health_check_interval=HEALTH_SECONDS,
        health_check_key=HEALTH_KEY,
    )


def _cron(job: PeriodicJob, tools: JobTools, recorded_as: str | None) -> CronJob:
    async def run(_context: dict[Any, Any]) -> None:
        await (job.work(tools) if recorded_as is None else recorded(tools, recorded_as, job))

    coroutine: WorkerCoroutine = run  # type: ignore[assignment]
    longest = job.longest_seconds + RECORD_SECONDS
    return cron(coroutine, name=job.name, second=set(job.at_seconds), timeout=longest)


def _function(job: QueuedJob, tools: JobTools) -> Function:
    async def run(_context: dict[Any, Any], *arguments: str) -> None:
        await job.work(tools, *arguments)

    coroutine: WorkerCoroutine = run  # type: ignore[assignment]
    return func(coroutine, name=job.name, timeout=job.longest_seconds)


async def _end(worker: Worker, polling: asyncio.Task[None] | None) -> None:
    worker.allow_pick_jobs = False
    while polling is not None and not polling.done():
        # Again and again: a cancellation that arrives inside a Redis pipeline is sometimes lost there.
        polling.cancel()
        await asyncio.wait([polling], timeout=CANCEL_AGAIN_SECONDS)
    running = list(worker.tasks.values())
    if running:
        _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        # Their faults are arq's log lines already, or the lost connection that brought us here.
        await asyncio.gather(*running, return_exceptions=True)
    try:
        await worker.pool.delete(HEALTH_KEY)
    except (RedisError, OSError) as fault:
        _log.debug("Redis keeps the health key until it expires: %s", fault)
    await worker.pool.aclose(close_connection_pool=True)
