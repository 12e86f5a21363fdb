"""Codes on their way to phones: queued like every text, and sent at once.

What is done does not depend on whose phone it is, so that it takes the same time for everybody's.
"""

from datetime import datetime

from pydantic import SecretStr

from datasources.queue import JobQueue
from datasources.sms.sender import CodeMessage
from datasources.sql.sms_message import SmsKind, SmsRoute
from domain.clock import Clock
from domain.sms.desk import SmsDesk, routes_that_are_well
from domain.sms.dispatch import SEND_DUE, send_one
from domain.sms.queueing import PHONE_INDEX, Sms, queue_sms


class QueuedCodes:
    """Hands codes to the queue. It is what signing in and proving again send codes with."""

    def __init__(self, desk: SmsDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def is_available(self, now: datetime) -> bool:
        """Whether any way out would take a code now."""
        async with self._desk.stores.sql.read() as session:
            well = await routes_that_are_well(session, self._desk, now)
        return any(route in well for route in self._desk.policy.code_routes)

    async def send_code(self, message: CodeMessage) -> None:
        """Queue the code in the place of an older one for the same purpose, and have it sent."""
        ring = self._desk.ring
        to = ring.blind_index(PHONE_INDEX, message.phone.get_secret_value()).hex()
        sms = Sms(
            SmsKind.CODE,
            message.phone,
            message.text,
            message.expires_at,
            template=message.template,
            variables={"code": message.code, "minutes": SecretStr(str(message.minutes))},
            supersede_key=f"{message.purpose}:{to}",
        )
        async with self._desk.stores.sql.unit_of_work() as session:
            queued = await queue_sms(session, ring, sms, message.asked_at)
        if SmsRoute.CONSOLE in self._desk.providers:
            # The sandbox's inbox is in Redis: as near as the queue of jobs, and right without a worker.
            await send_one(self._desk, SmsRoute.CONSOLE, queued.id, self._clock)
        if self._desk.providers.keys() - {SmsRoute.CONSOLE}:
            await JobQueue(self._desk.stores.redis).hand_over(SEND_DUE)
