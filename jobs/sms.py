"""Sends the text messages that wait for a provider that is called, and settles those that the clock caught up with."""

import structlog

from domain.sms.dispatch import send_due
from domain.sms.sweeping import forget_old, sweep
from jobs.tools import JobTools

_log = structlog.get_logger(component="sms")


async def tend_sms(tools: JobTools) -> None:
    """Expire, take back and give up what is due, then send what waits."""
    swept = await sweep(tools.stores, tools.clock())
    if swept.unknown:
        _log.warning("text messages of which nothing was reported", count=swept.unknown)
    await send_due_sms(tools)


async def send_due_sms(tools: JobTools) -> None:
    """Send what waits."""
    if tools.texts is not None:
        sent = await send_due(tools.texts, tools.clock)
        if sent:
            _log.info("text messages handed over", count=sent)


async def forget_sms(tools: JobTools) -> None:
    """Delete messages that have been over for long."""
    await forget_old(tools.stores, tools.clock())
