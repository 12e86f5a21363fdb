"""What one telephone is to send, as it is leased to it: every message, one after the other."""

from collections.abc import AsyncGenerator
from uuid import UUID

import structlog

from datasources.faults import unavailable_store
from datasources.live.topics import sms_topic
from datasources.sql.sms_message import SmsMessage
from domain.clock import Clock
from domain.sms.desk import SmsDesk
from domain.sms.phones.leasing import lease_next, leased_again, note_connected

LOOK_SECONDS = 1.0
"""How often it is looked whether something has become due: a pause is over, a lease has ended, the night has."""

_log = structlog.get_logger(component="sms")


async def watch_outgoing_sms(desk: SmsDesk, phone_id: UUID, clock: Clock) -> AsyncGenerator[SmsMessage, None]:
    """What the telephone was given before and has not begun, then whatever is next for it, without end."""
    async with desk.stores.sql.unit_of_work() as session:
        await note_connected(session, phone_id, clock())
    with desk.stores.topics.watch([sms_topic()]) as watch:
        for again in await leased_again(desk, phone_id, clock()):
            yield again
        while True:
            try:
                watch.take()
                message = await lease_next(desk, phone_id, clock())
            except Exception as error:
                store = unavailable_store(error)
                if store is None:
                    raise
                _log.warning("texts cannot be leased for the moment", store=store, error=type(error).__name__)
                message = None
            if message is not None:
                yield message
                continue
            await watch.wait(LOOK_SECONDS)
