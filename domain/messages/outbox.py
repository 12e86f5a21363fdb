"""Looking after the outbox: trying a message anew that was given up, and forgetting what is long over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.notification import Notifications
from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.outgoing_reads import OutgoingReads
from datasources.sql.sms_inbox import SmsInbox
from domain.audit.actor import Actor
from domain.problems import NotAllowed, NotFound, ProblemCode

FORGOTTEN_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class MessageRetention:
    """For how long what people were told is kept."""

    outbox: timedelta = timedelta(days=90)
    notifications: timedelta = timedelta(days=365)
    received_sms: timedelta = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class MessageRetried:
    """It is told as soon as the relay comes to it."""

    message: OutgoingMessage


async def retry(database: Database, id: UUID, actor: Actor) -> MessageRetried | NotFound | NotAllowed:
    """Have a message told after all that was given up. What was told to somebody before is not told again."""
    async with database.unit_of_work() as session:
        reads = OutgoingReads(session)
        if not await reads.try_anew(id, actor.now):
            return NotFound() if await reads.get(id) is None else NotAllowed(ProblemCode.MESSAGE_NOT_FAILED)
        message = await reads.get(id)
        if message is None:
            return NotFound()
        detail = {"kind": message.kind, "reason": message.reason}
        await AuditLog(session).append(actor.act("MESSAGE_RETRIED", "outgoing_message", id, detail=detail))
    return MessageRetried(message)


async def forget_old_messages(database: Database, kept: MessageRetention, now: datetime) -> int:
    """Delete some of what has been kept for long enough; how many. What waits is never deleted."""
    async with database.unit_of_work() as session:
        forgotten = await OutgoingReads(session).forget_before(now - kept.outbox, FORGOTTEN_AT_ONCE)
    async with database.unit_of_work() as session:
        forgotten += await Notifications(session).forget_before(now - kept.notifications, FORGOTTEN_AT_ONCE)
    async with database.unit_of_work() as session:
        forgotten += await SmsInbox(session).forget_before(now - kept.received_sms, FORGOTTEN_AT_ONCE)
    return forgotten
