"""What hospitals push, item by item: accepted as older systems send it, refused with the field named."""

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from domain.booking.rule import PushedBookingRule, TimeOfDay, booking_rule_value
from domain.catalogue.loose_values import LINE, Code, LooseAmount, LooseDate, LooseInteger
from domain.dictionary.levels import canonical_level
from domain.dictionary.regions import normalise_region_code

MAX_CAPACITY = 10_000
MAX_SLICES = 48
MAX_LOGO_BYTES = 512 * 1024

_HALF_DAYS = {
    "AM": HalfDay.AM,
    "PM": HalfDay.PM,
    "0": HalfDay.AM,
    "1": HalfDay.PM,
    "上午": HalfDay.AM,
    "下午": HalfDay.PM,
}
_STATUSES = {
    "BOOKABLE": ScheduleStatus.BOOKABLE,
    "CLOSED": ScheduleStatus.CLOSED,
    "WITHDRAWN": ScheduleStatus.WITHDRAWN,
    "1": ScheduleStatus.BOOKABLE,
    "0": ScheduleStatus.CLOSED,
    "-1": ScheduleStatus.WITHDRAWN,
}
_LOGO_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}


def _half_day(value: object) -> object:
    known = _HALF_DAYS.get(str(value).strip().upper()) if isinstance(value, str | int) else None
    if known is None:
        raise PydanticCustomError("half_day", "not a half-day")
    return known


def _status(value: object) -> object:
    known = _STATUSES.get(str(value).strip().upper()) if isinstance(value, str | int) else None
    if known is None:
        raise PydanticCustomError("schedule_status", "not a status")
    return known


def _level(value: object) -> object:
    known = canonical_level(value) if isinstance(value, str | int) else None
    if known is None:
        raise PydanticCustomError("hospital_level", "not a level")
    return known


def _region(value: object) -> object:
    known = normalise_region_code(str(value)) if isinstance(value, str | int) else None
    if known is None:
        raise PydanticCustomError("region_code", "not a region")
    return known


def _logo(value: object) -> object:
    """Base64 of a PNG, JPEG, WebP or GIF of at most 512 KiB."""
    if not isinstance(value, str):
        raise PydanticCustomError("logo", "not a picture")
    if len(value) > MAX_LOGO_BYTES * 4 // 3 + 4:
        raise PydanticCustomError("logo_size", "too large")
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PydanticCustomError("logo", "not a picture") from error
    if picture_type(content) is None:
        raise PydanticCustomError("logo", "not a picture")
    return content


def picture_type(content: bytes) -> str | None:
    """The media type that a picture's first bytes tell, or None for anything else."""
    kind = next((kind for magic, kind in _LOGO_KINDS.items() if content.startswith(magic)), None)
    return None if kind == "image/webp" and content[8:12] != b"WEBP" else kind


class _Pushed(BaseModel):
    """Fields that were left out or sent as null take their defaults."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {key: part for key, part in value.items() if part is not None} if isinstance(value, dict) else value


class PushedHospital(_Pushed):
    """A hospital's own entry; its code is the key's."""

    code: Code | None = None
    name: Annotated[str, Field(min_length=2, max_length=100), LINE]
    level: Annotated[str | None, BeforeValidator(_level)] = None
    region_code: Annotated[str | None, BeforeValidator(_region)] = None
    address: Annotated[str, Field(max_length=200), LINE] = ""
    introduction: Annotated[str, Field(max_length=20_000), LINE] = ""
    route: Annotated[str, Field(max_length=5_000), LINE] = ""
    phone: Annotated[str, Field(max_length=100), LINE] = ""
    logo: Annotated[bytes | None, BeforeValidator(_logo)] = None
    booking_rule: Annotated[PushedBookingRule, BeforeValidator(booking_rule_value)] = Field(
        default_factory=PushedBookingRule
    )

    @model_validator(mode="before")
    @classmethod
    def _rule_from_its_text(cls, value: Any) -> Any:
        """`booking_rule_text` stands in for `booking_rule` where that is absent."""
        if not isinstance(value, dict):
            return value
        kept = {key: part for key, part in value.items() if key != "booking_rule_text"}
        if kept.get("booking_rule") is None:
            kept["booking_rule"] = value.get("booking_rule_text")
        return kept


class PushedDepartment(_Pushed):
    """A department."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=100), LINE]
    parent_code: Code | None = None
    introduction: Annotated[str, Field(max_length=20_000), LINE] = ""
    address: Annotated[str, Field(max_length=200), LINE] = ""
    position: Annotated[LooseInteger, Field(ge=0)] | None = None

    @field_validator("parent_code", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value


class PushedDoctor(_Pushed):
    """A doctor."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=50), LINE]
    title: Annotated[str, Field(max_length=50), LINE] = ""
    skill: Annotated[str, Field(max_length=5_000), LINE] = ""
    introduction: Annotated[str, Field(max_length=20_000), LINE] = ""
    department_codes: Annotated[list[Code], Field(max_length=50)] = Field(default_factory=list)


class PushedSlice(_Pushed):
    """A part of a half-day: so many numbers, in their order, from this time on."""

    starts_at: TimeOfDay
    numbers: Annotated[LooseInteger, Field(ge=1, le=MAX_CAPACITY)]


class PushedSchedule(_Pushed):
    """A session. `available` is what the hospital counts as still free of `capacity`; left out, all of it."""

    external_id: Code
    department_code: Code
    date: LooseDate
    half_day: Annotated[HalfDay, BeforeValidator(_half_day)]
    capacity: Annotated[LooseInteger, Field(ge=0, le=MAX_CAPACITY)]
    available: Annotated[LooseInteger, Field(ge=0, le=MAX_CAPACITY)] | None = None
    fee: LooseAmount
    status: Annotated[ScheduleStatus, BeforeValidator(_status)] = ScheduleStatus.BOOKABLE
    doctor_code: Code | None = None
    doctor_name: Annotated[str, Field(max_length=50), LINE] = ""
    doctor_title: Annotated[str, Field(max_length=50), LINE] = ""
    skill: Annotated[str, Field(max_length=5_000), LINE] = ""
    notice: Annotated[str, Field(max_length=2_000), LINE] = ""
    fetch_address: Annotated[str, Field(max_length=200), LINE] = ""
    slices: Annotated[list[PushedSlice], Field(max_length=MAX_SLICES)] = Field(default_factory=list)

    @field_validator("slices", mode="after")
    @classmethod
    def _slices_follow_each_other(cls, slices: list[PushedSlice]) -> list[PushedSlice]:
        times = [each.starts_at for each in slices]
        if times != sorted(set(times)):
            raise PydanticCustomError("slices_in_order", "not in order")
        return slices

    @model_validator(mode="after")
    def _available_is_part_of_capacity(self) -> "PushedSchedule":
        if self.available is not None and self.available > self.capacity:
            raise PydanticCustomError("available_above_capacity", "more free than there is")
        return self
