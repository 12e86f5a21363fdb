"""Until when an offer holds and when waiting is over, second by second."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from datasources.mongo.documents import BookingRule
from datasources.sql.booking_statements import Outcome
from datasources.sql.slot_ledger import SlotLedger
from domain.booking.policy import BookingPolicy
from domain.booking.waitlist.rules import ENDS_THE_TURN, WaitlistEnd, booking_closes, offer_end, why_over

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = BookingPolicy(zone=ZONE)
FAR = datetime(2027, 1, 1, tzinfo=ZONE)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{moment}").replace(tzinfo=ZONE)


def session(status: str = "BOOKABLE") -> SlotLedger:
    return SlotLedger(
        schedule_id="h:1",
        hospital_code="h",
        department_code="d",
        external_id="1",
        visit_date=date(2026, 11, 23),
        half_day="AM",
        status=status,
        fee=Decimal(0),
        capacity=1,
    )


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("20T06:59:59", None),
        ("20T07:00:00", "20T07:30:00"),
        ("20T12:00:00", "20T12:30:00"),
        ("20T21:50:00", "20T22:20:00"),
        ("20T21:59:59", "20T22:29:59"),
        ("20T22:00:00", None),
        ("21T00:00:00", None),
    ],
)
def test_offers_are_made_by_day_and_hold_half_an_hour(now: str, until: str | None) -> None:
    assert offer_end(FAR, at(now), POLICY) == (None if until is None else at(until))


def test_the_night_is_that_of_the_platforms_zone() -> None:
    assert offer_end(FAR, datetime(2026, 11, 20, 13, 59, tzinfo=ZoneInfo("UTC")), POLICY) is not None
    assert offer_end(FAR, datetime(2026, 11, 20, 14, 0, tzinfo=ZoneInfo("UTC")), POLICY) is None


def test_an_offer_ends_with_the_booking_at_the_latest() -> None:
    closes_at = at("23T11:30:00")

    assert offer_end(closes_at, at("23T11:00:01"), POLICY) == closes_at
    assert offer_end(closes_at, at("23T11:29:59"), POLICY) == closes_at
    assert offer_end(closes_at, closes_at, POLICY) is None
    assert offer_end(closes_at, closes_at + timedelta(hours=1), POLICY) is None


def test_booking_closes_at_the_stop_time_of_the_rule() -> None:
    assert booking_closes(session(), BookingRule(stop_time="09:15"), POLICY) == at("23T09:15:00")
    assert booking_closes(session(), None, POLICY) == at("23T23:59:59.999999")


@pytest.mark.parametrize(
    ("status", "now", "because"),
    [
        ("BOOKABLE", "23T11:30:00", None),
        ("BOOKABLE", "23T11:30:01", WaitlistEnd.BOOKING_CLOSED),
        ("CLOSED", "20T12:00:00", WaitlistEnd.SESSION_CLOSED),
        ("WITHDRAWN", "20T12:00:00", WaitlistEnd.SESSION_WITHDRAWN),
        ("WITHDRAWN", "24T12:00:00", WaitlistEnd.SESSION_WITHDRAWN),
    ],
)
def test_waiting_is_over_when_nothing_can_come_of_it(status: str, now: str, because: WaitlistEnd | None) -> None:
    assert why_over(session(status), at("23T11:30:00"), at(now)) is because


def test_every_obstacle_of_a_person_ends_their_turn() -> None:
    of_persons = {Outcome.PATIENT_CHANGED, Outcome.BANNED, Outcome.ALREADY_BOOKED, Outcome.LIMIT}

    assert set(ENDS_THE_TURN) == of_persons
