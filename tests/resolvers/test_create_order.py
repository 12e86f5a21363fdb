"""Taking a number through the graph, and every reason not to be given one."""

import asyncio
import secrets
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select, update

from datasources.queue import QUEUE
from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import BookingOrder
from datasources.sql.consent import Consent
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.patient import Patient
from datasources.sql.user_account import UserAccount, Verification
from domain.global_id import NodeKind, global_id, node_reference
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from domain.permissions import Role
from tests.booking import (
    Booker,
    OpenSession,
    add_patient_row,
    book,
    booked,
    ledger_of,
    new_bookable_hospital,
    new_booker,
    new_bookers,
    new_session,
)
from tests.ledger import assert_ledger_true
from tests.platform import Platform
from tests.verifications import new_resident_id

PREVIEW = """query ($schedule: ID!, $patient: ID!) { bookingPreview(scheduleId: $schedule, patientId: $patient) {
  __typename ... on BookingPreview { fee { amount } remaining cancelUntil payUntil checkInOpens checkInCloses
    fetchAddress ruleLines freshCodeNeeded schedule { externalId } } ... on Problem { code message } } }"""
MINE = """query ($filter: OrderFilter, $first: Int! = 20, $after: String) {
  myOrders(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id number state } } }"""
ORDER_NODE = """query ($id: ID!) { node(id: $id) { __typename ... on Order { orderNumber patientName
  patient { name } schedule { externalId } hospital { code } department { code }
  history { event fromState toState actorKind reason } } } }"""
REQUEST_CODE = """mutation ($id: ID!) { requestBookingCode(input: {scheduleId: $id}) {
  __typename ... on LoginCodeSent { challengeId } } }"""
ORDERS = (
    "query ($filter: OrderFilter, $user: ID) { orders(filter: $filter, userId: $user) { totalCount nodes { id } } }"
)


async def assert_true(platform: Platform, session: OpenSession) -> None:
    async with platform.stores.sql.read() as reading:
        await assert_ledger_true(reading, session.key)


async def test_a_number_is_taken_and_the_order_says_everything(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)

    order = await booked(platform, booker, session, expectedFee="9.67")

    assert order | {"id": "", "orderNumber": "", "hospitalCode": ""} == {
        "id": "",
        "orderNumber": "",
        "hospitalCode": "",
        "state": "AWAITING_PAYMENT",
        "isLive": True,
        "number": 1,
        "date": "2026-11-25",
        "halfDay": "AM",
        "fee": {"amount": "9.67", "currency": "CNY"},
        "paid": {"amount": "0.00"},
        "lapsesAt": "2026-11-20T10:15:00+08:00",
        "cancelUntil": "2026-11-24T15:30:00+08:00",
        "isCancellable": True,
        "fetchAddress": "门诊楼3层",
        "departmentCode": "11",
        "hospitalName": "长春测试医院",
        "hospitalAddress": "长春市某路1号",
        "departmentName": "心内科",
        "doctorName": "林一鸣",
        "doctorTitle": "主任医师",
        "patientName": "张*丰",
        "createdAt": "2026-11-20T10:00:00+08:00",
        "checkedInAt": None,
    }
    assert order["orderNumber"].startswith("261125")
    assert len(order["orderNumber"]) == 16
    whole = (await platform.data(ORDER_NODE, {"id": order["id"]}, bearer=booker.token))["node"]
    assert whole["patient"] == {"name": "张三丰"}
    assert whole["schedule"] == {"externalId": session.external_id}
    assert whole["hospital"] == {"code": session.hospital.code}
    assert whole["department"] == {"code": "11"}
    assert whole["history"] == [
        {"event": "PLACED", "fromState": None, "toState": "AWAITING_PAYMENT", "actorKind": "user", "reason": ""}
    ]
    await assert_true(platform, session)


async def test_a_free_session_needs_no_payment(platform: Platform) -> None:
    session, booker = await new_session(platform, fee="0"), await new_booker(platform)
    order = await booked(platform, booker, session)
    assert (order["state"], order["lapsesAt"]) == ("PAID", None)


async def test_a_hospital_that_confirms_is_asked_first(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, session.hospital.code)
        assert account is not None
        account.booking_mode = "CONFIRM"
    order = await booked(platform, booker, session)
    assert (order["state"], order["lapsesAt"]) == ("PENDING_HOSPITAL", "2026-11-20T10:02:00+08:00")


async def test_the_same_call_again_answers_the_same_order(platform: Platform) -> None:
    session, booker = await new_session(platform, capacity=1), await new_booker(platform)
    key = secrets.token_hex(8)
    first = await book(platform, booker, session, idempotencyKey=key)
    again = await book(platform, booker, session, idempotencyKey=key)
    assert first["order"] == again["order"]
    assert (first["replayed"], again["replayed"]) == (False, True)

    other = await book(platform, booker, await new_session(platform, session.hospital), idempotencyKey=key)
    assert other["__typename"] == "IdempotencyKeyReused"
    somebody = await new_booker(platform)
    theirs = await book(platform, somebody, session, idempotencyKey=key)
    assert theirs["__typename"] == "SlotSoldOut"
    assert theirs["scheduleId"] == session.id


@pytest.mark.parametrize("key", ["", "x" * 129])
async def test_a_key_has_its_form(platform: Platform, key: str) -> None:
    answer = await book(platform, await new_booker(platform), await new_session(platform), idempotencyKey=key)
    assert answer["fields"] == [{"field": "idempotencyKey", "code": "MALFORMED"}]


async def test_the_same_user_fifty_times_gets_one_order(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    answers = await asyncio.gather(*(book(platform, booker, session) for _ in range(50)))
    kinds = Counter(answer["__typename"] for answer in answers)
    assert kinds["OrderCreated"] == 1
    assert kinds["OrderCreated"] + kinds["AlreadyBooked"] + kinds["AttemptInProgress"] == 50
    assert (await ledger_of(platform.stores, session)).taken == 1
    await assert_true(platform, session)


async def test_the_same_call_fifty_times_gets_one_order(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    answers = await asyncio.gather(*(book(platform, booker, session, idempotencyKey="once") for _ in range(50)))
    made = [answer["order"]["id"] for answer in answers if answer["__typename"] == "OrderCreated"]
    assert len(set(made)) == 1
    assert {answer["__typename"] for answer in answers} <= {"OrderCreated", "AttemptInProgress"}
    await assert_true(platform, session)


async def test_a_certificate_books_once_whichever_account_asks(platform: Platform) -> None:
    session, (one, other) = await new_session(platform), await new_bookers(platform.stores, platform.ring, 2)
    number, patients = new_resident_id(), (uuid4(), uuid4())
    for booker, patient in zip((one, other), patients, strict=True):
        await add_patient_row(platform.stores, platform.ring, booker.user_key, patient, number=number)
    ids = [global_id(NodeKind.PATIENT, patient) for patient in patients]

    answers = await asyncio.gather(
        book(platform, one, session, patientId=ids[0]), book(platform, other, session, patientId=ids[1])
    )

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["AlreadyBooked", "OrderCreated"]
    refused = next(answer for answer in answers if answer["__typename"] == "AlreadyBooked")
    assert refused["orderId"] is None


async def test_one_number_for_a_half_day_of_a_department(platform: Platform) -> None:
    hospital, booker = await new_bookable_hospital(platform), await new_booker(platform)
    morning = await new_session(platform, hospital)
    order = await booked(platform, booker, morning)
    same_half_day = await book(platform, booker, await new_session(platform, hospital))
    assert same_half_day["__typename"] == "AlreadyBooked"
    assert same_half_day["orderId"] == order["id"]
    await booked(platform, booker, await new_session(platform, hospital, halfDay="PM"))


async def test_numbers_run_out_and_the_last_one_is_sold(platform: Platform) -> None:
    session, bookers = await new_session(platform, capacity=3), await new_bookers(platform.stores, platform.ring, 4)
    numbers = [(await booked(platform, booker, session))["number"] for booker in bookers[:3]]
    assert numbers == [1, 2, 3]
    assert (await book(platform, bookers[3], session))["__typename"] == "SlotSoldOut"


async def test_what_hospitals_gave_out_themselves_is_not_sold(platform: Platform) -> None:
    session, bookers = (
        await new_session(platform, capacity=3, available=1),
        await new_bookers(platform.stores, platform.ring, 2),
    )
    await booked(platform, bookers[0], session)
    assert (await book(platform, bookers[1], session))["__typename"] == "SlotSoldOut"


@pytest.mark.parametrize(
    ("moment", "day", "kind", "field"),
    [
        # cycle 10, release 08:30: on the 20th the dates up to the 29th are shown, the 29th still coming until 08:30.
        ("2026-11-20T08:30:00+08:00", "2026-11-29", "BookingNotOpen", "2026-11-20T08:30:00+08:00"),
        ("2026-11-20T08:30:01+08:00", "2026-11-29", "OrderCreated", None),
        ("2026-11-20T08:30:01+08:00", "2026-11-30", "BookingNotOpen", "2026-11-21T08:30:00+08:00"),
        ("2026-11-20T08:30:01+08:00", "2026-12-05", "BookingNotOpen", "2026-11-26T08:30:00+08:00"),
        ("2026-11-20T11:30:00+08:00", "2026-11-20", "OrderCreated", None),
        ("2026-11-20T11:30:01+08:00", "2026-11-20", "BookingClosed", "2026-11-20T11:30:00+08:00"),
        ("2026-11-21T07:00:00+08:00", "2026-11-20", "BookingClosed", "2026-11-20T11:30:00+08:00"),
    ],
)
async def test_the_window_opens_and_closes_to_the_second(
    platform: Platform, moment: str, day: str, kind: str, field: str | None
) -> None:
    session, booker = await new_session(platform, date=day), await new_booker(platform)
    # Signed in at the tests' morning; earlier moments are in the token's future, so it is asked of its rule alone.
    booker = await signed_in_anew(platform, booker, moment)
    answer = await book(platform, booker, session)
    assert answer["__typename"] == kind, answer
    if field is not None:
        assert field in (answer.get("opensAt"), answer.get("closedAt"))


async def signed_in_anew(platform: Platform, booker: Booker, moment: str) -> Booker:
    """The booker with a token of this moment, at which the platform's clock then stands."""
    platform.clock.now = datetime.fromisoformat(moment).astimezone(UTC)
    async with platform.stores.sql.unit_of_work() as sql:
        tokens = await start_session(sql, platform.ring, Account.of_user(booker.user_key), Origin(platform.clock.now))
    return Booker(booker.user_key, booker.patient_key, tokens.access_token.get_secret_value())


@pytest.mark.parametrize("status", ["CLOSED", "WITHDRAWN"])
async def test_a_closed_or_withdrawn_session_is_not_sold(platform: Platform, status: str) -> None:
    answer = await book(platform, await new_booker(platform), await new_session(platform, status=status))
    assert (answer["__typename"], answer["status"]) == ("SessionNotBookable", status)


@pytest.mark.parametrize("status", ["OFFLINE", "LOCKED"])
async def test_a_hospital_that_is_not_online_is_not_booked(platform: Platform, status: str) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, session.hospital.code)
        assert account is not None
        account.status = status
    assert (await book(platform, booker, session))["__typename"] == "HospitalNotBookable"


@pytest.mark.parametrize("verification", [Verification.NONE, Verification.PENDING, Verification.REJECTED])
async def test_only_known_people_book(platform: Platform, verification: Verification) -> None:
    booker = await new_booker(platform, verification=verification)
    answer = await book(platform, booker, await new_session(platform))
    assert (answer["__typename"], answer["verification"]) == ("RealNameNeeded", verification)


async def test_who_takes_back_the_consent_to_health_data_books_no_more(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    withdraw = "mutation { withdrawConsent(input: {kind: HEALTH_DATA}) { __typename } }"
    await platform.data(withdraw, bearer=booker.token)
    answer = await book(platform, booker, session)
    assert (answer["__typename"], answer["code"]) == ("ConsentNeeded", "CONSENT_NEEDED")
    assert answer["kind"] == "HEALTH_DATA"
    preview = {"schedule": session.id, "patient": booker.patient_id}
    assert (await platform.data(PREVIEW, preview, bearer=booker.token))["bookingPreview"]["code"] == "CONSENT_NEEDED"
    again = "mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { __typename } }"
    given = {"kind": "HEALTH_DATA", "version": answer["version"]}
    await platform.data(again, {"input": given}, bearer=booker.token)
    assert (await book(platform, booker, session))["__typename"] == "OrderCreated"


async def test_a_consent_to_an_older_text_is_none(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    async with platform.stores.sql.unit_of_work() as sql:
        older = update(Consent).where(col(Consent.user_id) == booker.user_key).values(version="2019-01")
        await sql.exec(older)
    assert (await book(platform, booker, session))["__typename"] == "ConsentNeeded"


async def test_somebody_elses_patient_is_not_there(platform: Platform) -> None:
    one, other = await new_bookers(platform.stores, platform.ring, 2)
    session = await new_session(platform)
    assert (await book(platform, one, session, patientId=other.patient_id))["__typename"] == "NotFound"
    assert (await book(platform, one, session, patientId=one.user_id))["__typename"] == "NotFound"
    nowhere = OpenSession(session.hospital, "nowhere")
    assert (await book(platform, one, nowhere))["__typename"] == "NotFound"
    assert (await ledger_of(platform.stores, session)).taken == 0


async def test_a_fee_that_changed_is_not_charged(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    answer = await book(platform, booker, session, expectedFee="8.00")
    assert (answer["__typename"], answer["fee"]) == ("FeeChanged", {"amount": "9.67"})
    await booked(platform, booker, session, expectedFee="9.670")


async def test_a_banned_person_is_told_until_when(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    now = platform.clock()
    async with platform.stores.sql.unit_of_work() as sql:
        patient = await sql.get(Patient, booker.patient_key)
        assert patient is not None
        sql.add(
            BookingBan(
                id=uuid4(),
                person=patient.certificate_index,
                patient_id=patient.id,
                year=2026,
                no_shows=3,
                since=now - timedelta(days=1),
                until=now + timedelta(days=89),
            )
        )
    answer = await book(platform, booker, session)
    assert (answer["__typename"], answer["until"]) == ("PatientBanned", "2027-02-17T10:00:00+08:00")
    platform.clock.now = now + timedelta(days=89, seconds=1)
    later = await new_session(platform, session.hospital, date="2027-02-20")
    await booked(platform, await signed_in_anew(platform, booker, platform.clock().isoformat()), later)


async def test_limits_of_week_month_and_quarter_hold_in_parallel(platform: Platform) -> None:
    # Eight days of a calendar week do not exist, so the week's limit is reached by departments and half-days.
    hospital, booker = await new_bookable_hospital(platform), await new_booker(platform)
    sessions = []
    for code in range(20, 30):
        await platform.push(hospital, "upsertDepartment", {"department": {"code": str(code), "name": f"科{code}"}})
        sessions.append(await new_session(platform, hospital, departmentCode=str(code)))

    answers = await asyncio.gather(*(book(platform, booker, session) for session in sessions))

    kinds = Counter(answer["__typename"] for answer in answers)
    assert kinds == {"OrderCreated": 8, "BookingLimitReached": 2}
    refused = next(answer for answer in answers if answer["__typename"] == "BookingLimitReached")
    assert (refused["period"], refused["most"]) == ("WEEK", 8)

    # The next week of the same month takes four more, which makes twelve.
    month = []
    for code in range(20, 26):
        later = await new_session(platform, hospital, departmentCode=str(code), date="2026-11-23", halfDay="PM")
        month.append(later)
    async with platform.stores.sql.unit_of_work() as sql:
        await (await sql.connection()).execute(
            update(BookingOrder)
            .where(col(BookingOrder.user_id) == booker.user_key)
            .values(visit_date=date(2026, 11, 16))
        )
    answers = [await book(platform, booker, session) for session in month]
    assert [answer["__typename"] for answer in answers] == ["OrderCreated"] * 4 + ["BookingLimitReached"] * 2
    assert (answers[-1]["period"], answers[-1]["most"]) == ("MONTH", 12)


async def test_after_three_returns_a_day_a_fresh_code_is_asked_for(platform: Platform) -> None:
    session = await new_session(platform)
    user = await platform.new_user(verified=True)
    patient = uuid4()
    user_key = key_of(user.id)
    await add_patient_row(platform.stores, platform.ring, user_key, patient)
    token = user.browser.token
    assert token is not None
    booker = Booker(user_key, patient, token)
    for _ in range(3):
        other = await new_session(platform, session.hospital, halfDay="PM")
        order = await booked(platform, booker, other)
        async with platform.stores.sql.unit_of_work() as sql:
            await (await sql.connection()).execute(
                update(BookingOrder)
                .where(col(BookingOrder.order_number) == order["orderNumber"])
                .values(state="CANCELLED", lapses_at=None, ended_because="CANCEL", state_changed_at=platform.clock())
            )

    assert (await book(platform, booker, session))["__typename"] == "FreshCodeNeeded"
    # The phone was sent its sign-in code a moment ago; the next one may follow after a minute.
    platform.clock.now += timedelta(minutes=1)
    sent = (await user.browser.data(REQUEST_CODE, {"id": session.id}))["requestBookingCode"]
    code = await user.browser.code_of(user.phone)
    other_code = f"{(int(code) + 1) % 10**6:06}"
    wrong = await book(platform, booker, session, freshCode={"challengeId": sent["challengeId"], "code": other_code})
    assert wrong["__typename"] == "WrongCode"
    await booked(platform, booker, session, freshCode={"challengeId": sent["challengeId"], "code": code})


def key_of(user_id: str) -> UUID:
    return UUID(node_reference(user_id).key)


async def test_a_preview_says_what_an_order_would_be_and_takes_nothing(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    variables = {"schedule": session.id, "patient": booker.patient_id}

    seen = (await platform.data(PREVIEW, variables, bearer=booker.token))["bookingPreview"]

    assert seen == {
        "__typename": "BookingPreview",
        "fee": {"amount": "9.67"},
        "remaining": 20,
        "cancelUntil": "2026-11-24T15:30:00+08:00",
        "payUntil": "2026-11-20T10:15:00+08:00",
        "checkInOpens": "2026-11-25T07:00:00+08:00",
        "checkInCloses": "2026-11-25T12:00:00+08:00",
        "fetchAddress": "门诊楼3层",
        "ruleLines": [],
        "freshCodeNeeded": False,
        "schedule": {"externalId": session.external_id},
    }
    assert (await ledger_of(platform.stores, session)).taken == 0
    await booked(platform, booker, session)
    again = (await platform.data(PREVIEW, variables, bearer=booker.token))["bookingPreview"]
    assert again["__typename"] == "AlreadyBooked"
    stranger = await new_booker(platform)
    theirs = (await platform.data(PREVIEW, variables, bearer=stranger.token))["bookingPreview"]
    assert theirs["__typename"] == "NotFound"


async def test_own_orders_are_listed_filtered_and_paged(platform: Platform) -> None:
    hospital, booker = await new_bookable_hospital(platform), await new_booker(platform)
    made = [
        await booked(platform, booker, await new_session(platform, hospital, **changes))
        for changes in ({}, {"halfDay": "PM", "fee": "0"}, {"date": "2026-11-26", "doctorName": "赵敏行"})
    ]

    async def found(**filter: Any) -> list[str]:
        listed = (await platform.data(MINE, {"filter": filter}, bearer=booker.token))["myOrders"]
        assert listed["totalCount"] == len(listed["nodes"])
        return [node["id"] for node in listed["nodes"]]

    ids = [order["id"] for order in made]
    assert await found() == ids[::-1]
    assert await found(states=["PAID"]) == [ids[1]]
    assert await found(fromDate="2026-11-26") == [ids[2]]
    assert await found(toDate="2026-11-25") == [ids[1], ids[0]]
    assert await found(text="敏") == [ids[2]]
    assert await found(text=made[0]["orderNumber"]) == [ids[0]]
    assert await found(text="%") == []
    assert await found(patientId=booker.patient_id, hospitalCode=hospital.code) == ids[::-1]
    assert await found(patientId=booker.user_id) == []
    first = (await platform.data(MINE, {"first": 2}, bearer=booker.token))["myOrders"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = await platform.data(MINE, {"first": 2, "after": first["pageInfo"]["endCursor"]}, bearer=booker.token)
    assert [node["id"] for node in rest["myOrders"]["nodes"]] == [ids[0]]
    error = await platform.error(MINE, {"after": "bm9wZQ"}, bearer=booker.token)
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_an_order_is_its_owners_its_hospitals_and_the_staffs(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    order = await booked(platform, booker, session)
    stranger, elsewhere = await new_booker(platform), await platform.new_hospital()
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)
    other_clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=elsewhere)
    operator = await platform.new_staff(Role.OPERATOR)
    reviewer = await platform.new_staff(Role.REVIEWER)

    async def node(**caller: Any) -> Any:
        return (await platform.data(ORDER_NODE, {"id": order["id"]}, **caller))["node"]

    assert (await node(bearer=booker.token))["patient"] == {"name": "张三丰"}
    for caller in ({"bearer": clerk.token}, {"bearer": operator.token}, {"hospital": session.hospital}):
        seen = await node(**caller)
        assert (seen["orderNumber"], seen["patientName"], seen["patient"]) == (order["orderNumber"], "张*丰", None)
    for caller in (
        {},
        {"bearer": stranger.token},
        {"bearer": other_clerk.token},
        {"bearer": reviewer.token},
        {"hospital": elsewhere},
    ):
        assert await node(**caller) is None

    async def listed(filter: dict[str, Any] | None = None, user: str | None = None, **caller: Any) -> list[str]:
        answer = await platform.data(ORDERS, {"filter": filter or {}, "user": user}, **caller)
        return [each["id"] for each in answer["orders"]["nodes"]]

    assert await listed(bearer=clerk.token) == [order["id"]]
    assert await listed(hospital=session.hospital) == [order["id"]]
    assert await listed({"departmentCode": "11"}, bearer=clerk.token) == [order["id"]]
    assert await listed({"departmentCode": "12"}, bearer=clerk.token) == []
    assert await listed({"departmentCode": "11"}, bearer=other_clerk.token) == []
    assert await listed(bearer=other_clerk.token) == []
    assert await listed({"hospitalCode": session.hospital.code}, bearer=other_clerk.token) == []
    assert await listed(hospital=elsewhere) == []
    assert await listed(user=booker.user_id, bearer=operator.token) == [order["id"]]
    assert await listed(user=stranger.user_id, bearer=operator.token) == []
    assert await listed(user=session.id, bearer=operator.token) == []


async def test_an_account_that_is_being_deleted_books_nothing(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(UserAccount, booker.user_key)
        assert account is not None
        account.status = "DELETING"
    assert (await book(platform, booker, session))["__typename"] == "AccountBeingDeleted"


async def test_numbers_are_unique_and_none_is_sold_twice(platform: Platform) -> None:
    session = await new_session(platform, capacity=30)
    bookers = await new_bookers(platform.stores, platform.ring, 200)

    answers = await asyncio.gather(*(book(platform, booker, session) for booker in bookers))

    kinds = Counter(answer["__typename"] for answer in answers)
    assert kinds == {"OrderCreated": 30, "SlotSoldOut": 170}
    numbers = sorted(answer["order"]["number"] for answer in answers if answer["__typename"] == "OrderCreated")
    assert numbers == list(range(1, 31))
    await assert_true(platform, session)
    async with platform.stores.sql.read() as reading:
        rows = (await reading.exec(select(BookingOrder).where(BookingOrder.schedule_id == session.key))).all()
    assert len(rows) == 30


async def test_the_worker_is_asked_to_end_it_at_its_deadline(platform: Platform) -> None:
    session, booker = await new_session(platform), await new_booker(platform)
    order = await booked(platform, booker, session)
    free = await booked(platform, booker, await new_session(platform, session.hospital, halfDay="PM", fee="0"))

    waiting = {name.decode(): at for name, at in await platform.stores.redis.zrange(QUEUE, 0, -1, withscores=True)}

    key, free_key = (node_reference(each["id"]).key for each in (order, free))
    [due] = [at for name, at in waiting.items() if key in name]
    assert datetime.fromtimestamp(due / 1000, UTC) == datetime.fromisoformat(order["lapsesAt"])
    assert not [name for name in waiting if free_key in name]
