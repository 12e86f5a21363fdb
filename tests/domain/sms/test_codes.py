"""Codes go the way of every text: queued sealed, the newest only, and only where something would send them."""

from datetime import timedelta

from pydantic import SecretStr

from datasources.sms.sender import CodeMessage
from datasources.sql.sms_message import SmsKind
from datasources.stores import Stores
from domain.sms.codes import QueuedCodes
from domain.sms.opened import opened
from domain.sms.phones.leasing import lease_next
from tests.browser import new_phone
from tests.domain.sms.queued import NOW, RING
from tests.domain.sms.telephones import Provider, desk_of, telephone


def code_to(phone: str, code: str) -> CodeMessage:
    """A sign-in code, good for five minutes."""
    return CodeMessage(
        phone=SecretStr(phone),
        code=SecretStr(code),
        text=SecretStr(f"【HTBooking】{code}"),
        purpose="code.sign_in",
        template="t",
        minutes=5,
        asked_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
    )


async def test_without_a_telephone_or_provider_that_is_well_no_code_can_be_sent(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    codes = QueuedCodes(desk, lambda: NOW)
    assert not await codes.is_available(NOW)

    await telephone(desk)

    assert await codes.is_available(NOW)
    assert not await codes.is_available(NOW + timedelta(minutes=4))
    assert await QueuedCodes(desk_of(open_stores, Provider()), lambda: NOW).is_available(NOW + timedelta(minutes=4))


async def test_the_telephone_is_given_the_newest_code_alone(open_stores: Stores) -> None:
    desk = desk_of(open_stores)
    codes, sender = QueuedCodes(desk, lambda: NOW), await telephone(desk)
    phone = new_phone()

    await codes.send_code(code_to(phone, "111111"))
    await codes.send_code(code_to(phone, "222222"))

    given = await lease_next(desk, sender, NOW)
    assert given is not None
    assert given.kind == SmsKind.CODE
    content = opened(RING, given)
    assert (content.phone.get_secret_value(), content.text.get_secret_value()) == (phone, "【HTBooking】222222")
    assert content.variables["code"].get_secret_value() == "222222"
    assert await lease_next(desk, sender, NOW) is None
