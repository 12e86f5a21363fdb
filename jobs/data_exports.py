"""Makes the exports that people asked for of their own data, and deletes those whose time is over."""

import structlog

from domain.exports.expiry import expire_due
from domain.exports.making import make_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="exports")


async def make_data_exports(tools: JobTools) -> None:
    """Make every export that is due, those of workers that died among them."""
    taken = await make_due(tools.stores, tools.ring, tools.files, tools.clock)
    if taken:
        _log.info("data_exports_taken_up", count=taken)


async def expire_data_exports(tools: JobTools) -> None:
    """Expire every export whose time is over."""
    expired = await expire_due(tools.stores, tools.clock())
    if expired:
        _log.info("data_exports_expired", count=expired)
