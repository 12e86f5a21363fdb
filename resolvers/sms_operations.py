"""Text messages as those see them who look after them: telephones, what waits, what failed, single messages."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.sms_message import SmsKind, SmsMessage, SmsState
from datasources.sql.sms_phone import SmsPhone
from datasources.sql.sms_reads import SmsReads
from domain.identity.phones import normal_phone
from domain.language import Words
from domain.page import Page
from domain.permissions import Permission
from domain.problems import FieldProblem, InvalidInput, NotAllowed, NotFound, ProblemCode
from domain.sms import handling, operations
from domain.sms.opened import masked_phone_of
from domain.sms.phones import enrolling
from domain.sms.phones.enrolling import Invitation, PhoneChange
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_moment, sql_page
from resolvers.qr_picture import qr_picture
from resolvers.sign_in import phone_problem
from resolvers.sms_line import texts_of
from resolvers.staff_callers import staff_with

LONGEST_NAME = 40
LARGEST_QUOTA = 100_000
MOST_SLOTS = 8
QR_MARGIN = 4

_TEST = Words("【HTBooking】测试短信，请忽略。", "[HTBooking] This is a test, please ignore it.")
_NAME = Words("名称为 1 到 {most} 个字符。", "A name has 1 to {most} characters.")
_RANGE = Words("应为 {least} 到 {most}。", "From {least} to {most}.")


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """The telephone as it is now."""

    phone: SmsPhone


@dataclass(frozen=True, slots=True)
class PhoneRevoked:
    """The telephone that was ended."""

    phone: SmsPhone


@dataclass(frozen=True, slots=True)
class QueueMoved:
    """How many messages were taken back."""

    messages: int


@dataclass(frozen=True, slots=True)
class TestQueued:
    """The test."""

    message: SmsMessage


@dataclass(frozen=True, slots=True)
class MessageCancelled:
    """The message that was given up."""

    message: SmsMessage


@dataclass(frozen=True, slots=True)
class MessageQueuedAgain:
    """The message that waits anew."""

    message: SmsMessage


async def report(context: RequestContext) -> operations.SmsOperations:
    """How sending goes now."""
    staff_with(context, Permission.READ_SMS)
    return await operations.operations(context.stores.sql, texts_of(context).policy, context.clock())


async def messages(
    context: RequestContext, *, state: SmsState | None, kind: SmsKind | None, first: int, after: str | None
) -> Page[SmsMessage]:
    """Messages, the latest first."""
    staff_with(context, Permission.READ_SMS)
    return await sql_page(
        context,
        by_moment("smsMessages", lambda message: message.created_at, lambda message: message.id),
        first,
        after,
        read=lambda session, behind, limit: SmsReads(session).page(state, kind, behind, limit),
        count=lambda session: SmsReads(session).count(state, kind),
    )


def masked_phone(context: RequestContext, message: SmsMessage) -> str:
    """The number, masked."""
    return masked_phone_of(context.ring, message)


def picture(context: RequestContext, invitation: Invitation) -> str:
    """Where to enrol and the code, as a QR picture: what `mobile_sms enroll` takes."""
    return qr_picture(f"htbooking-sms:{invitation.code.get_secret_value()}", QR_MARGIN)


async def add_phone(context: RequestContext, name: str) -> Invitation | InvalidInput:
    """Make a telephone."""
    staff_with(context, Permission.EDIT_SMS)
    wrong = _wrong_name(name)
    if wrong:
        return InvalidInput(wrong)
    return await enrolling.add_phone(texts_of(context), name.strip(), actor(context))


async def invite(context: RequestContext, id: str) -> Invitation | NotFound | InvalidInput:
    """A fresh code for a telephone."""
    staff_with(context, Permission.EDIT_SMS)
    key = _key(id)
    return NotFound() if key is None else await enrolling.invite_again(context.stores, key, actor(context))


async def change(context: RequestContext, id: str, what: PhoneChange) -> PhoneChanged | NotFound | InvalidInput:
    """Change a telephone, pause it or let it go on."""
    staff_with(context, Permission.EDIT_SMS)
    wrong = [] if what.name is None else _wrong_name(what.name)
    for field, value, least, most in (
        ("partsPerHalfHour", what.parts_per_half_hour, 1, LARGEST_QUOTA),
        ("partsPerDay", what.parts_per_day, 1, LARGEST_QUOTA),
        ("simSlot", what.sim_slot, 0, MOST_SLOTS),
    ):
        if value is not None and not least <= value <= most:
            wrong.append(FieldProblem(field, ProblemCode.OUT_OF_RANGE, _RANGE, {"least": least, "most": most}))
    if wrong:
        return InvalidInput(wrong)
    key = _key(id)
    phone = NotFound() if key is None else await enrolling.change_phone(context.stores, key, what, actor(context))
    return phone if isinstance(phone, NotFound) else PhoneChanged(phone)


async def revoke(context: RequestContext, id: str) -> PhoneRevoked | NotFound | InvalidInput:
    """End a telephone."""
    staff_with(context, Permission.EDIT_SMS)
    key = _key(id)
    phone = NotFound() if key is None else await enrolling.revoke(context.stores, key, actor(context))
    return phone if isinstance(phone, NotFound) else PhoneRevoked(phone)


async def move_queue(context: RequestContext, id: str) -> QueueMoved | NotFound | InvalidInput:
    """Take back what a telephone has not begun."""
    staff_with(context, Permission.EDIT_SMS)
    key = _key(id)
    moved = NotFound() if key is None else await enrolling.move_queue(context.stores, key, actor(context))
    return moved if isinstance(moved, NotFound) else QueueMoved(moved)


async def send_test(context: RequestContext, phone: str) -> TestQueued | InvalidInput:
    """Send a test."""
    staff_with(context, Permission.EDIT_SMS)
    normal = normal_phone(phone)
    if normal is None:
        return InvalidInput([phone_problem("phone")])
    text = _TEST.say(context.language)
    return TestQueued(await handling.send_test(texts_of(context), normal, text, actor(context)))


async def cancel(context: RequestContext, id: str) -> MessageCancelled | NotFound | NotAllowed | InvalidInput:
    """Give up a message."""
    staff_with(context, Permission.EDIT_SMS)
    key = _key(id)
    message = NotFound() if key is None else await handling.cancel(texts_of(context), key, actor(context))
    return MessageCancelled(message) if isinstance(message, SmsMessage) else message


async def send_again(context: RequestContext, id: str) -> MessageQueuedAgain | NotFound | NotAllowed | InvalidInput:
    """Send a message anew."""
    staff_with(context, Permission.EDIT_SMS)
    key = _key(id)
    message = NotFound() if key is None else await handling.send_again(texts_of(context), key, actor(context))
    return MessageQueuedAgain(message) if isinstance(message, SmsMessage) else message


def _key(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None


def _wrong_name(name: str) -> list[FieldProblem]:
    if 1 <= len(name.strip()) <= LONGEST_NAME:
        return []
    return [FieldProblem("name", ProblemCode.OUT_OF_RANGE, _NAME, {"most": LONGEST_NAME})]
