"""A telephone over a socket: given each message in full as it comes, and cut off the moment it is revoked."""

import secrets
from datetime import timedelta

from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.sms.desk import SmsDesk
from domain.sms.phones.enrolling import Enrolled, add_phone, enrol, revoke
from domain.sms.policy import SmsPolicy
from domain.sms.queueing import Sms, queue_sms
from server.settings import Settings
from tests.browser import new_phone
from tests.domain.sms.conftest import clear
from tests.server.websocket.client import client
from tests.server.websocket.test_platform import Served, served

OUTGOING = "subscription { outgoingSms { id attempt kind phone text simSlot secondsLeft } }"
REVOKED = (4401, "TOKEN_INVALID: the telephone was revoked or enrolled anew")


async def queued(here: Served, text: str, phone: str) -> None:
    """A notice that waits."""
    platform, now = here.platform, here.platform.clock()
    async with platform.stores.sql.unit_of_work() as session:
        sms = Sms(SmsKind.NOTICE, SecretStr(phone), SecretStr(text), now + timedelta(hours=1))
        await queue_sms(session, platform.ring, sms, now)


async def test_a_telephone_gets_what_waits_and_what_comes_until_it_is_revoked(
    settings: Settings, stores: Stores, logging_as_before: None
) -> None:
    changed = settings.model_copy(
        update={"sms_routes": "phone", "sms_least_gap_seconds": 0.0, "sms_most_gap_seconds": 0.0}
    )
    async with served(changed, stores) as here:
        platform = here.platform
        await clear(platform.stores)
        desk = SmsDesk(platform.stores, platform.ring, SmsPolicy(changed.zone))
        actor = Actor.system("test", platform.clock())
        invitation = await add_phone(desk, "一号机", actor)
        done = await enrol(platform.stores, invitation.code.get_secret_value(), actor)
        assert isinstance(done, Enrolled)
        phone, first, second = new_phone(), secrets.token_hex(8), secrets.token_hex(8)
        await queued(here, first, phone)
        async with client(here.origin) as caller:
            token = done.token.get_secret_value()
            await caller.initialise(authorization=f"Bearer {token}", acceptLanguage="en")
            await caller.subscribe(OUTGOING)
            told = (await caller.receive())["payload"]["data"]["outgoingSms"]
            assert (told["phone"], told["text"], told["attempt"], told["secondsLeft"]) == (phone, first, 1, 3600.0)
            await queued(here, second, phone)
            assert (await caller.receive())["payload"]["data"]["outgoingSms"]["text"] == second

            await revoke(platform.stores, done.phone.id, actor)

            assert await caller.close_code() == REVOKED
        await clear(platform.stores)
