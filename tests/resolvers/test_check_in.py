"""Checking in through the graph, what an order then says, and queues that hospitals run."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import select

from datasources.sql.patient import Patient
from domain.patients.sealed_details import read_details
from domain.permissions import Role
from tests.booking import Booker, OpenSession, booked, new_bookable_hospital, new_booker, new_session
from tests.platform import MORNING, Hospital, Platform, StaffPerson

TODAY = MORNING.date()
PROBLEMS = """... on Problem { code message } ... on CheckInNotOpen { opensAt } ... on CheckInClosed { closedAt }
  ... on NotPaid { state lapsesAt } ... on OrderEnded { state }"""
CHECKED_IN = "queueNumber room peopleAhead checkedInAt order { id state }"
CHECK_IN = f"""mutation ($id: ID!) {{ checkIn(input: {{orderId: $id}}) {{
  __typename ... on CheckedIn {{ {CHECKED_IN} }} {PROBLEMS} }} }}"""
BY_CODE = f"""mutation ($code: String!) {{ checkInByCode(input: {{code: $code}}) {{
  __typename ... on CheckedIn {{ {CHECKED_IN} }} {PROBLEMS} }} }}"""
BY_CERTIFICATE = f"""mutation ($number: String!) {{ checkInByCertificate(input: {{certificateNumber: $number}}) {{
  __typename ... on PatientCheckedIn {{ visits {{ {CHECKED_IN} }} }} {PROBLEMS}
  ... on InvalidInput {{ fields {{ field code }} }} }} }}"""
OWN = """query ($id: ID!) { node(id: $id) { ... on Order {
  state checkInOpens checkInCloses checkInCode checkInQrCode peopleAhead calledAt room } } }"""
CALL = """mutation ($schedule: ID!, $key: String!, $room: String! = "3 诊室") {
  callNext(input: {scheduleId: $schedule, idempotencyKey: $key, room: $room}) {
    __typename ... on PatientCalled { room timesCalled order { id number patientName } } ... on Problem { code } } }"""
PASS = """mutation ($id: ID!) { passOver(input: {orderId: $id}) {
  __typename ... on PatientPassedOver { peopleAhead } ... on Problem { code message } } }"""
COMPLETE = """mutation ($id: ID!) { completeOrder(input: {orderId: $id}) {
  __typename ... on OrderCompleted { order { state } } ... on NotInQueue { state } ... on Problem { code } } }"""
DISPLAY = """query ($hospital: String!, $date: Date!) {
  queueDisplay(hospitalCode: $hospital, departmentCode: "11", date: $date, halfDay: PM) {
    queues { doctorName doctorTitle waitingCount
      called { number name room timesCalled } waiting { number name room calledAt } } } }"""


@dataclass
class Visit:
    """A paid order for this afternoon."""

    booker: Booker
    order: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.order["id"])


async def this_afternoon(platform: Platform, hospital: Hospital | None = None, **changes: Any) -> OpenSession:
    entry = {"date": TODAY.isoformat(), "halfDay": "PM", "fee": "0"} | changes
    return await new_session(platform, hospital, **entry)


async def visits(platform: Platform, session: OpenSession, count: int) -> list[Visit]:
    found = []
    for _ in range(count):
        booker = await new_booker(platform)
        found.append(Visit(booker, await booked(platform, booker, session)))
    return found


async def arrive(platform: Platform, visit: Visit) -> Any:
    return (await platform.data(CHECK_IN, {"id": visit.id}, bearer=visit.booker.token))["checkIn"]


async def own(platform: Platform, visit: Visit, **caller: Any) -> Any:
    return (await platform.data(OWN, {"id": visit.id}, **(caller or {"bearer": visit.booker.token})))["node"]


async def call(platform: Platform, session: OpenSession, clerk: StaffPerson, **variables: Any) -> Any:
    given = {"schedule": session.id, "key": secrets.token_hex(8)} | variables
    return (await platform.data(CALL, given, bearer=clerk.token))["callNext"]


async def certificate_of(platform: Platform, booker: Booker) -> str:
    async with platform.stores.sql.read() as session:
        row = (await session.exec(select(Patient).where(Patient.id == booker.patient_key))).one()
    return read_details(platform.ring, row).certificate.number


async def test_the_owner_checks_in_and_the_order_shows_the_place(platform: Platform) -> None:
    session = await this_afternoon(platform)
    first, second = await visits(platform, session, 2)
    before = await own(platform, second)
    assert (before["peopleAhead"], before["calledAt"], before["room"]) == (None, None, "门诊楼3层")
    assert before["checkInOpens"] == "2026-11-20T07:00:00+08:00"
    assert before["checkInCloses"] == "2026-11-20T18:00:00+08:00"

    await arrive(platform, first)
    for _ in range(2):
        answer = await arrive(platform, second)
        assert answer == {
            "__typename": "CheckedIn",
            "queueNumber": 2,
            "room": "门诊楼3层",
            "peopleAhead": 1,
            "checkedInAt": answer["checkedInAt"],
            "order": {"id": second.id, "state": "CHECKED_IN"},
        }
    assert (await own(platform, second))["peopleAhead"] == 1


async def test_it_is_told_when_it_opens_and_that_it_closed(platform: Platform) -> None:
    session = await this_afternoon(platform)
    (visit,) = await visits(platform, session, 1)
    hospital = session.hospital
    platform.clock.now = MORNING - timedelta(hours=3, seconds=1)
    code = {"code": visit.order["orderNumber"]}
    early = (await platform.data(BY_CODE, code, hospital=hospital, language="zh"))["checkInByCode"]
    assert (early["__typename"], early["opensAt"]) == ("CheckInNotOpen", "2026-11-20T07:00:00+08:00")
    assert early["message"] == "尚未开始取号，请在 2026-11-20 07:00 后再来。"
    platform.clock.now = MORNING + timedelta(hours=8, seconds=1)
    late = (await platform.data(BY_CODE, code, hospital=hospital))["checkInByCode"]
    assert (late["__typename"], late["closedAt"]) == ("CheckInClosed", "2026-11-20T18:00:00+08:00")
    assert "2026-11-20 18:00" in late["message"]


async def test_an_unpaid_order_is_told_as_such(platform: Platform) -> None:
    session = await this_afternoon(platform, fee="9.67")
    (visit,) = await visits(platform, session, 1)
    answer = await arrive(platform, visit)
    assert (answer["__typename"], answer["state"]) == ("NotPaid", "AWAITING_PAYMENT")
    assert (await own(platform, visit))["checkInCode"] is None


async def test_nobody_checks_in_anothers_order(platform: Platform) -> None:
    session = await this_afternoon(platform)
    mine, other = await visits(platform, session, 2)
    answer = await arrive(platform, Visit(other.booker, mine.order))
    assert answer["__typename"] == "NotFound"
    assert (await arrive(platform, Visit(mine.booker, {"id": session.id})))["__typename"] == "NotFound"
    assert (await own(platform, mine))["state"] == "PAID"


async def test_the_code_is_the_owners_alone_and_says_nothing_of_them(platform: Platform) -> None:
    session = await this_afternoon(platform)
    (visit,) = await visits(platform, session, 1)
    shown = await own(platform, visit)
    assert shown["checkInCode"].startswith("HTC1.")
    assert len(shown["checkInCode"]) == 55
    picture = ET.fromstring(shown["checkInQrCode"].split("?>", 1)[-1])
    assert picture.tag.endswith("svg")
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)
    for caller in ({"hospital": session.hospital}, {"bearer": clerk.token}):
        theirs = await own(platform, visit, **caller)
        assert (theirs["checkInCode"], theirs["checkInQrCode"]) == (None, None)


@pytest.mark.parametrize("by", ["code", "number", "certificate"])
@pytest.mark.parametrize("role", [None, Role.HOSPITAL_CLERK, Role.HOSPITAL_MANAGER])
async def test_the_hospital_checks_in_by_whatever_is_shown(platform: Platform, by: str, role: Role | None) -> None:
    session = await this_afternoon(platform)
    (visit,) = await visits(platform, session, 1)
    other = await new_bookable_hospital(platform)
    query, variables = BY_CODE, {"code": visit.order["orderNumber"]}
    if by == "code":
        variables = {"code": (await own(platform, visit))["checkInCode"]}
    if by == "certificate":
        query, variables = BY_CERTIFICATE, {"number": await certificate_of(platform, visit.booker)}

    async def caller(hospital: Hospital) -> dict[str, Any]:
        if role is None:
            return {"hospital": hospital}
        return {"bearer": (await platform.new_staff(role, hospital=hospital)).token}

    (refused,) = (await platform.data(query, variables, **await caller(other))).values()
    assert refused["__typename"] == "NotFound"
    assert (await own(platform, visit))["state"] == "PAID"
    (answer,) = (await platform.data(query, variables, **await caller(session.hospital))).values()
    found = answer["visits"][0] if by == "certificate" else answer
    assert (found["queueNumber"], found["order"]) == (1, {"id": visit.id, "state": "CHECKED_IN"})


async def test_a_mistyped_certificate_is_named(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    answer = (await platform.data(BY_CERTIFICATE, {"number": "11010119900307"}, hospital=hospital))[
        "checkInByCertificate"
    ]
    assert answer["fields"] == [{"field": "certificateNumber", "code": "CERTIFICATE_FORM"}]


async def test_a_clerk_runs_the_queue_and_everybody_sees_it_move(platform: Platform) -> None:
    session = await this_afternoon(platform)
    people = await visits(platform, session, 5)
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)
    assert await call(platform, session, clerk) == {"__typename": "QueueEmpty", "code": "QUEUE_EMPTY"}
    for visit in people:
        await arrive(platform, visit)

    for _ in range(2):
        assert await call(platform, session, clerk, key="first") == {
            "__typename": "PatientCalled",
            "room": "3 诊室",
            "timesCalled": 1,
            "order": {"id": people[0].id, "number": 1, "patientName": "张*丰"},
        }
    called = await own(platform, people[0])
    assert (called["peopleAhead"], called["room"]) == (0, "3 诊室")
    assert called["calledAt"] is not None

    passed = (await platform.data(PASS, {"id": people[0].id}, bearer=clerk.token))["passOver"]
    assert passed == {"__typename": "PatientPassedOver", "peopleAhead": 3}
    again = await call(platform, session, clerk)
    assert again["order"]["number"] == 2
    not_yet = (await platform.data(PASS, {"id": people[4].id}, bearer=clerk.token))["passOver"]
    assert not_yet["code"] == "NOT_CALLED"

    shown = await platform.data(DISPLAY, {"hospital": session.hospital.code, "date": TODAY.isoformat()})
    waiting = [3, 4, 1, 5]
    assert shown["queueDisplay"]["queues"] == [
        {
            "doctorName": "林一鸣",
            "doctorTitle": "主任医师",
            "waitingCount": 4,
            "called": [{"number": 2, "name": "张*", "room": "3 诊室", "timesCalled": 1}],
            "waiting": [
                {"number": number, "name": "张*", "room": "3 诊室" if number == 1 else None, "calledAt": None}
                for number in waiting
            ],
        }
    ]

    for _ in range(2):
        done = (await platform.data(COMPLETE, {"id": people[1].id}, bearer=clerk.token))["completeOrder"]
        assert done == {"__typename": "OrderCompleted", "order": {"state": "COMPLETED"}}
    over = (await platform.data(PASS, {"id": people[1].id}, bearer=clerk.token))["passOver"]
    assert over["code"] == "NOT_IN_QUEUE"
    assert (await own(platform, people[1]))["peopleAhead"] is None


async def test_another_hospitals_clerk_runs_nothing_here(platform: Platform) -> None:
    session = await this_afternoon(platform)
    (visit,) = await visits(platform, session, 1)
    await arrive(platform, visit)
    stranger = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=await platform.new_hospital())
    assert (await call(platform, session, stranger))["__typename"] == "NotFound"
    assert (await call(platform, session, stranger, schedule=visit.id))["__typename"] == "NotFound"
    for query in (PASS, COMPLETE):
        (answer,) = (await platform.data(query, {"id": visit.id}, bearer=stranger.token)).values()
        assert answer["__typename"] == "NotFound"
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)
    assert (await call(platform, session, clerk))["order"]["id"] == visit.id


async def test_a_page_of_orders_asks_for_all_places_at_once(platform: Platform) -> None:
    session = await this_afternoon(platform)
    people = await visits(platform, session, 4)
    for visit in people:
        await arrive(platform, visit)
    listed = await platform.data(
        "{ orders(first: 10) { nodes { number peopleAhead room calledAt } } }", hospital=session.hospital
    )
    assert [(each["number"], each["peopleAhead"]) for each in listed["orders"]["nodes"]] == [
        (4, 3),
        (3, 2),
        (2, 1),
        (1, 0),
    ]
