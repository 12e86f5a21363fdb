"""One worker process: finds its stores, runs until a stop signal."""

import asyncio
import signal
import sys
from datetime import timedelta

from datasources.stores import Stores
from domain.clock import system_clock
from domain.messages.outbox import MessageRetention
from domain.payments.desk import PaymentDesk
from jobs.tools import JobTools
from server.addresses import store_endpoints
from server.booking_policy import booking_policy
from server.file_storage import file_storage
from server.key_check import KeyCheck
from server.logging import configure_logging
from server.payment_setup import payment_channels
from server.root_key import key_ring
from server.settings import Settings
from server.sms_setup import sms_desk
from server.webhook_sender import webhook_sender
from server.worker import work


async def run_worker(settings: Settings) -> None:
    """Run jobs until SIGTERM or SIGINT; jobs that run then get some seconds to finish."""
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    _cancel_on_stop_signals()
    async with store_endpoints(settings, _to_stderr) as endpoints:
        stores = Stores.at(
            database_url=endpoints.database_url,
            mongodb_url=endpoints.mongodb_url,
            redis_url=endpoints.redis_url,
            sql_pool_size=settings.sql_pool_size,
        )
        ring = key_ring(settings)
        files = file_storage(settings, ring)
        channels = payment_channels(settings, stores, system_clock)
        payments = PaymentDesk(stores, channels, settings.site_url, settings.notify_url)
        texts = sms_desk(settings, stores, ring, system_clock)
        try:
            await KeyCheck(stores.sql, ring).until_answered()
            kept = timedelta(days=settings.verification_pictures_kept_days)
            tools = JobTools(
                stores,
                ring,
                files,
                system_clock,
                booking_policy(settings),
                kept,
                payments=payments,
                texts=texts,
                unused_pictures_kept=timedelta(hours=settings.unused_pictures_kept_hours),
                rejected_applications_kept=timedelta(days=settings.rejected_applications_kept_days),
                webhooks=webhook_sender(settings),
                message_retention=message_retention(settings),
            )
            await work(tools, endpoints.redis_url)
        except asyncio.CancelledError:
            return
        finally:
            await files.close()
            await payments.close()
            await texts.close()
            await stores.close()


def message_retention(settings: Settings) -> MessageRetention:
    """For how long messages are kept, as the settings say."""
    return MessageRetention(
        outbox=timedelta(days=settings.outbox_kept_days),
        notifications=timedelta(days=settings.notifications_kept_days),
        received_sms=timedelta(days=settings.received_sms_kept_days),
    )


def _cancel_on_stop_signals() -> None:
    task = asyncio.current_task()
    if task is not None:
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
