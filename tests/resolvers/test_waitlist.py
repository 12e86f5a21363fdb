"""The waitlist through the graph: joined, seen, left and accepted by its owner and by nobody else."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.booking.waitlist.offering import serve_due
from domain.booking.waitlist.views import entries_of
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from server.booking_policy import booking_policy
from server.settings import Settings
from tests.booking import (
    VISIT_DATE,
    Booker,
    OpenSession,
    agree_to,
    book,
    booked,
    ledger_of,
    new_booker,
    new_session,
    take_back_health_data,
)
from tests.ledger import assert_ledger_true
from tests.platform import MORNING, Platform

ENTRY = """id state patientName peopleAhead joinedAt offeredAt offerUntil endedAt endedBecause
  schedule { id state remaining } order { number state }"""
PROBLEMS = """... on Problem { code message } ... on InvalidInput { fields { field code } }
  ... on WaitlistNotNeeded { scheduleId } ... on AlreadyWaiting { entryId } ... on TooManyWaits { most }
  ... on ConsentNeeded { kind version }"""
JOIN = f"""mutation ($input: JoinWaitlistInput!) {{ joinWaitlist(input: $input) {{ __typename
  ... on WaitlistJoined {{ replayed entry {{ {ENTRY} }} }} {PROBLEMS} }} }}"""
LEAVE = f"""mutation ($id: ID!) {{ leaveWaitlist(input: {{entryId: $id}}) {{ __typename
  ... on WaitlistLeft {{ entry {{ {ENTRY} }} }} ... on Problem {{ code message }} }} }}"""
ACCEPT = """mutation ($input: AcceptWaitlistOfferInput!) { acceptWaitlistOffer(input: $input) { __typename
  ... on WaitlistOfferAccepted { replayed order { id number state lapsesAt } }
  ... on OfferEnded { state } ... on FeeChanged { fee { amount } }
  ... on ConsentNeeded { kind version } ... on Problem { code message } } }"""
MINE = f"{{ myWaitlist {{ {ENTRY} }} }}"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
CANCEL = """mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }"""


NEEDS_CONSENT = ("ConsentNeeded", "CONSENT_NEEDED", "HEALTH_DATA")


async def full_session(platform: Platform) -> tuple[OpenSession, Booker, str]:
    """A session whose only number somebody has: they, and their order."""
    session, holder = await new_session(platform, capacity=1), await new_booker(platform)
    return session, holder, str((await booked(platform, holder, session))["id"])


async def join(platform: Platform, booker: Booker, session: OpenSession, **changes: Any) -> Any:
    input = {"scheduleId": session.id, "patientId": booker.patient_id, "idempotencyKey": secrets.token_hex(8)}
    return (await platform.data(JOIN, {"input": input | changes}, bearer=booker.token))["joinWaitlist"]


async def joined(platform: Platform, booker: Booker, session: OpenSession) -> dict[str, Any]:
    answer = await join(platform, booker, session)
    assert answer["__typename"] == "WaitlistJoined", answer
    entry: dict[str, Any] = answer["entry"]
    return entry


async def accept(platform: Platform, booker: Booker, entry: dict[str, Any], **changes: Any) -> Any:
    input = {"entryId": entry["id"], "idempotencyKey": secrets.token_hex(8)} | changes
    return (await platform.data(ACCEPT, {"input": input}, bearer=booker.token))["acceptWaitlistOffer"]


async def leave(platform: Platform, booker: Booker, entry: dict[str, Any]) -> Any:
    return (await platform.data(LEAVE, {"id": entry["id"]}, bearer=booker.token))["leaveWaitlist"]


async def mine(platform: Platform, booker: Booker) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await platform.data(MINE, bearer=booker.token))["myWaitlist"]
    return entries


async def cancel(platform: Platform, holder: Booker, order_id: str) -> None:
    input = {"orderId": order_id, "idempotencyKey": secrets.token_hex(8)}
    answer = (await platform.data(CANCEL, {"input": input}, bearer=holder.token))["cancelOrder"]
    assert answer["__typename"] == "OrderCancelled", answer


async def _push(platform: Platform, session: OpenSession, **changes: Any) -> None:
    entry = {
        "externalId": session.external_id,
        "departmentCode": "11",
        "date": VISIT_DATE.isoformat(),
        "halfDay": "AM",
        "fee": "9.67",
        "doctorName": "林一鸣",
    } | changes
    pushed = await platform.push(session.hospital, "upsertSchedule", {"schedule": entry})
    assert pushed["__typename"] == "ScheduleUpserted", pushed


async def _run_job(platform: Platform) -> None:
    await serve_due(platform.stores, booking_policy(Settings()), platform.clock())


async def _states(platform: Platform, booker: Booker) -> list[str]:
    return [each["state"] for each in await mine(platform, booker)]


async def signed_in_again(platform: Platform, booker: Booker) -> Booker:
    """The same person with an access token of this moment."""
    async with platform.stores.sql.unit_of_work() as session:
        account = Account.of_user(booker.user_key)
        tokens = await start_session(session, platform.ring, account, Origin(platform.clock()))
    return replace(booker, token=tokens.access_token.get_secret_value())


async def assert_true(platform: Platform, session: OpenSession) -> None:
    async with platform.stores.sql.read() as reading:
        await assert_ledger_true(reading, session.key)


async def test_a_number_that_comes_back_is_offered_and_becomes_an_order(platform: Platform) -> None:
    session, holder, order_id = await full_session(platform)
    first, second = await new_booker(platform), await new_booker(platform)
    assert (await book(platform, first, session))["__typename"] == "SlotSoldOut"

    entry, behind = await joined(platform, first, session), await joined(platform, second, session)
    assert entry | {"id": ""} == {
        "id": "",
        "state": "WAITING",
        "patientName": "张*丰",
        "peopleAhead": 0,
        "joinedAt": "2026-11-20T10:00:00+08:00",
        "offeredAt": None,
        "offerUntil": None,
        "endedAt": None,
        "endedBecause": None,
        "schedule": {"id": session.id, "state": "FULL", "remaining": 0},
        "order": None,
    }
    assert behind["peopleAhead"] == 1

    await cancel(platform, holder, order_id)
    [offered] = await mine(platform, first)
    assert (offered["state"], offered["offerUntil"]) == ("OFFERED", "2026-11-20T10:30:00+08:00")
    assert [each["peopleAhead"] for each in await mine(platform, second)] == [0]

    accepted = await accept(platform, first, entry, expectedFee="9.67")
    assert accepted["order"] | {"id": ""} == {
        "id": "",
        "number": 1,
        "state": "AWAITING_PAYMENT",
        "lapsesAt": "2026-11-20T10:15:00+08:00",
    }
    again = await accept(platform, first, entry)
    assert (again["replayed"], again["order"]["id"]) == (True, accepted["order"]["id"])
    [over] = await mine(platform, first)
    assert (over["state"], over["order"]) == ("ACCEPTED", {"number": 1, "state": "AWAITING_PAYMENT"})
    await assert_true(platform, session)


async def test_an_offer_passes_on_when_it_is_declined_or_past_its_end(platform: Platform) -> None:
    session, holder, order_id = await full_session(platform)
    people = [await new_booker(platform) for _ in range(3)]
    entries = [await joined(platform, person, session) for person in people]
    await cancel(platform, holder, order_id)

    left = await leave(platform, people[0], entries[0])
    assert (left["entry"]["state"], left["entry"]["endedBecause"]) == ("LEFT", "DECLINED")
    assert [each["state"] for each in await mine(platform, people[1])] == ["OFFERED"]

    platform.clock.now = MORNING + timedelta(minutes=30)
    people = [await signed_in_again(platform, person) for person in people]
    late = await accept(platform, people[1], entries[1])
    assert (late["__typename"], late["state"], late["code"]) == ("OfferEnded", "LAPSED", "OFFER_ENDED")
    await _run_job(platform)
    assert [each["endedBecause"] for each in await mine(platform, people[1])] == ["OFFER_LAPSED"]
    assert (await accept(platform, people[2], entries[2]))["__typename"] == "WaitlistOfferAccepted"
    await assert_true(platform, session)


async def test_who_cannot_wait_is_told_why(platform: Platform) -> None:
    session, _, _ = await full_session(platform)
    free = await new_session(platform)
    booker = await new_booker(platform)

    assert (await join(platform, booker, free))["scheduleId"] == free.id
    entry = await joined(platform, booker, session)
    twice = await join(platform, booker, session)
    assert (twice["__typename"], twice["entryId"]) == ("AlreadyWaiting", entry["id"])
    for _ in range(2):
        await joined(platform, booker, (await full_session(platform))[0])
    fourth = await join(platform, booker, (await full_session(platform))[0])
    assert (fourth["__typename"], fourth["most"]) == ("TooManyWaits", 3)
    assert (await join(platform, booker, session, idempotencyKey=""))["fields"] == [
        {"field": "idempotencyKey", "code": "MALFORMED"}
    ]
    for elsewhere in ({"scheduleId": booker.patient_id}, {"patientId": session.id}):
        assert (await join(platform, booker, session, **elsewhere))["__typename"] == "NotFound"
    waiting = await accept(platform, booker, entry)
    assert (waiting["__typename"], waiting["state"]) == ("OfferEnded", "WAITING")
    await assert_true(platform, session)


async def test_the_same_join_again_answers_the_same_entry(platform: Platform) -> None:
    session, _, _ = await full_session(platform)
    booker, key = await new_booker(platform), secrets.token_hex(8)

    first = await join(platform, booker, session, idempotencyKey=key)
    again = await join(platform, booker, session, idempotencyKey=key)
    other = await join(platform, booker, (await full_session(platform))[0], idempotencyKey=key)

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["entry"]["id"] == again["entry"]["id"]
    assert other["__typename"] == "IdempotencyKeyReused"
    assert (await ledger_of(platform.stores, session)).waiting == 1


async def test_an_entry_is_its_owners_alone(platform: Platform) -> None:
    session, holder, order_id = await full_session(platform)
    owner, stranger = await new_booker(platform), await new_booker(platform)
    entry = await joined(platform, owner, session)
    await cancel(platform, holder, order_id)

    assert (await leave(platform, stranger, entry))["__typename"] == "NotFound"
    assert (await accept(platform, stranger, entry))["__typename"] == "NotFound"
    assert await mine(platform, stranger) == []
    assert (await platform.data(NODE, {"id": entry["id"]}, bearer=stranger.token))["node"] is None
    assert (await platform.data(NODE, {"id": entry["id"]}))["node"] is None
    found = (await platform.data(NODE, {"id": entry["id"]}, bearer=owner.token))["node"]
    assert found == {"__typename": "WaitlistEntry", "id": entry["id"]}
    assert (await leave(platform, owner, {"id": owner.patient_id}))["__typename"] == "NotFound"
    assert [each["state"] for each in await mine(platform, owner)] == ["OFFERED"]


async def test_a_hospital_that_adds_numbers_serves_who_waits(platform: Platform) -> None:
    session, _, _ = await full_session(platform)
    people = [await new_booker(platform) for _ in range(3)]
    for person in people:
        await joined(platform, person, session)

    await _push(platform, session, capacity=3)
    assert (await book(platform, await new_booker(platform), session))["__typename"] == "SlotSoldOut"

    assert [await _states(platform, person) for person in people] == [["OFFERED"], ["OFFERED"], ["WAITING"]]
    await assert_true(platform, session)


async def test_a_withdrawn_session_ends_the_waiting(platform: Platform) -> None:
    session, holder, order_id = await full_session(platform)
    people = [await new_booker(platform) for _ in range(2)]
    for person in people:
        await joined(platform, person, session)
    await cancel(platform, holder, order_id)

    pushed = await platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
    assert pushed["__typename"] == "CataloguePushed", pushed

    assert [(await mine(platform, person))[0]["endedBecause"] for person in people] == ["SESSION_WITHDRAWN"] * 2
    await assert_true(platform, session)


@pytest.mark.parametrize(
    "move",
    [{"date": "2026-11-26"}, {"halfDay": "PM"}, {"departmentCode": "12"}],
    ids=["date", "half-day", "department"],
)
async def test_nobody_waits_on_for_a_session_that_is_another_one_now(platform: Platform, move: dict[str, str]) -> None:
    session, booker = await new_session(platform, capacity=1, available=0), await new_booker(platform)
    await joined(platform, booker, session)
    department = {"code": "12", "name": "神经内科"}
    await platform.push(session.hospital, "upsertDepartment", {"department": department})

    await _push(platform, session, capacity=1, available=0, **move)

    assert [each["endedBecause"] for each in await mine(platform, booker)] == ["SESSION_MOVED"]
    assert (await ledger_of(platform.stores, session)).waiting == 0
    await assert_true(platform, session)


async def test_a_session_that_was_never_sold_is_removed_though_somebody_waits(platform: Platform) -> None:
    session, booker = await new_session(platform, capacity=1, available=0), await new_booker(platform)
    await joined(platform, booker, session)

    removed = await platform.push(session.hospital, "removeSchedules", {"codes": [session.external_id]})

    assert removed["removed"] == 1
    [entry] = await mine(platform, booker)
    assert (entry["state"], entry["endedBecause"], entry["schedule"]) == ("ENDED", "SESSION_REMOVED", None)
    await _push(platform, session, capacity=1, available=0)
    assert (await joined(platform, booker, session))["state"] == "WAITING"
    await assert_true(platform, session)


async def test_what_ended_long_ago_is_shown_no_longer(platform: Platform) -> None:
    session, _, _ = await full_session(platform)
    booker = await new_booker(platform)
    entry = await joined(platform, booker, session)
    await leave(platform, booker, entry)
    assert [each["endedBecause"] for each in await mine(platform, booker)] == ["LEFT"]

    def later(time: timedelta) -> Callable[[], datetime]:
        return lambda: MORNING + time

    shown, hidden = timedelta(days=30), timedelta(days=30, seconds=1)
    assert len(await entries_of(platform.stores, booker.user_key, later(shown))) == 1
    assert await entries_of(platform.stores, booker.user_key, later(hidden)) == []


async def test_who_takes_back_the_consent_to_health_data_waits_for_nothing_and_takes_no_offer(
    platform: Platform,
) -> None:
    session, holder, order_id = await full_session(platform)
    booker = await new_booker(platform)
    await take_back_health_data(platform, booker)
    refused = await join(platform, booker, session)
    assert (refused["__typename"], refused["code"], refused["kind"]) == NEEDS_CONSENT
    assert await mine(platform, booker) == []

    await agree_to(platform, booker, refused)
    entry = await joined(platform, booker, session)
    await cancel(platform, holder, order_id)
    await take_back_health_data(platform, booker)
    refused = await accept(platform, booker, entry)
    assert (refused["__typename"], refused["kind"]) == ("ConsentNeeded", "HEALTH_DATA")
    assert await _states(platform, booker) == ["OFFERED"]

    await agree_to(platform, booker, refused)
    assert (await accept(platform, booker, entry))["__typename"] == "WaitlistOfferAccepted"
    await assert_true(platform, session)
