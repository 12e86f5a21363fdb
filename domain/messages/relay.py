"""The relay: what waits in the outbox is told in the app, and by SMS where kind and person want it.

A batch is one transaction that holds its messages' rows, so notifications, text messages and the messages' ends become
true together or not at all. Whoever dies in the middle loses the locks with the connection, and another worker takes
the same messages up at once; two workers never take the same one.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

import structlog
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.faults import unavailable_store
from datasources.sealing import KeyRing
from datasources.sql.message_choice import MessageChoices
from datasources.sql.notification import Notification, Notifications
from datasources.sql.outgoing_message import OutgoingMessage, OutgoingMessages, OutgoingState
from datasources.sql.sms_message import SmsKind
from datasources.sql.staff_account import StaffAccounts
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus
from datasources.stores import Stores
from domain.identity.sign_in import phone_of
from domain.language import Language
from domain.live.changes import note_notification_change
from domain.messages.channels import SMS_KINDS, SMS_LIFETIME, wants_sms
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.rendering import Text, written
from domain.messages.signing import signed
from domain.messages.template_set import TemplateSet, templates_in_force
from domain.sms.queueing import Sms, queue_many

BATCH = 200
MOST_PER_RUN = 20_000
MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)

TOO_LATE = "TOO_LATE"
NOBODY = "NOBODY"
IN_APP = "IN_APP"
SMS = "SMS"
IN_APP_ONLY = "IN_APP_ONLY"

_log = structlog.get_logger(component="messages")


@dataclass(frozen=True, slots=True)
class RelayDesk:
    """What the relay works with."""

    stores: Stores
    ring: KeyRing
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class _People:
    """Whoever a batch is for, read in one go."""

    users: Mapping[UUID, UserAccount]
    staff: Set[UUID]
    """Those who may sign in."""
    of_hospital: Mapping[str, Sequence[UUID]]
    choices: Mapping[tuple[UUID, str], bool]
    languages: Mapping[UUID, str]


async def relay_due(desk: RelayDesk, now: datetime) -> int:
    """Tell what is due; how many messages were dealt with. Raises when a store is down."""
    dealt_with = 0
    while dealt_with < MOST_PER_RUN:
        try:
            some = await _relay_some(desk, now, BATCH)
        except Exception as fault:
            if unavailable_store(fault) is not None:
                raise
            _log.exception("a batch of messages could not be told; trying each by itself")
            some = await _relay_each(desk, now)
        dealt_with += some
        if some < BATCH:
            break
    return dealt_with


async def _relay_some(desk: RelayDesk, now: datetime, most: int) -> int:
    async with desk.stores.sql.unit_of_work() as session:
        messages = await OutgoingMessages(session).take_due(now, most)
        await _tell(session, desk, messages, now)
        return len(messages)


async def _relay_each(desk: RelayDesk, now: datetime) -> int:
    """The same one by one, so that only a message that can't be told waits and is tried again later."""
    done = 0
    for _ in range(BATCH):
        failed: UUID | None = None
        try:
            async with desk.stores.sql.unit_of_work() as session:
                messages = await OutgoingMessages(session).take_due(now, 1)
                failed = messages[0].id if messages else None
                await _tell(session, desk, messages, now)
        except Exception as fault:
            if unavailable_store(fault) is not None or failed is None:
                raise
            _log.exception("a message could not be told", message_id=str(failed))
            await _note_failure(desk.stores, failed, fault, now)
        if failed is None:
            break
        done += 1
    return done


async def _note_failure(stores: Stores, id: UUID, fault: Exception, now: datetime) -> None:
    reason = type(fault).__name__
    async with stores.sql.unit_of_work() as session:
        outbox = OutgoingMessages(session)
        tried = await outbox.attempts_of(id)
        if tried + 1 >= MOST_ATTEMPTS:
            await outbox.finish([id], OutgoingState.FAILED, now, reason=reason)
        else:
            await outbox.put_back(id, now + FIRST_PAUSE * 2**tried, reason)


async def _tell(
    session: AsyncSession,
    desk: RelayDesk,
    messages: Sequence[OutgoingMessage],
    now: datetime,
) -> None:
    if not messages:
        return
    outbox = OutgoingMessages(session)
    late = [each.id for each in messages if each.useless_after is not None and each.useless_after <= now]
    if late:
        await outbox.finish(late, OutgoingState.DROPPED, now, reason=TOO_LATE)
    timely = [each for each in messages if each.id not in set(late)]
    people = await _people(session, timely)
    templates = await templates_in_force(session)
    notifications: list[Notification] = []
    texts: list[tuple[UUID, Sms]] = []
    ends: dict[tuple[OutgoingState, str, str], list[UUID]] = {}
    for message in timely:
        recipients = _recipients(message, people)
        if not recipients:
            ends.setdefault((OutgoingState.DROPPED, NOBODY, ""), []).append(message.id)
            continue
        said = _said(desk, templates, message)
        notifications.extend(_notification(message, kind, id, said, now) for kind, id in recipients)
        sms = _sms(desk, people, message, said, now)
        if isinstance(sms, Sms):
            texts.append((message.id, sms))
        else:
            ends.setdefault((OutgoingState.TOLD, "", sms), []).append(message.id)
    states = await queue_many(session, desk.ring, [sms for _, sms in texts], now)
    for (id, _), queued in zip(texts, states, strict=True):
        ends.setdefault((OutgoingState.TOLD, "", queued), []).append(id)
    await Notifications(session).add(notifications)
    for each in notifications:
        note_notification_change(session, each.recipient_id)
    for (state, reason, fate), ids in ends.items():
        fates = {IN_APP: "TOLD", SMS: fate} if fate else {}
        await outbox.finish(ids, state, now, reason=reason, fates=fates)


async def _people(session: AsyncSession, messages: Sequence[OutgoingMessage]) -> _People:
    user_ids = list({each.user_id for each in messages if each.user_id is not None})
    staff_ids = list({each.staff_id for each in messages if each.staff_id is not None})
    hospitals = list({each.hospital_code for each in messages if each.hospital_code is not None})
    choices, staff = MessageChoices(session), StaffAccounts(session)
    return _People(
        await UserAccounts(session).by_ids(user_ids) if user_ids else {},
        await staff.active_among(staff_ids) if staff_ids else set(),
        await staff.active_of_hospitals(hospitals) if hospitals else {},
        await choices.of(user_ids) if user_ids else {},
        await choices.languages_of(user_ids) if user_ids else {},
    )


def _recipients(message: OutgoingMessage, people: _People) -> list[tuple[str, UUID]]:
    if message.user_id is not None:
        user = people.users.get(message.user_id)
        return [] if user is None or user.status == UserStatus.DELETED else [("user", user.id)]
    if message.staff_id is not None:
        return [("staff", message.staff_id)] if message.staff_id in people.staff else []
    return [("staff", id) for id in people.of_hospital.get(message.hospital_code or "", ())]


def _said(desk: RelayDesk, templates: TemplateSet, message: OutgoingMessage) -> dict[Language, Text]:
    kind = MessageKind(message.kind)
    return {
        language: templates.say(kind, language, written(message.variables, VARIABLES[kind], language, desk.zone))
        for language in Language
    }


def _notification(
    message: OutgoingMessage, recipient_kind: str, recipient_id: UUID, said: Mapping[Language, Text], now: datetime
) -> Notification:
    return Notification(
        id=uuid7(),
        message_id=message.id,
        recipient_kind=recipient_kind,
        recipient_id=recipient_id,
        kind=message.kind,
        texts={language: {"title": text.title, "body": text.body} for language, text in said.items()},
        subject_kind=message.subject_kind,
        subject_id=message.subject_id,
        created_at=now,
    )


def _sms(
    desk: RelayDesk,
    people: _People,
    message: OutgoingMessage,
    said: Mapping[Language, Text],
    now: datetime,
) -> Sms | str:
    """The SMS that goes with the message, or why there is none: IN_APP_ONLY, NOT_WANTED, NO_PHONE, NO_TEXT."""
    if message.in_app_only:
        return IN_APP_ONLY
    kind = MessageKind(message.kind)
    user = None if message.user_id is None else people.users.get(message.user_id)
    if user is None or not wants_sms(kind, people.choices.get((user.id, kind))):
        return "NOT_WANTED"
    language = Language(people.languages.get(user.id, Language.CHINESE))
    text = said[language].sms
    phone = phone_of(desk.ring, user)
    if phone is None or not text:
        return "NO_PHONE" if phone is None else "NO_TEXT"
    values = written(message.variables, VARIABLES[kind], language, desk.zone)
    return Sms(
        SMS_KINDS.get(kind, SmsKind.NOTICE),
        SecretStr(phone),
        SecretStr(signed(text, language)),
        expires_at=message.useless_after or now + SMS_LIFETIME,
        template=kind,
        variables={name: SecretStr(value) for name, value in values.items()},
        dedupe_key=f"message:{message.id}",
    )
