import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from server.demo.hospitals import DemoHospital, invented_hospitals, well_known_hospitals
from server.demo.sessions import LedgerRow, sessions_of

TODAY = date(2026, 2, 27)
MADE_AT = datetime(2026, 2, 27, tzinfo=UTC)
HOSPITALS = well_known_hospitals()


def coming_days(hospital: DemoHospital, today: date = TODAY) -> list[date]:
    return [today + timedelta(days=number) for number in range(hospital.days)]


def rows_of(hospitals: Sequence[DemoHospital]) -> list[LedgerRow]:
    return [row for hospital in hospitals for row, _ in sessions_of(hospital, coming_days(hospital), MADE_AT)]


def digest() -> str:
    """A fingerprint of three hospitals with everything in them."""
    fingerprint = hashlib.sha256()
    for hospital in HOSPITALS[:3]:
        fingerprint.update(repr(hospital.document(MADE_AT)).encode())
        for department in hospital.departments:
            fingerprint.update(repr(department.document(MADE_AT)).encode())
            for doctor in department.doctors:
                fingerprint.update(repr(doctor.document(MADE_AT)).encode())
        for session in sessions_of(hospital, coming_days(hospital), MADE_AT):
            fingerprint.update(repr(session).encode())
    return fingerprint.hexdigest()


def test_another_process_makes_the_same_data_for_the_same_day() -> None:
    command = "from tests.server.demo.test_sessions import digest; print(digest())"
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", command], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        )
        assert made.stdout.decode().strip() == digest()


def test_a_day_comes_out_the_same_whenever_it_is_made() -> None:
    hospital = HOSPITALS[0]
    today = {row.schedule_id: row for row, _ in sessions_of(hospital, coming_days(hospital), MADE_AT)}
    tomorrow_days = coming_days(hospital, TODAY + timedelta(days=1))
    tomorrow = {row.schedule_id: row for row, _ in sessions_of(hospital, tomorrow_days, MADE_AT)}
    shared = today.keys() & tomorrow.keys()
    assert {row.visit_date for id, row in today.items() if id not in shared} == {TODAY}
    assert {row.visit_date for id, row in tomorrow.items() if id not in shared} <= {tomorrow_days[-1]}
    assert all(today[id] == tomorrow[id] for id in shared)


def test_ids_are_unique_and_texts_stand_under_the_same_key() -> None:
    hospital = HOSPITALS[0]
    pairs = list(sessions_of(hospital, coming_days(hospital), MADE_AT))
    assert len({row.schedule_id for row, _ in pairs}) == len(pairs)
    for row, document in pairs:
        assert row.schedule_id == document["_id"] == f"{row.hospital_code}:{row.external_id}"
        assert row.external_id == document["external_id"]


def test_numbers_and_fees_are_within_what_hospitals_have() -> None:
    rows = rows_of(HOSPITALS)
    fees = {row.fee for row in rows}
    assert min(fees) == Decimal("4.50")
    assert max(fees) == Decimal(300)
    assert Decimal("9.67") in fees
    assert all(8 <= row.capacity <= 60 and 0 <= row.withheld <= row.capacity for row in rows)


def test_some_are_full_some_withdrawn_some_closed_and_most_can_be_booked() -> None:
    rows = rows_of(HOSPITALS)
    states = Counter(row.status for row in rows)
    full = sum(row.withheld == row.capacity for row in rows)
    assert 0.9 * len(rows) < states["BOOKABLE"] < len(rows)
    assert states["WITHDRAWN"] > 100
    assert states["CLOSED"] > 100
    assert 0.05 * len(rows) < full < 0.4 * len(rows)


def test_every_leaf_has_sessions_and_weekends_have_fewer() -> None:
    for hospital in HOSPITALS:
        rows = rows_of([hospital])
        leaves = {department.code for department in hospital.departments if department.is_leaf}
        assert {row.department_code for row in rows} == leaves, hospital.name
    week = [row for row in rows_of(HOSPITALS) if row.visit_date < TODAY + timedelta(days=7)]
    by_weekday = Counter(row.visit_date.weekday() for row in week)
    assert max(by_weekday[5], by_weekday[6]) < min(by_weekday[weekday] for weekday in range(5)) / 1.5


def test_an_invented_hospital_has_a_thousand_sessions() -> None:
    assert [len(rows_of([hospital])) for hospital in invented_hospitals(3)] == [1000] * 3
