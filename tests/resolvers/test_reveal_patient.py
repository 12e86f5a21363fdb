"""`revealPatient`: by a fresh code of the owner's own phone, so often a day, never without a record."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from datasources.cache.login_codes import EVERYBODY_KEY
from datasources.sql.audit_entry import AuditEntry
from domain.audit.actor import Actor
from domain.global_id import node_reference
from domain.patients.changes import Owner
from domain.patients.reveal import MOST_REVEALS, TooManyReveals, reveal_patient
from tests.browser import User, new_phone
from tests.platform import Platform
from tests.resolvers.test_patients import EVERYTHING, NUMBER, adult

ASK = """mutation ($input: RequestRevealCodeInput!) { requestRevealCode(input: $input) { __typename
  ... on LoginCodeSent { challengeId } ... on Problem { code } } }"""
REVEAL = """mutation ($input: RevealPatientInput!) { revealPatient(input: $input) { __typename
  ... on PatientRevealed { certificateNumber phone cardNumber address emergencyContact { name phone }
    guardian { name } patient { id certificateNumber phone } }
  ... on InvalidInput { fields { field code } } ... on WrongCode { triesLeft }
  ... on Problem { code message } } }"""


async def patient_of(user: User) -> str:
    consent = 'mutation { giveConsent(input: {kind: HEALTH_DATA, version: "2026-11"}) { __typename } }'
    await user.browser.data(consent)
    add = "mutation ($i: AddPatientInput!) { addPatient(input: $i) { ... on PatientAdded { patient { id } } } }"
    added = await user.browser.data(add, {"i": adult(**EVERYTHING)})
    return str(added["addPatient"]["patient"]["id"])


async def asked(platform: Platform, user: User, id: str) -> dict[str, Any]:
    """A code for this patient, asked for after the pause that one phone's codes keep."""
    platform.clock.now += timedelta(seconds=61)
    await platform.stores.redis.delete(EVERYBODY_KEY)
    answer: dict[str, Any] = (await user.browser.data(ASK, {"input": {"id": id}}))["requestRevealCode"]
    return answer


async def revealed(user: User, id: str, challenge: str, code: str) -> dict[str, Any]:
    given = {"id": id, "challengeId": challenge, "code": code}
    answer: dict[str, Any] = (await user.browser.data(REVEAL, {"input": given}))["revealPatient"]
    return answer


async def acts_on(platform: Platform, id: str) -> list[str]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry.action)
            .where(AuditEntry.subject_id == node_reference(id).key)
            .order_by(col(AuditEntry.id))
        )
        return list(found)


async def test_the_owner_sees_everything_once_by_a_fresh_code(platform: Platform) -> None:
    user = await platform.new_user()
    id = await patient_of(user)
    challenge = (await asked(platform, user, id))["challengeId"]
    code = await user.browser.code_of(user.phone)
    assert await revealed(user, id, challenge, code) == {
        "__typename": "PatientRevealed",
        "certificateNumber": NUMBER,
        "phone": "+8613800005678",
        "cardNumber": "6222021234567890",
        "address": "北京市东城区东交民巷 1 号",
        "emergencyContact": {"name": "王五", "phone": "+8613900001111"},
        "guardian": None,
        "patient": {"id": id, "certificateNumber": "110***********002X", "phone": "138****5678"},
    }
    assert await acts_on(platform, id) == ["PATIENT_ADDED", "PATIENT_REVEALED"]
    assert (await revealed(user, id, challenge, code))["code"] == "WRONG_CODE"
    assert await acts_on(platform, id) == ["PATIENT_ADDED", "PATIENT_REVEALED"]


async def test_without_the_code_nothing_is_shown(platform: Platform) -> None:
    user = await platform.new_user()
    id = await patient_of(user)
    challenge = (await asked(platform, user, id))["challengeId"]
    wrong = f"{(int(await user.browser.code_of(user.phone)) + 1) % 10**6:06}"
    assert (await revealed(user, id, challenge, wrong))["__typename"] == "WrongCode"
    assert [each["field"] for each in (await revealed(user, id, challenge, "12"))["fields"]] == ["code"]
    assert await acts_on(platform, id) == ["PATIENT_ADDED"]


async def test_a_code_is_good_for_its_purpose_and_its_challenge_alone(platform: Platform) -> None:
    user = await platform.new_user()
    id = await patient_of(user)
    stranger = await platform.new_user()
    sent = await stranger.browser.request_code(new_phone())
    assert sent["__typename"] == "LoginCodeSent"
    challenge = (await asked(platform, user, id))["challengeId"]
    code = await user.browser.code_of(user.phone)
    entered = await platform.new_browser().enter_code(user.phone, challenge, code)
    assert entered["__typename"] == "WrongCode"
    assert (await revealed(user, id, sent["challengeId"], code))["__typename"] == "WrongCode"


async def test_nobody_else_reveals_the_patient_or_spends_a_code_on_it(platform: Platform) -> None:
    owner, stranger = await platform.new_user(), await platform.new_user()
    theirs, own = await patient_of(owner), await patient_of(stranger)
    assert (await asked(platform, stranger, theirs))["code"] == "NOT_FOUND"
    challenge = (await asked(platform, stranger, own))["challengeId"]
    code = await stranger.browser.code_of(stranger.phone)
    assert (await revealed(stranger, theirs, challenge, code))["code"] == "NOT_FOUND"
    assert (await revealed(stranger, own, challenge, code))["__typename"] == "PatientRevealed"
    assert await acts_on(platform, theirs) == ["PATIENT_ADDED"]


async def test_ten_a_day_and_no_more_however_many_come_at_once(platform: Platform) -> None:
    user = await platform.new_user()
    id = await patient_of(user)
    user_id = UUID(node_reference(user.id).key)
    patient = UUID(node_reference(id).key)

    async def proved() -> None:
        return None

    async def reveal() -> object:
        now = platform.clock()
        owner = Owner(user_id, Actor("user", str(user_id), now), now.date())
        return await reveal_patient(platform.stores, platform.ring, owner, patient, proved)

    answers = await asyncio.gather(*(reveal() for _ in range(25)))
    assert sum(isinstance(answer, TooManyReveals) for answer in answers) == 25 - MOST_REVEALS
    assert (await acts_on(platform, id)).count("PATIENT_REVEALED") == MOST_REVEALS
    challenge = (await asked(platform, user, id))["challengeId"]
    refused = await revealed(user, id, challenge, await user.browser.code_of(user.phone))
    assert refused["code"] == "TOO_MANY_REVEALS"
    assert "certificateNumber" not in refused
    platform.clock.now = platform.clock.now.replace(day=platform.clock.now.day + 1)
    assert not isinstance(await reveal(), TooManyReveals)
