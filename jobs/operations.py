"""Keeps the record of the worker's own runs."""

from domain.operations.job_runs import tend_runs
from jobs.tools import JobTools


async def tend_job_runs(tools: JobTools) -> None:
    """Give up for lost the runs of whose end no word came, and forget old runs."""
    await tend_runs(tools.stores, tools.clock())
