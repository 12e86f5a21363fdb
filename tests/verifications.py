"""Handing in real-name verifications in tests, and deciding them, as people and reviewers do."""

import secrets
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import StoredFile
from datasources.sql.verification_request import VerificationRequest
from domain.certificates.resident_id import check_character
from domain.global_id import node_reference
from domain.patients.consent import CURRENT_VERSIONS
from tests.pictures import png
from tests.platform import Platform

ORIGIN = "http://platform.test"
CONSENT = "mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { __typename } }"
UPLOAD = """mutation ($input: RequestUploadInput!) { requestUpload(input: $input) { __typename
  ... on UploadTicket { fileId url headers { name value } } ... on Problem { code } } }"""
CONFIRM = """mutation ($id: ID!) { confirmUpload(input: {fileId: $id}) {
  __typename ... on UploadConfirmed { file { state } } } }"""
REQUEST = """id userId state name certificateKind certificateNumber frontFileId backFileId submittedAt decidedAt
  decidedBy rejection rejectionMessage note originalsDeletedAt certificateVerifiedElsewhere"""
SUBMIT = f"""mutation ($input: SubmitVerificationInput!) {{ submitVerification(input: $input) {{ __typename
  ... on VerificationSubmitted {{ request {{ {REQUEST} }} }} ... on Problem {{ code message }}
  ... on InvalidInput {{ fields {{ field code }} }} ... on ConsentNeeded {{ kind version }}
  ... on VerificationUnderWay {{ submittedAt }} ... on TooManySubmissions {{ most }} }} }}"""
DECIDE = f"""mutation ($input: DecideVerificationInput!) {{ decideVerification(input: $input) {{ __typename
  ... on VerificationDecided {{ request {{ {REQUEST} }} }} ... on Problem {{ code message }}
  ... on InvalidInput {{ fields {{ field code }} }}
  ... on AlreadyDecided {{ state decidedAt decidedBy decidedByName }} }} }}"""
REVEAL = f"""mutation ($input: RevealVerificationInput!) {{ revealVerification(input: $input) {{ __typename
  ... on VerificationRevealed {{ name certificateNumber request {{ {REQUEST} }} }} ... on Problem {{ code }} }} }}"""
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on VerificationRequest { name decidedBy } } }"
VIEW = """mutation ($id: ID!) { viewIdentityPicture(input: {fileId: $id, reason: "review"}) {
  __typename ... on Problem { code } } }"""
QUEUE = """query ($state: VerificationRequestState, $from: DateTime, $before: DateTime, $first: Int, $after: String) {
  verificationRequests(state: $state, submittedFrom: $from, submittedBefore: $before, first: $first, after: $after) {
    totalCount nodes { id name certificateNumber decidedBy certificateVerifiedElsewhere } pageInfo { endCursor } } }"""
MINE = f"{{ myVerification {{ state requests {{ {REQUEST} }} }} me {{ name verification }} }}"


def new_resident_id() -> str:
    """A well-formed number that no other test uses."""
    born = date(1950, 1, 1).toordinal() + secrets.randbelow(18_000)
    body = f"110105{date.fromordinal(born):%Y%m%d}{secrets.randbelow(1000):03}"
    return body + check_character(body)


async def agree_to_pictures(platform: Platform, token: str) -> None:
    """Consent to the handling of identity pictures; once more changes nothing."""
    kind = "IDENTITY_PICTURES"
    version = next(version for each, version in CURRENT_VERSIONS.items() if each == kind)
    given = await platform.data(CONSENT, {"input": {"kind": kind, "version": version}}, bearer=token)
    assert given["giveConsent"]["__typename"] == "ConsentGiven"


async def new_picture(platform: Platform, token: str, purpose: str = "IDENTITY_PICTURE") -> str:
    """The global id of a READY picture of this person's, who agreed to it."""
    await agree_to_pictures(platform, token)
    content = png()
    input = {"purpose": purpose, "contentType": "image/png", "size": len(content)}
    ticket = (await platform.data(UPLOAD, {"input": input}, bearer=token))["requestUpload"]
    assert ticket["__typename"] == "UploadTicket", ticket
    headers = {each["name"]: each["value"] for each in ticket["headers"]}
    brought: httpx.Response = await platform.http.put(ORIGIN + ticket["url"], content=content, headers=headers)
    assert brought.status_code == 201
    confirmed = (await platform.data(CONFIRM, {"id": ticket["fileId"]}, bearer=token))["confirmUpload"]
    assert confirmed["file"]["state"] == "READY"
    id: str = ticket["fileId"]
    return id


async def new_submission(platform: Platform, token: str, **changes: Any) -> dict[str, Any]:
    """An input that can be handed in as it is: a passport needs one picture."""
    given = {
        "name": "欧阳娜娜",
        "certificateKind": "30",
        "certificateNumber": f"E{secrets.randbelow(10**8):08}",
        **changes,
    }
    return given | ({} if "frontFileId" in given else {"frontFileId": await new_picture(platform, token)})


async def submit(platform: Platform, token: str, input: dict[str, Any]) -> dict[str, Any]:
    """What became of a submission."""
    answer: dict[str, Any] = (await platform.data(SUBMIT, {"input": input}, bearer=token))["submitVerification"]
    return answer


async def submitted(platform: Platform, token: str, **changes: Any) -> dict[str, Any]:
    """A request that was taken."""
    answer = await submit(platform, token, await new_submission(platform, token, **changes))
    assert answer["__typename"] == "VerificationSubmitted", answer
    request: dict[str, Any] = answer["request"]
    return request


async def decide(platform: Platform, token: str, request_id: str, decision: str, **more: Any) -> dict[str, Any]:
    """What became of a decision."""
    input = {"requestId": request_id, "decision": decision, **more}
    answer: dict[str, Any] = (await platform.data(DECIDE, {"input": input}, bearer=token))["decideVerification"]
    return answer


async def decided(platform: Platform, token: str, request_id: str, decision: str, **more: Any) -> dict[str, Any]:
    """A request that this decided; a rejection says UNREADABLE_PICTURE unless it is told otherwise."""
    if decision == "REJECT":
        more = {"rejection": "UNREADABLE_PICTURE", **more}
    answer = await decide(platform, token, request_id, decision, **more)
    assert answer["__typename"] == "VerificationDecided", answer
    request: dict[str, Any] = answer["request"]
    return request


def key_of(id: str) -> UUID:
    """The key in a global id."""
    return UUID(node_reference(id).key)


async def row_of(platform: Platform, request: dict[str, Any]) -> VerificationRequest:
    """The request's row as it now is."""
    async with platform.stores.sql.read() as session:
        found = await session.get(VerificationRequest, key_of(request["id"]))
    assert found is not None
    return found


async def file_of(platform: Platform, id: str) -> StoredFile:
    """The file's row as it now is."""
    async with platform.stores.sql.read() as session:
        found = await session.get(StoredFile, key_of(id))
    assert found is not None
    return found


async def acts_on(platform: Platform, user_id: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What the audit log holds about this user's verification: action, who in kind, result and detail."""
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_id == str(key_of(user_id)), col(AuditEntry.action).startswith("VERIFICATION"))
            .order_by(col(AuditEntry.id))
        )
        return [(each.action, each.actor_kind, each.result, each.detail) for each in found]


def invalid_fields(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The faults of a submission or decision that could not be taken."""
    assert answer["__typename"] == "InvalidInput", answer
    return [(each["field"], each["code"]) for each in answer["fields"]]
