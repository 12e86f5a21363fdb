"""Sessions of the demo: fee, numbers and state for the slot ledger, texts for the catalogue."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.keys import schedule_key
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from server.demo.departments import DemoDepartment
from server.demo.draws import Draws
from server.demo.hospitals import DemoHospital
from server.demo.people import ASSOCIATE_CHIEF, ATTENDING, CHIEF, DemoDoctor

GENERAL_CLINIC = "普通门诊"
PRIVATE_CLINIC = "特需门诊"

_NOTICE = "请在就诊前30分钟到达，持有效证件取号。"

_FEES = {
    GENERAL_CLINIC: ("4.50", "5.00", "9.67", "10.00", "12.00", "17.00"),
    ATTENDING: ("10.00", "15.00", "19.50", "20.00", "25.00"),
    ASSOCIATE_CHIEF: ("20.00", "25.00", "30.00", "38.00", "60.00"),
    CHIEF: ("40.00", "50.00", "60.00", "80.00", "100.00"),
    PRIVATE_CLINIC: ("200.00", "260.00", "300.00"),
}
"""Yuan, as public hospitals of several provinces charge them; one of each list holds for a whole hospital."""

_CAPACITIES = {
    GENERAL_CLINIC: (30, 60),
    ATTENDING: (20, 40),
    ASSOCIATE_CHIEF: (15, 30),
    CHIEF: (10, 20),
    PRIVATE_CLINIC: (8, 12),
}

_FULL_PERCENT = {GENERAL_CLINIC: 6, ATTENDING: 10, ASSOCIATE_CHIEF: 25, CHIEF: 45, PRIVATE_CLINIC: 20}

_STATES = (ScheduleStatus.WITHDRAWN,) * 2 + (ScheduleStatus.CLOSED,) * 2 + (ScheduleStatus.BOOKABLE,) * 96


class LedgerRow(NamedTuple):
    """What a new row of the slot ledger is given; all other columns have defaults. Field names are column names."""

    schedule_id: str
    hospital_code: str
    department_code: str
    external_id: str
    visit_date: date
    half_day: str
    status: str
    fee: Decimal
    capacity: int
    withheld: int


def sessions_of(
    hospital: DemoHospital, days: Sequence[date], made_at: datetime
) -> Iterator[tuple[LedgerRow, dict[str, Any]]]:
    """The sessions of a hospital on these days: each one's ledger row and its text as ScheduleDocument is stored.

    A session's numbers depend on its own key only, so any day can be made at any time and comes out the same.
    """
    fees = _fee_table(hospital.code)
    for department in hospital.departments:
        if department.is_leaf:
            for shift in hospital.roster(department, days):
                yield _session(department, shift.day, shift.half_day, shift.doctor, fees, made_at)


def _session(
    department: DemoDepartment,
    day: date,
    half_day: HalfDay,
    doctor: DemoDoctor | None,
    fees: dict[str, Decimal],
    made_at: datetime,
) -> tuple[LedgerRow, dict[str, Any]]:
    who = doctor.code if doctor else department.code
    external_id = f"{day:%Y%m%d}{half_day}{who}"
    key = schedule_key(department.hospital_code, external_id)
    draws = Draws(key)
    kind = GENERAL_CLINIC if doctor is None else PRIVATE_CLINIC if doctor.sees_private_patients else doctor.title
    least, most = _CAPACITIES[kind]
    capacity = draws.between(least, most)
    # The hospital's own channels sell, too: their numbers are withheld here, all of them where a session is full.
    withheld = capacity if draws.chance(_FULL_PERCENT[kind]) else capacity * draws.below(90) // 100
    row = LedgerRow(
        schedule_id=key,
        hospital_code=department.hospital_code,
        department_code=department.code,
        external_id=external_id,
        visit_date=day,
        half_day=half_day,
        status=draws.pick(_STATES),
        fee=fees[kind],
        capacity=capacity,
        withheld=withheld,
    )
    document: dict[str, object] = {
        "_id": key,
        "hospital_code": department.hospital_code,
        "external_id": external_id,
        "doctor_code": doctor.code if doctor else None,
        "doctor_name": doctor.name if doctor else kind,
        "doctor_title": doctor.title if doctor else "",
        "skill": doctor.skill if doctor else department.introduction,
        "notice": _NOTICE,
        "fetch_address": f"{department.address}分诊台",
        "slices": [],
        "revision": 0,
        "updated_at": made_at,
    }
    return row, document


def _fee_table(hospital_code: str) -> dict[str, Decimal]:
    draws = Draws(f"fees:{hospital_code}")
    return {kind: Decimal(draws.pick(fees)) for kind, fees in _FEES.items()}
