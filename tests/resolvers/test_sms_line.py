"""Telephones in the graph: enrolled once, they get and report their own messages, and are let in to nothing else."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind, SmsMessage
from domain.permissions import Role
from domain.sms.desk import SmsDesk
from domain.sms.phones.leasing import lease_next, note_connected
from domain.sms.policy import SmsPolicy
from domain.sms.queueing import Sms, queue_sms
from tests.browser import new_phone
from tests.domain.sms.conftest import clear
from tests.platform import Platform

ADD = """mutation ($input: AddSmsPhoneInput!) { addSmsPhone(input: $input) {
  ... on SmsPhoneInvited { phone { id } code qrCode } } }"""
INVITE = """mutation ($input: SmsPhoneInput!) { inviteSmsPhone(input: $input) { ... on SmsPhoneInvited { code } } }"""
ENROL = """mutation ($input: EnrolSmsPhoneInput!) { enrolSmsPhone(input: $input) {
  __typename ... on SmsPhoneEnrolled { name token } ... on Problem { code } } }"""
REVOKE = "mutation ($input: SmsPhoneInput!) { revokeSmsPhone(input: $input) { __typename } }"
CLAIM = """mutation ($input: ClaimSmsInput!) { claimSms(input: $input) {
  __typename ... on SmsClaimed { seconds } ... on Problem { code } } }"""
REPORT = """mutation ($input: ReportSmsInput!) { reportSms(input: $input) {
  __typename ... on SmsReported { state } ... on Problem { code } } }"""
RECEIVED = """mutation ($input: ReportReceivedSmsInput!) { reportReceivedSms(input: $input) {
  __typename ... on ReceivedSmsKept { isNew } } }"""
BEAT = """mutation ($input: SmsHeartbeatInput!) { smsHeartbeat(input: $input) {
  __typename ... on SmsPhoneHeard { nextInSeconds } ... on InvalidInput { fields { field } } } }"""


async def invited(platform: Platform) -> tuple[str, str, str]:
    """An administrator's token, and the id and code of a new telephone."""
    staff = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    data = await platform.data(ADD, {"input": {"name": "一号机"}}, bearer=staff.token)
    return staff.token, data["addSmsPhone"]["phone"]["id"], data["addSmsPhone"]["code"]


async def enrolled(platform: Platform) -> tuple[str, str]:
    """The id and token of a telephone that is there."""
    _staff, id, code = await invited(platform)
    answer = (await platform.data(ENROL, {"input": {"code": code}}))["enrolSmsPhone"]
    async with platform.stores.sql.unit_of_work() as session:
        await note_connected(session, UUID(id), platform.clock())
    return id, answer["token"]


async def leased(platform: Platform, phone: str) -> SmsMessage:
    """A message that this telephone was given."""
    await clear(platform.stores)
    now = platform.clock()
    async with platform.stores.sql.unit_of_work() as session:
        await note_connected(session, UUID(phone), now)
        text = SecretStr(secrets.token_hex(8))
        sms = Sms(SmsKind.NOTICE, SecretStr(new_phone()), text, now + timedelta(hours=1))
        queued = await queue_sms(session, platform.ring, sms, now)
    desk = SmsDesk(platform.stores, platform.ring, SmsPolicy(platform.booking_policy.zone))
    message = await lease_next(desk, UUID(phone), now)
    assert message is not None
    assert message.id == queued.id
    return message


async def test_a_code_is_good_once_in_any_case_and_not_for_long(platform: Platform) -> None:
    staff, id, code = await invited(platform)

    first = (await platform.data(ENROL, {"input": {"code": f" {code.lower().replace('-', ' ')}"}}))["enrolSmsPhone"]
    second = (await platform.data(ENROL, {"input": {"code": code}}))["enrolSmsPhone"]

    assert (first["__typename"], first["name"]) == ("SmsPhoneEnrolled", "一号机")
    assert second == {"__typename": "NotAllowed", "code": "SMS_ENROLMENT_ENDED"}
    late = (await platform.data(INVITE, {"input": {"id": id}}, bearer=staff))["inviteSmsPhone"]["code"]
    platform.clock.now += timedelta(minutes=10)
    assert (await platform.data(ENROL, {"input": {"code": late}}))["enrolSmsPhone"]["__typename"] == "NotAllowed"


async def test_enrolling_anew_ends_the_old_token_and_revoking_ends_all(platform: Platform) -> None:
    staff, id, code = await invited(platform)
    old = (await platform.data(ENROL, {"input": {"code": code}}))["enrolSmsPhone"]["token"]
    again = (await platform.data(INVITE, {"input": {"id": id}}, bearer=staff))["inviteSmsPhone"]["code"]
    beat = {"input": {"appVersion": "1", "radio": "console"}}
    assert (await platform.data(BEAT, beat, bearer=old))["smsHeartbeat"]["nextInSeconds"] == 60

    new = (await platform.data(ENROL, {"input": {"code": again}}))["enrolSmsPhone"]["token"]

    assert (await platform.error(BEAT, beat, bearer=old))["extensions"]["code"] == "TOKEN_INVALID"
    assert (await platform.data(BEAT, beat, bearer=new))["smsHeartbeat"]["nextInSeconds"] == 60
    await platform.data(REVOKE, {"input": {"id": id}}, bearer=staff)
    assert (await platform.error(BEAT, beat, bearer=new))["extensions"]["code"] == "TOKEN_INVALID"


async def test_a_telephone_claims_and_reports_its_own_message_and_no_stranger_does(platform: Platform) -> None:
    id, token = await enrolled(platform)
    _other, stranger = await enrolled(platform)
    message = await leased(platform, id)
    named: dict[str, Any] = {"id": str(message.id), "attempt": message.attempt}
    sent = {"input": {**named, "outcome": "SENT"}}

    theft = (await platform.data(CLAIM, {"input": named}, bearer=stranger))["claimSms"]
    lie = (await platform.data(REPORT, sent, bearer=stranger))["reportSms"]
    claimed = (await platform.data(CLAIM, {"input": named}, bearer=token))["claimSms"]
    reported = [(await platform.data(REPORT, sent, bearer=token))["reportSms"]["state"] for _ in range(2)]

    assert theft == lie == {"__typename": "NotAllowed", "code": "SMS_NOT_YOURS"}
    assert claimed == {"__typename": "SmsClaimed", "seconds": 30.0}
    assert reported == ["SENT", "SENT"]
    assert (await platform.data(CLAIM, {"input": named}, bearer=token))["claimSms"]["code"] == "SMS_NOT_YOURS"
    assert (await platform.data(CLAIM, {"input": {**named, "id": "x"}}, bearer=token))["claimSms"][
        "__typename"
    ] == "InvalidInput"


async def test_a_received_message_is_kept_once(platform: Platform) -> None:
    _id, token = await enrolled(platform)
    message = {"input": {"sender": "10086", "text": "您好", "key": secrets.token_hex(8)}}

    new = [(await platform.data(RECEIVED, message, bearer=token))["reportReceivedSms"]["isNew"] for _ in range(2)]

    assert new == [True, False]


@pytest.mark.parametrize("percent", [-1, 101])
async def test_nonsense_of_a_telephone_is_refused_by_its_field(platform: Platform, percent: int) -> None:
    _id, token = await enrolled(platform)
    beat = {"input": {"appVersion": "1", "radio": "termux", "batteryPercent": percent}}

    answer = (await platform.data(BEAT, beat, bearer=token))["smsHeartbeat"]

    assert answer == {"__typename": "InvalidInput", "fields": [{"field": "batteryPercent"}]}
