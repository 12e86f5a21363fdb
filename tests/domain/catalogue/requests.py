"""Pushes as the use case is given them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from datasources.keys import department_key
from datasources.mongo.documents import DepartmentDocument
from datasources.stores import Stores
from domain.catalogue.push import PushRequest
from tests.domain.integration.hospitals import new_hospital

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DEPARTMENT = "11"


def request_for(
    hospital_code: str, *, key: str = "the key", doctor_name: str = "林一鸣", capacity: int = 20
) -> PushRequest:
    """A push of two sessions."""
    items = [
        {
            "external_id": external_id,
            "department_code": DEPARTMENT,
            "date": "2026-11-22",
            "half_day": "AM",
            "capacity": capacity,
            "fee": "9.67",
            "doctor_name": doctor_name,
        }
        for external_id in ("a", "b")
    ]
    return PushRequest(
        hospital_code=hospital_code,
        operation="upsertSchedules",
        idempotency_key=key,
        items=items,
        all_or_nothing=True,
        now=NOW,
    )


async def hospital_with_a_department(stores: Stores) -> str:
    """The code of a hospital that has one department."""
    code = await new_hospital(stores)
    await DepartmentDocument(
        id=department_key(code, DEPARTMENT),
        hospital_code=code,
        code=DEPARTMENT,
        name="心内科",
        pinyin="xinneike",
        initials="xnk",
        updated_at=NOW,
    ).insert()
    return code
