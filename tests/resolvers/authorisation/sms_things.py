"""The factory of text messages."""

from datetime import timedelta

from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind
from domain.sms.queueing import Sms, queue_sms
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
