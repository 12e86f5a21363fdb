"""What people wrote to the telephones is found by what it means and who wrote it, its sender masked."""

import secrets
from typing import Any

from domain.permissions import Role
from tests.browser import new_phone
from tests.platform import Platform
from tests.resolvers.test_sms_line import RECEIVED, enrolled

LIST = """query ($sender: String, $phone: ID, $meaning: ReceivedMeaning) {
  receivedSms(sender: $sender, phoneId: $phone, meaning: $meaning) { totalCount
    nodes { maskedSender text meaning phoneId } } }"""


async def listed(platform: Platform, token: str, **criteria: Any) -> Any:
    """Received messages."""
    return (await platform.data(LIST, criteria, bearer=token))["receivedSms"]


async def test_administrators_find_what_was_written_and_by_whom(platform: Platform) -> None:
    staff = (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token
    phone, token = await enrolled(platform)
    sender = new_phone()
    for text in ("TD", "请问东门在哪里？"):
        message = {"sender": sender, "text": text, "key": secrets.token_hex(8)}
        await platform.data(RECEIVED, {"input": message}, bearer=token)

    both = await listed(platform, staff, sender=sender.removeprefix("+86"))
    (opt_out,) = (await listed(platform, staff, phone=phone, meaning="OPT_OUT"))["nodes"]

    assert both["totalCount"] == 2
    assert {each["text"] for each in both["nodes"]} == {"TD", "请问东门在哪里？"}
    assert opt_out == {
        "maskedSender": f"{sender[3:6]}****{sender[-4:]}",
        "text": "TD",
        "meaning": "OPT_OUT",
        "phoneId": phone,
    }
    assert (await listed(platform, staff, phone="nonsense"))["totalCount"] == 0
