"""The catalogue as hospitals push it: texts and rules, in MongoDB. What can be sold lives in the slot ledger."""

from datetime import datetime

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel

from datasources.mongo.stored import ReadDirectly

LEVELS = ("3S", "3A", "3B", "3C", "2A", "2B", "2C", "1A", "1B", "1C", "1U")
UNRANKED = "99"


def level_rank(level: str | None) -> str:
    """Where a level stands when hospitals are listed from the highest level down; without one, last."""
    return f"{LEVELS.index(level):02d}" if level in LEVELS else UNRANKED


class BookingRule(BaseModel):
    """When a hospital's numbers go on sale and until when they can be taken and given back."""

    cycle: int = 7
    release_time: str = "08:30"
    stop_time: str = "11:30"
    quit_day: int = -1
    quit_time: str = "15:30"
    rules: list[str] = Field(default_factory=list)


class HospitalDocument(ReadDirectly, Document):
    """A hospital as patients see it; the key is the hospital's code."""

    id: str  # type: ignore[assignment]
    code: str
    name: str
    pinyin: str
    initials: str
    level: str | None = None
    level_rank: str = UNRANKED
    province_code: str | None = None
    city_code: str | None = None
    district_code: str | None = None
    address: str = ""
    introduction: str = ""
    route: str = ""
    phone: str = ""
    booking_rule: BookingRule = Field(default_factory=BookingRule)
    logo_etag: str | None = None
    listed: bool = True
    revision: int = 0
    updated_at: datetime

    class Settings:
        name = "hospital"
        use_cache = False
        indexes = [
            IndexModel([("listed", ASCENDING), ("pinyin", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("listed", ASCENDING), ("level_rank", ASCENDING), ("pinyin", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("province_code", ASCENDING)]),
            IndexModel([("city_code", ASCENDING)]),
            IndexModel([("district_code", ASCENDING)]),
        ]


class HospitalLogo(ReadDirectly, Document):
    """A hospital's logo, kept apart so that lists never carry it."""

    id: str  # type: ignore[assignment]
    content_type: str
    content: bytes
    etag: str
    revision: int = 0

    class Settings:
        name = "hospital_logo"


class DepartmentDocument(ReadDirectly, Document):
    """A department of a hospital; its code is unique within the hospital only."""

    id: str  # type: ignore[assignment]
    hospital_code: str
    code: str
    parent_code: str | None = None
    name: str
    pinyin: str
    initials: str
    introduction: str = ""
    address: str = ""
    position: int = 0
    is_leaf: bool = True
    revision: int = 0
    updated_at: datetime

    class Settings:
        name = "department"
        indexes = [
            IndexModel([("hospital_code", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("name", ASCENDING)]),
        ]


class DoctorDocument(ReadDirectly, Document):
    """A doctor of a hospital; the code is the hospital's own."""

    id: str  # type: ignore[assignment]
    hospital_code: str
    code: str
    name: str
    pinyin: str
    initials: str
    title: str = ""
    skill: str = ""
    introduction: str = ""
    department_codes: list[str] = Field(default_factory=list)
    revision: int = 0
    updated_at: datetime

    class Settings:
        name = "doctor"
        indexes = [
            IndexModel(
                [
                    ("hospital_code", ASCENDING),
                    ("department_codes", ASCENDING),
                    ("pinyin", ASCENDING),
                    ("_id", ASCENDING),
                ]
            ),
            IndexModel([("hospital_code", ASCENDING), ("pinyin", ASCENDING), ("_id", ASCENDING)]),
        ]


class ScheduleDocument(ReadDirectly, Document):
    """The texts of one session; its numbers, date and state are in the slot ledger under the same key."""

    id: str  # type: ignore[assignment]
    hospital_code: str
    external_id: str
    doctor_code: str | None = None
    doctor_name: str
    doctor_title: str = ""
    skill: str = ""
    notice: str = ""
    fetch_address: str = ""
    slices: list[tuple[str, int]] = []
    """Times from which so many numbers are wanted, in their order."""
    revision: int = 0
    updated_at: datetime

    class Settings:
        name = "schedule"


DOCUMENTS = [HospitalDocument, HospitalLogo, DepartmentDocument, DoctorDocument, ScheduleDocument]
