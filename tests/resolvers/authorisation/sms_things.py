"""The factories of text messages, sent and received."""

import secrets
from datetime import timedelta
from uuid import uuid4

from pydantic import SecretBytes, SecretStr

from datasources.sql.sms_message import SmsKind
from datasources.sql.sms_received import ReceivedMeaning, SmsReceived
from domain.sms.phones.reports import RECEIVED_PHONE_FIELD, RECEIVED_TEXT_FIELD
from domain.sms.queueing import PHONE_INDEX, Sms, queue_sms
from tests.browser import new_phone
from tests.resolvers.authorisation.world import Thing, World


async def sms_message(world: World) -> Thing:
    """A message that waits until the night has passed many times: nobody sends it meanwhile."""
    platform, phone = world.platform, new_phone()
    later = platform.clock() + timedelta(days=20)
    sms = Sms(SmsKind.TEST, SecretStr(phone), SecretStr("【HTBooking】"), later + timedelta(days=1), not_before=later)
    async with platform.stores.sql.unit_of_work() as session:
        queued = await queue_sms(session, platform.ring, sms, platform.clock())
    return Thing(str(queued.id), clear={"maskedPhone": phone.removeprefix("+86")})


async def received_sms(world: World) -> Thing:
    """From a number that nobody else has."""
    platform, phone = world.platform, new_phone()
    id, ring = uuid4(), platform.ring
    row = SmsReceived(
        id=id,
        digest=secrets.token_bytes(32),
        phone_index=ring.blind_index(PHONE_INDEX, phone),
        sealed_phone=ring.seal(RECEIVED_PHONE_FIELD, str(id), SecretBytes(phone.encode())),
        sealed_text=ring.seal(RECEIVED_TEXT_FIELD, str(id), SecretBytes(b"TD")),
        meaning=ReceivedMeaning.OPT_OUT,
        received_at=platform.clock(),
    )
    async with platform.stores.sql.unit_of_work() as session:
        session.add(row)
    return Thing(str(id), clear={"maskedSender": phone.removeprefix("+86")}, names={"received_from": phone})
