"""Desks and telephones, made for tests."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from datasources.sms.provider import Fate, Handed, OutgoingSms
from datasources.sql.sms_message import SmsMessage, SmsRoute
from datasources.sql.sms_phones import SmsPhones
from datasources.sql.sms_steps import Taken
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.sms.desk import SmsDesk
from domain.sms.phones.enrolling import Enrolled, add_phone, enrol
from domain.sms.policy import SmsPolicy
from tests.domain.sms.queued import NOW, RING

ZONE = ZoneInfo("Asia/Shanghai")
STAFF = Actor("system", "test", NOW)


class Provider:
    """Answers what it is told to and keeps what it was given."""

    def __init__(self, *answers: Handed) -> None:
        self.given: list[OutgoingSms] = []
        self._answers = list(answers)

    async def send(self, message: OutgoingSms) -> Handed:
        """The next answer; accepted when none is left."""
        self.given.append(message)
        return self._answers.pop(0) if self._answers else Handed(Fate.ACCEPTED)

    async def close(self) -> None:
        """Nothing is open."""


def desk_of(stores: Stores, aliyun: Provider | None = None, **policy: Any) -> SmsDesk:
    """A desk whose telephones do not pause, with this provider as Aliyun."""
    rules = {"gap_seconds": (0.0, 0.0), "templates": {"t": "SMS_1"}, **policy}
    return SmsDesk(stores, RING, SmsPolicy(ZONE, **rules), {} if aliyun is None else {SmsRoute.ALIYUN: aliyun})


async def telephone(desk: SmsDesk, now: datetime = NOW, **columns: Any) -> UUID:
    """One that is enrolled and was just heard of."""
    invitation = await add_phone(desk, "测试机", STAFF)
    enrolled = await enrol(desk.stores, invitation.code.get_secret_value(), STAFF)
    assert isinstance(enrolled, Enrolled)
    async with desk.stores.sql.unit_of_work() as session:
        await SmsPhones(session).change(enrolled.phone.id, {"last_beat_at": now, **columns})
    return enrolled.phone.id


def taken(message: SmsMessage | None, phone: UUID) -> Taken:
    """The attempt that the telephone was given."""
    assert message is not None
    return Taken(message.id, message.attempt, phone)
