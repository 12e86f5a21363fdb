"""What administrators do to single messages: try the way out, cancel, send again."""

from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr

from datasources.queue import JobQueue
from datasources.sql.audit_entry import AuditLog
from datasources.sql.sms_message import SmsKind, SmsMessage
from datasources.sql.sms_reads import SmsReads
from datasources.sql.sms_steps import SmsSteps
from domain.audit.actor import Actor
from domain.live.changes import note_sms_change
from domain.problems import NotAllowed, NotFound, ProblemCode
from domain.sms.desk import SmsDesk
from domain.sms.dispatch import SEND_DUE
from domain.sms.queueing import Sms, queue_sms

SUBJECT = "sms_message"
TEST_LIVES = timedelta(minutes=10)
AGAIN_LIVES = timedelta(hours=1)
TEST_TEMPLATE = "test"


async def send_test(desk: SmsDesk, phone: str, text: str, actor: Actor) -> SmsMessage:
    """Queue a test to a number in E.164."""
    sms = Sms(SmsKind.TEST, SecretStr(phone), SecretStr(text), actor.now + TEST_LIVES, template=TEST_TEMPLATE)
    async with desk.stores.sql.unit_of_work() as session:
        queued = await queue_sms(session, desk.ring, sms, actor.now)
        await AuditLog(session).append(actor.act("SMS_TESTED", SUBJECT, queued.id))
        message = await SmsReads(session).get(queued.id)
    if message is None:
        raise LookupError(f"message {queued.id} was queued and is gone")
    await JobQueue(desk.stores.redis).hand_over(SEND_DUE)
    return message


async def cancel(desk: SmsDesk, id: UUID, actor: Actor) -> SmsMessage | NotFound | NotAllowed:
    """Give up a message that nobody has begun to send."""
    async with desk.stores.sql.unit_of_work() as session:
        message = await SmsSteps(session).cancel(id, "BY_STAFF", actor.now)
        if message is None:
            found = await SmsReads(session).get(id)
            return NotFound() if found is None else NotAllowed(ProblemCode.SMS_NOT_CHANGEABLE)
        await AuditLog(session).append(actor.act("SMS_CANCELLED", SUBJECT, id))
    return message


async def send_again(desk: SmsDesk, id: UUID, actor: Actor) -> SmsMessage | NotFound | NotAllowed:
    """Queue a message anew that failed, expired, or of which nothing is known: a person has decided so. No code."""
    async with desk.stores.sql.unit_of_work() as session:
        message = await SmsSteps(session).begin_again(id, actor.now, actor.now + AGAIN_LIVES)
        if message is None:
            found = await SmsReads(session).get(id)
            return NotFound() if found is None else NotAllowed(ProblemCode.SMS_NOT_CHANGEABLE)
        note_sms_change(session, message.kind)
        await AuditLog(session).append(actor.act("SMS_SENT_AGAIN", SUBJECT, id))
    await JobQueue(desk.stores.redis).hand_over(SEND_DUE)
    return message
