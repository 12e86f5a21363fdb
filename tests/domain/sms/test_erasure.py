"""An erased account's texts go with it, and nobody else's."""

import secrets
from uuid import uuid4

from pydantic import SecretStr

from datasources.sql.sms_message import SmsMessage
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.identity.erasure import ERASERS
from domain.sms.erasure import erase_texts
from tests.browser import new_phone
from tests.domain.sms.queued import NOW, RING, queued, row, sms


async def test_what_was_sent_to_an_erased_account_is_deleted(open_stores: Stores) -> None:
    phone, user = new_phone(), uuid4()
    own = await queued(open_stores, sms(phone=SecretStr(phone)))
    others = await queued(open_stores, sms(dedupe_key=secrets.token_hex(8)))
    async with open_stores.sql.unit_of_work() as session:
        session.add(UserAccount(id=user, phone_index=RING.blind_index("phone", phone), created_at=NOW))

    async with open_stores.sql.unit_of_work() as session:
        await erase_texts(session, user, NOW)

    async with open_stores.sql.read() as session:
        assert await session.get(SmsMessage, own.id) is None
    assert (await row(open_stores, others.id)).id == others.id
    assert erase_texts in ERASERS
