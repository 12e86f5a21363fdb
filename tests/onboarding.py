"""Hospitals that apply, are reviewed and are taken up in tests, as people do it."""

import secrets
from typing import Any

from sqlmodel import col, select

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.outgoing_message import OutgoingMessage
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import new_picture

APPLICATION = """id number state name level regionCode address registrationNumber phone apiBase contactName contactPhone
  licenceFileIds submissions appliedAt submittedAt decidedAt decidedBy reason hospitalCode sameNameHospitalCodes"""
PROBLEM = """... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on ApplicationNotChangeable { state } ... on HospitalKnown { ownNumber } ... on TooManyApplications { most }"""


def _mutation(name: str, input: str, answer: str, more: str = PROBLEM) -> str:
    return f"mutation ($input: {input}!) {{ {name}(input: $input) {{ __typename {answer} {more} }} }}"


def _application(answer: str, more: str = "") -> str:
    return f"... on {answer} {{ application {{ {APPLICATION} }} {more} }}"


APPLY = _mutation(
    "applyToJoin",
    "ApplyToJoinInput",
    _application("HospitalApplied", "receiptCode"),
    """
  ... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on HospitalKnown { ownNumber } ... on TooManyApplications { most }""",
)
RESUBMIT = _mutation(
    "resubmitHospitalApplication", "ResubmitHospitalApplicationInput", _application("HospitalApplicationResubmitted")
)
DECIDING = """... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on ApplicationNotChangeable { state }"""
WITHDRAW = _mutation(
    "withdrawHospitalApplication",
    "HospitalApplicationInput",
    _application("HospitalApplicationWithdrawn"),
    DECIDING,
)
APPROVE = _mutation(
    "approveHospitalApplication",
    "ApproveHospitalApplicationInput",
    _application("HospitalApplicationApproved"),
    DECIDING,
)
REJECT = _mutation(
    "rejectHospitalApplication",
    "RejectHospitalApplicationInput",
    _application("HospitalApplicationRejected"),
    DECIDING,
)
INVITED = "... on StaffInvited { token link invitation { id hospitalCode roles note isOpen expiresAt } }"
TAKE_UP = _mutation("takeUpHospital", "HospitalApplicationInput", INVITED, DECIDING)
INVITE = _mutation(
    "inviteStaff",
    "InviteStaffInput",
    INVITED,
    "... on Problem { code message } ... on InvalidInput { fields { field code } }",
)
ACCEPT = """mutation ($input: AcceptStaffInvitationInput!) { acceptStaffInvitation(input: $input) { __typename
  ... on StaffInvitationAccepted { staff { id signInName hospitalCode roles mustChangePassword }
    firstKey { keyId secret } }
  ... on Problem { code message } ... on InvalidInput { fields { field code } } } }"""
MINE = f"{{ myHospitalApplications {{ {APPLICATION} }} }}"
RECEIPT = """query ($number: String!, $code: String!) {
  hospitalApplicationReceipt(number: $number, receiptCode: $code) { number hospitalName state reason } }"""
CHOSEN = "seven yellow ferries"


async def licence(platform: Platform, user: User) -> str:
    """The global id of a READY licence of this person's."""
    return await new_picture(platform, user.token, "HOSPITAL_LICENCE")


async def details(platform: Platform, user: User, **changes: Any) -> dict[str, Any]:
    """What can be handed in as it is."""
    given = {
        "name": f"临江{secrets.token_hex(3)}医院",
        "level": "三级甲等",
        "regionCode": "110101",
        "address": "东城区测试路 1 号",
        "registrationNumber": f"pdy{secrets.token_hex(9)}",
        "phone": "010-6512 3456",
        "contactName": "欧阳娜娜",
        "contactPhone": "138 0000 1234",
        **changes,
    }
    return given | ({} if "licenceFileIds" in given else {"licenceFileIds": [await licence(platform, user)]})


async def apply(platform: Platform, user: User, **changes: Any) -> dict[str, Any]:
    """What became of an application."""
    hospital = await details(platform, user, **changes)
    answer: dict[str, Any] = (await user.data(APPLY, {"input": {"hospital": hospital}}))["applyToJoin"]
    return answer


async def applied(platform: Platform, user: User, **changes: Any) -> dict[str, Any]:
    """An application that was taken, with its receipt's code."""
    answer = await apply(platform, user, **changes)
    assert answer["__typename"] == "HospitalApplied", answer
    return {**answer["application"], "receiptCode": answer["receiptCode"]}


async def done(platform: Platform, mutation: str, token: str | None, **input: Any) -> dict[str, Any]:
    """What became of a mutation, which is the only field."""
    [answer] = (await platform.data(mutation, {"input": input}, bearer=token)).values()
    found: dict[str, Any] = answer
    return found


async def approved(platform: Platform, user: User, reviewer: StaffPerson, **changes: Any) -> dict[str, Any]:
    """An application that a reviewer approved."""
    application = await applied(platform, user, **changes)
    answer = await done(platform, APPROVE, reviewer.token, applicationId=application["id"])
    assert answer["__typename"] == "HospitalApplicationApproved", answer
    found: dict[str, Any] = answer["application"]
    return found


async def accept(platform: Platform, token: str, **changes: Any) -> dict[str, Any]:
    """What became of an invitation whose link somebody opens, at an address of their own."""
    who = {"signInName": f"m{secrets.token_hex(6)}", "name": "王小明", "password": CHOSEN}
    answer = await platform.new_browser().data(ACCEPT, {"input": {"token": token, **who, **changes}})
    found: dict[str, Any] = answer["acceptStaffInvitation"]
    return found


async def acts_on(platform: Platform, subject_id: str) -> list[str]:
    """What the audit log says was done to this, in order."""
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry.action).where(AuditEntry.subject_id == subject_id).order_by(col(AuditEntry.id))
        )
        return list(found.all())


async def told_of(platform: Platform, subject_id: str) -> list[tuple[str, dict[str, str]]]:
    """What people are told about this, in order."""
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(OutgoingMessage)
            .where(OutgoingMessage.subject_id == subject_id)
            .order_by(col(OutgoingMessage.created_at), col(OutgoingMessage.id))
        )
        return [(each.kind, each.variables) for each in found.all()]
