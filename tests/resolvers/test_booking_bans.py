"""Bans after missed visits: who sees them, whom they keep from booking, and who lifts them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.booking_ban import BookingBan
from datasources.sql.patient import Patient
from domain.booking.no_shows import mark_missed_visits
from domain.booking.order_states import OrderStep
from domain.permissions import Role
from tests.booked import POLICY
from tests.booking import Booker, book, booked, new_booker, new_session
from tests.order_steps import events_of, key_of, later, pay, row_of, step
from tests.platform import Platform, StaffPerson
from tests.resolvers.test_cancel_order import cancel
from tests.resolvers.test_reschedule_order import move, two_sessions

BAN = "id patientId year noShows since until liftedAt isInForce"
MINE = f"{{ myBookingBans {{ {BAN} }} myPatients {{ id bannedUntil }} }}"
OF_USER = f"query ($id: ID!) {{ bookingBansOfUser(userId: $id) {{ {BAN} }} }}"
LIFT = f"""mutation ($input: LiftBookingBanInput!) {{ liftBookingBan(input: $input) {{
  __typename ... on Problem {{ code }} ... on InvalidInput {{ fields {{ field code }} }}
  ... on BookingBanLifted {{ ban {{ {BAN} }} }} }} }}"""
EXCUSE = """mutation ($input: ExcuseNoShowInput!) { excuseNoShow(input: $input) {
  __typename ... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on OrderNotChangeable { state } ... on NoShowExcused { order { id state } } } }"""


async def banned(platform: Platform, booker: Booker, *, days: int = 90) -> UUID:
    """The booker's patient has missed three visits; the ban's id."""
    now = platform.clock()
    async with platform.stores.sql.unit_of_work() as session:
        patient = await session.get(Patient, booker.patient_key)
        assert patient is not None
        ban = BookingBan(
            id=uuid7(),
            person=patient.certificate_index,
            patient_id=patient.id,
            year=2026,
            no_shows=3,
            since=now,
            until=now + timedelta(days=days),
        )
        session.add(ban)
        return ban.id


async def lift(platform: Platform, staff: StaffPerson, ban: UUID | str, reason: str = "误判") -> Any:
    """The answer to `liftBookingBan`."""
    input = {"banId": str(ban), "reason": reason}
    return (await platform.data(LIFT, {"input": input}, bearer=staff.token))["liftBookingBan"]


async def test_a_banned_person_is_told_and_books_no_more_but_cancels(platform: Platform) -> None:
    booker, (session, other) = await new_booker(platform), await two_sessions(platform)
    order = await booked(platform, booker, session)
    ban = await banned(platform, booker)
    until = platform.clock() + timedelta(days=90)

    seen = await platform.data(MINE, bearer=booker.token)
    refused = await book(platform, booker, other)

    assert [(each["id"], each["noShows"], each["isInForce"]) for each in seen["myBookingBans"]] == [(str(ban), 3, True)]
    assert [datetime.fromisoformat(each["bannedUntil"]) for each in seen["myPatients"]] == [until]
    assert (refused["__typename"], datetime.fromisoformat(refused["until"])) == ("PatientBanned", until)
    assert (await move(platform, booker, order["id"], other))["__typename"] == "PatientBanned"
    assert (await cancel(platform, booker, order["id"]))["__typename"] == "OrderCancelled"


async def test_a_ban_ends_by_itself(platform: Platform) -> None:
    booker = await new_booker(platform)
    await banned(platform, booker)
    booker = await later(platform, booker, platform.clock() + timedelta(days=90))

    seen = await platform.data(MINE, bearer=booker.token)

    assert [each["isInForce"] for each in seen["myBookingBans"]] == [False]
    assert [each["bannedUntil"] for each in seen["myPatients"]] == [None]


async def test_others_see_nothing_of_it(platform: Platform) -> None:
    booker, other = await new_booker(platform), await new_booker(platform)
    await banned(platform, booker)

    seen = await platform.data(MINE, bearer=other.token)

    assert seen["myBookingBans"] == []
    assert [each["bannedUntil"] for each in seen["myPatients"]] == [None]


async def test_staff_see_it_and_lift_it_on_record(platform: Platform) -> None:
    booker, session = await new_booker(platform), await new_session(platform)
    ban = await banned(platform, booker)
    operator = await platform.new_staff(Role.OPERATOR)

    seen = (await platform.data(OF_USER, {"id": booker.user_id}, bearer=operator.token))["bookingBansOfUser"]
    answers = [await lift(platform, operator, ban) for _ in range(2)]

    assert [each["patientId"] for each in seen] == [booker.patient_id]
    assert answers[0] == answers[1]
    assert answers[0]["ban"]["isInForce"] is False
    assert (await book(platform, booker, session))["__typename"] == "OrderCreated"
    async with platform.stores.sql.read() as reading:
        criteria = AuditCriteria(action="BOOKING_BAN_LIFTED", subject_id=str(booker.patient_key))
        entries = await AuditReads(reading).page(criteria, None, 9)
    assert [entry.detail for entry in entries] == [{"reason": "误判"}]


async def test_lifting_says_why_and_names_a_ban(platform: Platform) -> None:
    booker = await new_booker(platform)
    ban = await banned(platform, booker)
    operator = await platform.new_staff(Role.OPERATOR)

    assert (await lift(platform, operator, ban, ""))["fields"] == [{"field": "reason", "code": "MISSING"}]
    for unknown in (UUID(int=9), "no id"):
        assert (await lift(platform, operator, unknown))["__typename"] == "NotFound"


async def test_a_no_show_is_excused_by_the_hospitals_own_staff_and_no_other(platform: Platform) -> None:
    booker, session = await new_booker(platform), await new_session(platform, date="2026-11-21")
    id = (await booked(platform, booker, session))["id"]
    await pay(platform.stores, key_of(id), platform.clock())
    platform.clock.now = datetime.fromisoformat("2026-11-21T12:00:01+08:00")
    await mark_missed_visits(platform.stores.sql, POLICY, platform.clock())
    own = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)
    stranger = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=await platform.new_hospital())

    async def excuse(staff: StaffPerson, reason: str = "当日停诊未通知") -> Any:
        input = {"orderId": id, "reason": reason}
        return (await platform.data(EXCUSE, {"input": input}, bearer=staff.token))["excuseNoShow"]

    assert (await excuse(stranger))["__typename"] == "NotFound"
    assert (await excuse(own, "  "))["fields"] == [{"field": "reason", "code": "MISSING"}]
    assert (await excuse(own))["order"] == {"id": id, "state": "COMPLETED"}
    assert (await excuse(own))["state"] == "COMPLETED"
    last = (await events_of(platform.stores, key_of(id)))[-1]
    assert (last.event, last.actor_id, last.detail) == ("EXCUSE", str(own.key), {"note": "当日停诊未通知"})


async def test_only_a_no_show_is_excused(platform: Platform) -> None:
    booker, session = await new_booker(platform), await new_session(platform)
    id = (await booked(platform, booker, session))["id"]
    await pay(platform.stores, key_of(id), platform.clock())
    await step(platform.stores, key_of(id), OrderStep.CHECK_IN, platform.clock())
    operator = await platform.new_staff(Role.OPERATOR)

    input = {"orderId": id, "reason": "误点"}
    answer = (await platform.data(EXCUSE, {"input": input}, bearer=operator.token))["excuseNoShow"]

    assert (answer["__typename"], answer["state"]) == ("OrderNotChangeable", "CHECKED_IN")
    assert (await row_of(platform.stores, key_of(id))).state == "CHECKED_IN"
