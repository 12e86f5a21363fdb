"""What Aliyun tells later of messages that it took: that a telephone has them, or why not (its SmsReport).

Its reports aren't signed, so they count only where both the message's id and Aliyun's own number of it are right, and
they only say how a message ended that was sent: nothing is sent, and nothing that waits is changed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sql.database import Database
from datasources.sql.sms_message import SmsRoute, SmsState
from datasources.sql.sms_steps import SmsSteps, Taken
from domain.sms.outcomes import settle, undelivered


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One message's."""

    message_id: UUID
    provider_number: str
    delivered: bool
    reason: str = ""
    """The carrier's code where it was not delivered."""


async def take_delivery_report(database: Database, report: DeliveryReport, now: datetime) -> bool:
    """Whether it changed anything; the same one again does not."""
    async with database.unit_of_work() as session:
        message = await SmsSteps(session).given_to(SmsRoute.ALIYUN, report.message_id)
        # Where no answer came to the call that sent it, its number is not known here yet.
        if message is None or message.provider_number not in (None, report.provider_number):
            return False
        taken = Taken(message.id, message.attempt)
        number = report.provider_number
        if report.delivered:
            return await settle(session, taken, SmsState.DELIVERED, now, provider_number=number) is not None
        return await undelivered(session, taken, report.reason, now, provider_number=number) is not None
