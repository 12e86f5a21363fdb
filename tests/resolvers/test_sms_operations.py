"""What administrators see of text messages, and do to them: masked, audited, and never what cannot be undone."""

from typing import Any

from domain.permissions import Role
from tests.browser import new_phone
from tests.domain.sms.conftest import clear
from tests.platform import Platform
from tests.resolvers.test_sms_line import BEAT, CLAIM, INVITE, REPORT, enrolled, leased

OPERATIONS = """{ smsOperations { waiting oldestWaitingSince
  phones { phone { id batteryPercent signalPercent sims { slot carrier } pausedAt partsPerDay }
           partsToday openMessages isSilent }
  lastHour { route phoneId outcome reason attempts } alarms { kind phoneId } } }"""
MESSAGES = """query ($state: SmsState, $kind: SmsKind, $after: String) {
  smsMessages(state: $state, kind: $kind, first: 100, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""
CHANGE = """mutation ($input: ChangeSmsPhoneInput!) { changeSmsPhone(input: $input) { __typename
  ... on SmsPhoneChanged { phone { name simSlot pausedAt partsPerDay } } ... on InvalidInput { fields { field } } } }"""
MOVE = (
    "mutation ($input: SmsPhoneInput!) { moveSmsQueue(input: $input) { __typename ... on SmsQueueMoved { messages } } }"
)
TEST = """mutation ($input: SendTestSmsInput!) { sendTestSms(input: $input) { __typename
  ... on SmsTestQueued { message { id kind maskedPhone } } } }"""
CANCEL = """mutation ($input: SmsMessageInput!) { cancelSms(input: $input) { __typename
  ... on SmsCancelled { message { state reason } } ... on Problem { code } } }"""
AGAIN = """mutation ($input: SmsMessageInput!) { sendSmsAgain(input: $input) { __typename
  ... on SmsQueuedAgain { message { state } } ... on Problem { code } } }"""
AUDIT = "query ($id: String!) { auditLog(subjectId: $id, first: 20) { nodes { action } } }"


async def staff_token(platform: Platform) -> str:
    """An administrator's."""
    return (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token


async def listed(platform: Platform, token: str, **which: str) -> list[str]:
    """The ids of all such messages, page by page: those of other tests may be later."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = (await platform.data(MESSAGES, {**which, "after": after}, bearer=token))["smsMessages"]
        ids += [each["id"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return ids
        after = page["pageInfo"]["endCursor"]


async def test_a_telephone_is_shown_as_it_told_of_itself(platform: Platform) -> None:
    token = await staff_token(platform)
    id, phone_token = await enrolled(platform)
    beat = {"appVersion": "1.0", "radio": "termux", "batteryPercent": 12, "signalPercent": 70}
    await platform.data(BEAT, {"input": {**beat, "sims": [{"slot": 0, "carrier": "中国移动"}]}}, bearer=phone_token)
    message = await leased(platform, id)
    await platform.data(BEAT, {"input": beat}, bearer=phone_token)
    named: dict[str, Any] = {"id": str(message.id), "attempt": message.attempt}
    await platform.data(CLAIM, {"input": named}, bearer=phone_token)
    await platform.data(REPORT, {"input": {**named, "outcome": "FAILED", "reason": "NO_SERVICE"}}, bearer=phone_token)

    report = (await platform.data(OPERATIONS, bearer=token))["smsOperations"]

    (state,) = [each for each in report["phones"] if each["phone"]["id"] == id]
    assert (state["phone"]["batteryPercent"], state["phone"]["signalPercent"]) == (12, 70)
    assert state["isSilent"] is False
    assert {"kind": "PHONE_BATTERY_LOW", "phoneId": id} in report["alarms"]
    assert {
        "route": "PHONE",
        "phoneId": id,
        "outcome": "FAILED",
        "reason": "NO_SERVICE",
        "attempts": 1,
    } in report["lastHour"]
    await clear(platform.stores)


async def test_pausing_and_moving_give_messages_back_and_are_audited(platform: Platform) -> None:
    token = await staff_token(platform)
    id, _phone = await enrolled(platform)
    await leased(platform, id)

    moved = (await platform.data(MOVE, {"input": {"id": id}}, bearer=token))["moveSmsQueue"]
    change = {"id": id, "name": "二号机", "simSlot": 1, "partsPerDay": 50, "paused": True}
    changed = (await platform.data(CHANGE, {"input": change}, bearer=token))["changeSmsPhone"]["phone"]
    wrong = (await platform.data(CHANGE, {"input": {"id": id, "partsPerDay": 0}}, bearer=token))["changeSmsPhone"]

    assert moved == {"__typename": "SmsQueueMoved", "messages": 1}
    assert (changed["name"], changed["simSlot"], changed["partsPerDay"]) == ("二号机", 1, 50)
    assert changed["pausedAt"] is not None
    assert wrong == {"__typename": "InvalidInput", "fields": [{"field": "partsPerDay"}]}
    actions = [each["action"] for each in (await platform.data(AUDIT, {"id": id}, bearer=token))["auditLog"]["nodes"]]
    assert actions == ["SMS_PHONE_CHANGED", "SMS_QUEUE_MOVED", "SMS_PHONE_ENROLLED", "SMS_PHONE_ADDED"]
    strange = {"input": {"id": "no such telephone"}}
    assert (await platform.data(MOVE, strange, bearer=token))["moveSmsQueue"]["__typename"] == "NotFound"
    assert (await platform.data(INVITE, strange, bearer=token))["inviteSmsPhone"] == {}
    await clear(platform.stores)


async def test_a_test_is_queued_and_cancelled_and_its_number_is_masked(platform: Platform) -> None:
    token = await staff_token(platform)
    phone = new_phone()

    test = (await platform.data(TEST, {"input": {"phone": phone}}, bearer=token))["sendTestSms"]["message"]
    cancelled = (await platform.data(CANCEL, {"input": {"id": test["id"]}}, bearer=token))["cancelSms"]
    twice = (await platform.data(CANCEL, {"input": {"id": test["id"]}}, bearer=token))["cancelSms"]

    assert (test["kind"], test["maskedPhone"]) == ("TEST", f"{phone[3:6]}****{phone[-4:]}")
    assert cancelled["message"] == {"state": "CANCELLED", "reason": "BY_STAFF"}
    assert twice["code"] == "SMS_NOT_CHANGEABLE"
    assert test["id"] in await listed(platform, token, state="CANCELLED", kind="TEST")
    assert test["id"] not in await listed(platform, token, state="SENT", kind="TEST")


async def test_what_is_unknown_is_sent_again_by_a_persons_word_alone(platform: Platform) -> None:
    token = await staff_token(platform)
    id, phone_token = await enrolled(platform)
    message = await leased(platform, id)
    named: dict[str, Any] = {"id": str(message.id), "attempt": message.attempt}
    again = {"input": {"id": str(message.id)}}
    assert (await platform.data(AGAIN, again, bearer=token))["sendSmsAgain"]["code"] == "SMS_NOT_CHANGEABLE"
    await platform.data(CLAIM, {"input": named}, bearer=phone_token)
    await platform.data(REPORT, {"input": {**named, "outcome": "UNKNOWN"}}, bearer=phone_token)

    answer = (await platform.data(AGAIN, again, bearer=token))["sendSmsAgain"]

    assert answer["message"] == {"state": "QUEUED"}
    late = (await platform.data(REPORT, {"input": {**named, "outcome": "SENT"}}, bearer=phone_token))["reportSms"]
    assert late["code"] == "SMS_NOT_YOURS"
    await clear(platform.stores)


async def test_alarms_are_in_the_metrics_as_well(platform: Platform) -> None:
    id, phone_token = await enrolled(platform)
    await platform.data(
        BEAT, {"input": {"appVersion": "1", "radio": "termux", "batteryPercent": 5}}, bearer=phone_token
    )

    lines = (await platform.http.get("http://platform.test/metrics")).text.splitlines()

    (low,) = [line for line in lines if line.startswith('htbooking_sms_alarms{kind="PHONE_BATTERY_LOW"}')]
    assert float(low.rpartition(" ")[2]) >= 1, id
    assert any(line.startswith("htbooking_sms_oldest_code_seconds") for line in lines)
