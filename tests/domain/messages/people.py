"""Accounts that can be told something, in an era of its own: what other tests leave in the outbox is not due yet."""

import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlmodel import col, select

from datasources.sealing import KeyRing
from datasources.sql.notification import Notification
from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.sms_message import SmsMessage
from datasources.sql.staff_account import StaffAccount, StaffStatus
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.identity.sign_in import with_phone
from domain.messages.kinds import MessageKind
from domain.messages.relay import RelayDesk
from domain.messages.telling import Message, Recipient, Subject, ToUser, tell_many
from tests.booked import POLICY, RING
from tests.browser import new_phone

LONG_AGO = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)

ORDER = {
    "hospital": "长春测试医院",
    "department": "心内科",
    "doctor": "林一鸣",
    "title": "主任医师",
    "patient": "张*",
    "date": "2026-11-25",
    "half_day": "AM",
    "number": "7",
    "order_number": "2611250000000001",
    "fee": "9.67",
    "cancel_until": "2026-11-24T15:30:00+08:00",
    "address": "门诊楼3层",
}


def desk_of(stores: Stores, ring: KeyRing = RING) -> RelayDesk:
    """What the relay works with in tests."""
    return RelayDesk(stores, ring, POLICY.zone)


async def new_user(stores: Stores, *, phone: bool = True, ring: KeyRing = RING) -> UUID:
    """An account, with a phone unless it is to have none."""
    user = uuid4()
    async with stores.sql.unit_of_work() as session:
        session.add(with_phone(ring, user, f"+86{new_phone()}") if phone else UserAccount(id=user))
    return user


async def new_staff(stores: Stores, hospital_code: str | None = None, *, locked: bool = False) -> UUID:
    """A member of staff who never signs in."""
    staff = uuid4()
    status = StaffStatus.LOCKED if locked else StaffStatus.ACTIVE
    async with stores.sql.unit_of_work() as session:
        session.add(
            StaffAccount(
                id=staff,
                sign_in_name=f"m{secrets.token_hex(6)}",
                hospital_code=hospital_code,
                roles=[],
                password_hash="-",
                status=status,
            )
        )
    return staff


def reminder(to: Recipient | UUID, **changes: object) -> Message:
    """A message that goes by SMS as well."""
    recipient = ToUser(to) if isinstance(to, UUID) else to
    fields: dict[str, object] = {
        "kind": MessageKind.REMINDER_DAY_BEFORE,
        "to": recipient,
        "variables": ORDER,
        "dedupe_key": f"test:{uuid4()}",
        "subject": Subject("order", str(uuid4())),
    } | changes
    return Message(**fields)  # type: ignore[arg-type]


async def tell_long_ago(stores: Stores, *messages: Message) -> None:
    """Put these into the outbox, due in the tests' own era."""
    async with stores.sql.unit_of_work() as session:
        await tell_many(session, messages, LONG_AGO)


async def outbox_of(stores: Stores, user: UUID) -> list[OutgoingMessage]:
    """What the outbox holds for this account, in the order in which it was told."""
    async with stores.sql.read() as session:
        query = select(OutgoingMessage).where(col(OutgoingMessage.user_id) == user)
        return list(
            (await session.exec(query.order_by(col(OutgoingMessage.created_at), col(OutgoingMessage.id)))).all()
        )


async def notifications_of(stores: Stores, recipient: UUID) -> list[Notification]:
    """What this account was told in the app."""
    async with stores.sql.read() as session:
        found = await session.exec(select(Notification).where(col(Notification.recipient_id) == recipient))
        return list(found.all())


async def texts_of(stores: Stores, message: OutgoingMessage) -> list[SmsMessage]:
    """The text messages that were made of this message."""
    async with stores.sql.read() as session:
        found = await session.exec(select(SmsMessage).where(col(SmsMessage.dedupe_key) == f"message:{message.id}"))
        return list(found.all())
