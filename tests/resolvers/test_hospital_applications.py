"""How a hospital applies to join, how that is decided, and how nobody but its applicant takes it up."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.hospital_application import HospitalApplication
from datasources.sql.stored_file import FileState
from domain.global_id import node_reference
from domain.onboarding.closing import close_stale_applications
from domain.permissions import Role
from htbooking_hospital import HospitalClient
from tests.browser import User
from tests.onboarding import (
    APPLICATION,
    APPROVE,
    CHOSEN,
    MINE,
    RECEIPT,
    REJECT,
    RESUBMIT,
    TAKE_UP,
    WITHDRAW,
    accept,
    acts_on,
    applied,
    apply,
    approved,
    details,
    done,
    licence,
    told_of,
)
from tests.platform import ENDPOINT, Hospital, Platform, StaffPerson
from tests.verifications import file_of

QUEUE = f"""query ($text: String, $state: HospitalApplicationState, $region: String, $first: Int, $after: String) {{
  hospitalApplications(text: $text, state: $state, region: $region, first: $first, after: $after) {{
    totalCount nodes {{ {APPLICATION} }} pageInfo {{ endCursor }} }} }}"""
VIEW = """mutation ($input: ViewHospitalLicenceInput!) { viewHospitalLicence(input: $input) { __typename
  ... on FileLink { url } ... on Problem { code } } }"""
REVEAL = """mutation ($input: RevealHospitalContactInput!) { revealHospitalContact(input: $input) { __typename
  ... on HospitalContactRevealed { name phone } ... on Problem { code } } }"""


@pytest.fixture
async def user(platform: Platform) -> User:
    return await platform.new_user()


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.OPERATOR)


async def test_an_application_is_kept_in_one_form_and_shown_masked(platform: Platform, user: User) -> None:
    given = await details(platform, user, contactPhone="１３８ 0000-1234", apiBase="https://his.example/api")
    answer = await apply(platform, user, **given)
    shown = answer["application"]
    assert (shown["level"], shown["regionCode"]) == ("3A", "110101")
    assert shown["registrationNumber"] == given["registrationNumber"].upper()
    assert (shown["contactName"], shown["contactPhone"]) == ("欧**娜", "138****1234")
    assert (shown["state"], shown["submissions"], shown["decidedBy"]) == ("SUBMITTED", 1, None)
    assert shown["sameNameHospitalCodes"] is None
    assert (await user.data(MINE))["myHospitalApplications"] == [shown]
    assert await told_of(platform, shown["id"]) == [
        ("HOSPITAL_APPLIED", {"hospital": given["name"], "number": shown["number"]})
    ]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " ", "level": "四级"}, [("name", "MALFORMED"), ("level", "UNKNOWN_REFERENCE")]),
        ({"regionCode": "110100"}, [("regionCode", "UNKNOWN_REFERENCE")]),
        ({"regionCode": "119999"}, [("regionCode", "UNKNOWN_REFERENCE")]),
        ({"registrationNumber": "A-1"}, [("registrationNumber", "MALFORMED")]),
        ({"phone": "call us"}, [("phone", "MALFORMED")]),
        ({"contactPhone": "010-65123456"}, [("contactPhone", "MALFORMED")]),
        ({"apiBase": "http://his.example"}, [("apiBase", "MALFORMED")]),
        ({"licenceFileIds": []}, [("licenceFileIds", "OUT_OF_RANGE")]),
    ],
)
async def test_nonsense_is_refused_with_its_field_named(
    platform: Platform, user: User, changes: dict[str, Any], fields: list[tuple[str, str]]
) -> None:
    answer = await apply(platform, user, **changes)
    assert [(each["field"], each["code"]) for each in answer["fields"]] == fields
    assert (await user.data(MINE))["myHospitalApplications"] == []


async def test_a_city_without_districts_is_a_place_for_a_hospital(platform: Platform, user: User) -> None:
    dongguan = "441900"

    assert (await applied(platform, user, regionCode=dongguan))["regionCode"] == dongguan


async def test_a_licence_is_the_applicants_own_and_serves_one_application(platform: Platform, user: User) -> None:
    other = await platform.new_user()
    theirs, mine = await licence(platform, other), await licence(platform, user)
    answer = await apply(platform, user, licenceFileIds=[theirs])
    assert answer["fields"] == [{"field": "licenceFileIds", "code": "NOT_FOUND"}]
    await applied(platform, user, licenceFileIds=[mine])
    answer = await apply(platform, user, licenceFileIds=[mine])
    assert answer["fields"] == [{"field": "licenceFileIds", "code": "STILL_IN_USE"}]


async def test_a_registration_number_has_one_live_application(platform: Platform, user: User) -> None:
    other = await platform.new_user()
    first = await applied(platform, user)
    number = first["registrationNumber"].lower()
    own, theirs = [await apply(platform, who, registrationNumber=number) for who in (user, other)]
    assert (own["code"], own["ownNumber"]) == ("HOSPITAL_KNOWN", first["number"])
    assert (theirs["code"], theirs["ownNumber"]) == ("HOSPITAL_KNOWN", None)
    taken_back = await done(platform, WITHDRAW, user.token, applicationId=first["id"])
    assert (taken_back["application"]["state"], taken_back["application"]["contactPhone"]) == ("WITHDRAWN", None)
    users = [await platform.new_user() for _ in range(3)]
    given = [await details(platform, who, registrationNumber=number) for who in users]
    answers = await asyncio.gather(*(apply(platform, who, **each) for who, each in zip(users, given, strict=True)))
    assert sorted(each["__typename"] for each in answers) == ["HospitalApplied", "HospitalKnown", "HospitalKnown"]


async def test_few_applications_of_an_account_wait_at_a_time(platform: Platform, user: User) -> None:
    for _ in range(3):
        await applied(platform, user)
    refused = await apply(platform, user)
    assert (refused["code"], refused["most"]) == ("TOO_MANY_APPLICATIONS", 3)


async def test_a_receipt_tells_how_it_stands_and_nothing_of_people(platform: Platform, user: User) -> None:
    application = await applied(platform, user)
    number, code = application["number"], application["receiptCode"]
    shown = await platform.data(RECEIPT, {"number": number.lower(), "code": code.replace("-", "").lower()})
    assert shown["hospitalApplicationReceipt"] == {
        "number": number,
        "hospitalName": application["name"],
        "state": "SUBMITTED",
        "reason": None,
    }
    for wrong in ({"number": number, "code": code[:-1] + "2"}, {"number": "HA2222222222", "code": code}):
        assert (await platform.data(RECEIPT, wrong))["hospitalApplicationReceipt"] is None


async def test_guessing_receipts_is_refused_before_long(platform: Platform) -> None:
    guesser, guess = platform.new_browser(), {"number": "HA2222222222", "code": "x"}
    codes = []
    for _ in range(31):
        answer = await guesser.answer(RECEIPT, guess)
        codes += [each["extensions"]["code"] for each in answer.get("errors", [])]
    assert codes == ["RATE_LIMITED"]


async def test_a_rejected_application_is_corrected_and_handed_in_again(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    application = await applied(platform, user)
    unsaid = await done(platform, REJECT, reviewer.token, applicationId=application["id"], reason=" ")
    assert unsaid["fields"] == [{"field": "reason", "code": "MISSING"}]
    rejected = await done(
        platform, REJECT, reviewer.token, applicationId=application["id"], reason="执业许可证已过期。"
    )
    assert (rejected["application"]["state"], rejected["application"]["decidedBy"]) == ("REJECTED", reviewer.id)
    again = await details(platform, user, licenceFileIds=application["licenceFileIds"])
    answer = await done(platform, RESUBMIT, user.token, applicationId=application["id"], hospital=again)
    after = answer["application"]
    assert (after["state"], after["submissions"], after["reason"]) == ("SUBMITTED", 2, None)
    assert (after["number"], after["name"]) == (application["number"], again["name"])
    twice = await done(platform, RESUBMIT, user.token, applicationId=application["id"], hospital=again)
    assert (twice["code"], twice["state"]) == ("APPLICATION_NOT_CHANGEABLE", "SUBMITTED")
    other = await platform.new_user()
    theirs = await done(platform, RESUBMIT, other.token, applicationId=application["id"], hospital=again)
    assert theirs["code"] == "NOT_FOUND"
    kinds = [kind for kind, _ in await told_of(platform, application["id"])]
    assert kinds == ["HOSPITAL_APPLIED", "HOSPITAL_REJECTED", "HOSPITAL_APPLIED"]
    assert await acts_on(platform, application["id"]) == [
        "HOSPITAL_APPLIED",
        "HOSPITAL_REJECTED",
        "HOSPITAL_APPLIED_AGAIN",
    ]


async def test_what_stays_rejected_is_closed_with_its_contact_and_licences(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    application = await applied(platform, user)
    await done(platform, REJECT, reviewer.token, applicationId=application["id"], reason="执业许可证已过期。")
    # So long ago that no other test's is due.
    long_ago = platform.clock() - timedelta(days=2000)
    async with platform.stores.sql.unit_of_work() as session:
        row = await session.get(HospitalApplication, UUID(application["id"]))
        assert row is not None
        row.decided_at = long_ago
    kept = timedelta(days=180)
    assert await close_stale_applications(platform.stores.sql, long_ago + kept, kept) == 0
    assert await close_stale_applications(platform.stores.sql, long_ago + kept + timedelta(seconds=1), kept) == 1
    [shown] = (await user.data(MINE))["myHospitalApplications"]
    assert (shown["state"], shown["contactName"], shown["licenceFileIds"]) == ("WITHDRAWN", None, [])
    assert (await file_of(platform, application["licenceFileIds"][0])).state == FileState.DELETED
    assert (await acts_on(platform, application["id"]))[-1] == "HOSPITAL_APPLICATION_CLOSED"


async def test_reviewers_find_look_into_and_decide_an_application_on_record(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    application = await applied(platform, user)
    variables = {"text": application["number"].lower(), "state": "SUBMITTED", "region": "11"}
    found = (await platform.data(QUEUE, variables, bearer=reviewer.token))["hospitalApplications"]
    assert (found["totalCount"], found["nodes"][0]["id"]) == (1, application["id"])
    assert (found["nodes"][0]["contactPhone"], found["nodes"][0]["sameNameHospitalCodes"]) == ("138****1234", [])
    elsewhere = {**variables, "region": "310000"}
    assert (await platform.data(QUEUE, elsewhere, bearer=reviewer.token))["hospitalApplications"]["totalCount"] == 0
    [file] = application["licenceFileIds"]
    link = await done(platform, VIEW, reviewer.token, applicationId=application["id"], fileId=file)
    picture = await platform.http.get(f"http://platform.test{link['url']}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    strange = await licence(platform, user)
    assert (await done(platform, VIEW, reviewer.token, applicationId=application["id"], fileId=strange))["code"] == (
        "NOT_FOUND"
    )
    plain = await platform.data("query ($id: ID!) { fileLink(id: $id) { url } }", {"id": file}, bearer=reviewer.token)
    assert plain["fileLink"] is not None
    assert await acts_on(platform, node_reference(file).key) == ["FILE_VIEWED"], "by whichever way it is looked at"
    contact = await done(platform, REVEAL, reviewer.token, applicationId=application["id"], reason="call back")
    assert (contact["name"], contact["phone"]) == ("欧阳娜娜", "+8613800001234")
    assert await acts_on(platform, application["id"]) == [
        "HOSPITAL_APPLIED",
        "HOSPITAL_LICENCE_VIEWED",
        "HOSPITAL_CONTACT_REVEALED",
    ]


async def test_of_two_reviewers_at_once_one_decides(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    application = await applied(platform, user)
    answers = await asyncio.gather(
        done(platform, APPROVE, reviewer.token, applicationId=application["id"]),
        done(platform, REJECT, reviewer.token, applicationId=application["id"], reason="unclear"),
    )
    assert sorted(each.get("code", "") for each in answers) == ["", "APPLICATION_NOT_CHANGEABLE"]


async def test_an_approved_hospital_is_there_and_offline_under_a_code_of_its_own(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    first = await approved(platform, user, reviewer)
    assert first["hospitalCode"] == first["registrationNumber"]
    async with platform.stores.sql.read() as session:
        account = await HospitalAccounts(session).get(first["hospitalCode"])
    assert account is not None
    assert (account.name, account.status) == (first["name"], "OFFLINE")
    second = await applied(platform, user, name=first["name"])
    queued = (await platform.data(QUEUE, {"text": second["number"]}, bearer=reviewer.token))["hospitalApplications"]
    assert queued["nodes"][0]["sameNameHospitalCodes"] == [first["hospitalCode"]]
    for code, problem in ((first["hospitalCode"], "DUPLICATE"), ("a b", "MALFORMED")):
        refused = await done(platform, APPROVE, reviewer.token, applicationId=second["id"], hospitalCode=code)
        assert refused["fields"] == [{"field": "hospitalCode", "code": problem}]
    kinds = [kind for kind, _ in await told_of(platform, first["id"])]
    assert kinds == ["HOSPITAL_APPLIED", "HOSPITAL_APPROVED"]


async def test_from_application_to_first_push_nobody_but_the_manager_sees_the_key(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    waiting = await applied(platform, user)
    early = await done(platform, TAKE_UP, user.token, applicationId=waiting["id"])
    assert (early["code"], early["state"]) == ("APPLICATION_NOT_CHANGEABLE", "SUBMITTED")
    application = await approved(platform, user, reviewer)
    lost = await done(platform, TAKE_UP, user.token, applicationId=application["id"])
    invited = await done(platform, TAKE_UP, user.token, applicationId=application["id"])
    assert invited["invitation"]["roles"] == ["HOSPITAL_MANAGER"]
    assert invited["link"].endswith(f"/join#{invited['token']}")
    assert (await accept(platform, lost["token"]))["code"] == "INVITATION_ENDED"
    accepted = await accept(platform, invited["token"])
    assert (accepted["staff"]["hospitalCode"], accepted["staff"]["mustChangePassword"]) == (
        application["hospitalCode"],
        False,
    )
    assert (await accept(platform, invited["token"]))["code"] == "INVITATION_ENDED"
    late = await done(platform, TAKE_UP, user.token, applicationId=application["id"])
    assert late["code"] == "HOSPITAL_TAKEN_UP"
    key = accepted["firstKey"]
    client = HospitalClient(ENDPOINT, key["keyId"], key["secret"], clock=lambda: platform.clock().timestamp())
    hospital = Hospital(application["hospitalCode"], client)
    pushed = await platform.push(hospital, "upsertHospital", {"hospital": {"name": application["name"]}})
    assert pushed["__typename"] == "HospitalUpserted", pushed
    browser = platform.new_browser()
    signed_in = await browser.data(
        """mutation ($name: String!, $password: String!) {
          signInAsStaff(input: {signInName: $name, password: $password}) { __typename } }""",
        {"name": accepted["staff"]["signInName"], "password": CHOSEN},
    )
    assert signed_in["signInAsStaff"]["__typename"] == "StaffSignedIn"
