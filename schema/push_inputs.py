"""What hospitals' systems send. Values are judged item by item, so one bad value never refuses a batch."""

from typing import NewType

import strawberry

PushedValue = NewType("PushedValue", object)


def _single(value: object) -> object:
    """Lists and objects become an empty list, which no field accepts: however deep they nest, nobody descends."""
    return value if value is None or isinstance(value, str | int | float) else []


PUSHED_VALUE = strawberry.scalar(
    name="PushedValue",
    description="A value as hospitals' systems send it: text or a number. It is judged together with its item, so one "
    "bad value never refuses a whole batch; the field's description says what is accepted.",
    serialize=lambda value: value,
    parse_value=_single,
)

_KEY = (
    "1 to 128 characters that name this very call. The same key with the same input answers the same result and "
    "changes nothing again, so a call whose answer was lost can simply be repeated, for 90 days."
)
_ALL_OR_NOTHING = "True: one bad item refuses the whole batch. False: good items are taken, bad ones are reported."


@strawberry.input(description="When numbers go on sale, and until when they can be taken and given back.")
class BookingRuleInput:
    cycle: PushedValue | None = strawberry.field(
        default=None, description="Dates shown in the calendar, today included: 1 to 90. Default 7."
    )
    release_time: str | None = strawberry.field(default=None, description="HH:MM; `8:30` will do. Default 08:30.")
    stop_time: str | None = strawberry.field(default=None, description="HH:MM. Default 11:30.")
    quit_day: PushedValue | None = strawberry.field(
        default=None, description="0 the day of the visit, -1 the day before, … Default -1."
    )
    quit_time: str | None = strawberry.field(default=None, description="HH:MM. Default 15:30.")
    rules: list[str] | None = strawberry.field(default=None, description="Lines of text for patients, at most 50.")


@strawberry.input(description="A hospital's own entry: that of the hospital whose integration key signs.")
class HospitalInput:
    code: PushedValue | None = strawberry.field(
        default=None,
        description="The hospital's code, to be sure that the key is the right one; it must be the key's hospital.",
    )
    name: str = strawberry.field(description="Name, 2 to 100 characters.")
    level: PushedValue | None = strawberry.field(
        default=None, description="Value of the dictionary HospitalType (`3A`), the older `1`…`5`, or 三级甲等."
    )
    region_code: PushedValue | None = strawberry.field(
        default=None, description="The deepest region known, GB/T 2260 with 2, 4 or 6 digits: `110101`."
    )
    address: str | None = strawberry.field(default=None, description="Street address, at most 200 characters.")
    introduction: str | None = strawberry.field(default=None, description="Introduction, at most 20,000 characters.")
    route: str | None = strawberry.field(default=None, description="How to get there, at most 5,000 characters.")
    phone: str | None = strawberry.field(default=None, description="Phone for enquiries, at most 100 characters.")
    logo: str | None = strawberry.field(
        default=None,
        description="PNG, JPEG, WebP or GIF in Base64, at most 512 KB. Left out, the logo there is stays.",
    )
    booking_rule: BookingRuleInput | None = strawberry.field(default=None, description="The booking rule.")
    booking_rule_text: str | None = strawberry.field(
        default=None,
        description="The booking rule as text, for systems that hold it so: an object in JSON or with single quotes. "
        "Used when bookingRule is left out.",
    )


@strawberry.input(description="A department.")
class DepartmentInput:
    code: PushedValue = strawberry.field(
        description="The hospital's own code: 1 to 64 letters, digits, dots, hyphens or underscores."
    )
    name: str = strawberry.field(description="Name, at most 100 characters.")
    parent_code: PushedValue | None = strawberry.field(
        default=None, description="Code of the department above; it may stand in the same batch."
    )
    introduction: str | None = strawberry.field(default=None, description="What it treats.")
    address: str | None = strawberry.field(default=None, description="Where in the hospital it is.")
    position: PushedValue | None = strawberry.field(
        default=None, description="Place in the hospital's order, from 0. Left out, it stays where it is or goes last."
    )


@strawberry.input(description="A doctor.")
class DoctorInput:
    code: PushedValue = strawberry.field(description="The hospital's own code of the doctor.")
    name: str = strawberry.field(description="Name, at most 50 characters.")
    title: str | None = strawberry.field(default=None, description="Professional title: 主任医师, …")
    skill: str | None = strawberry.field(default=None, description="What the doctor is good at.")
    introduction: str | None = strawberry.field(default=None, description="More about the doctor.")
    department_codes: list[PushedValue] | None = strawberry.field(
        default=None, description="Codes of the departments the doctor works in."
    )


@strawberry.input(description="A part of a half-day: so many numbers, in their order, from this time on.")
class ScheduleSliceInput:
    starts_at: str = strawberry.field(description="When their holders are wanted: `08:30`, in the platform's zone.")
    numbers: PushedValue = strawberry.field(description="How many numbers, 1 or more.")


@strawberry.input(description="A session: one doctor, one date, one half-day.")
class ScheduleInput:
    external_id: PushedValue = strawberry.field(description="The hospital's own id of the session.")
    department_code: PushedValue = strawberry.field(description="Code of its department.")
    date: PushedValue = strawberry.field(
        description="Date of the visit, from today to 366 days ahead: `2026-11-21`, `2026/11/21` or `20261121`."
    )
    half_day: PushedValue = strawberry.field(description="`AM` or `PM`; the older 0 and 1 will do.")
    capacity: PushedValue = strawberry.field(description="Numbers it has altogether, 0 to 10,000.")
    available: PushedValue | None = strawberry.field(
        default=None,
        description="How many of them the hospital counts as still free; the rest it gave out itself. Default: all.",
    )
    fee: PushedValue = strawberry.field(description="What a number costs, in yuan with at most two decimals: `9.67`.")
    status: PushedValue | None = strawberry.field(
        default=None,
        description="`BOOKABLE`, `CLOSED` or `WITHDRAWN`; the older 1, 0 and -1 will do. Default BOOKABLE.",
    )
    doctor_code: PushedValue | None = strawberry.field(
        default=None, description="Code of a pushed doctor, whose name, title and skill then need not be sent."
    )
    doctor_name: str | None = strawberry.field(default=None, description="The doctor's name.")
    doctor_title: str | None = strawberry.field(default=None, description="The doctor's professional title.")
    skill: str | None = strawberry.field(default=None, description="What the doctor is good at.")
    notice: str | None = strawberry.field(default=None, description="What patients should know about the session.")
    fetch_address: str | None = strawberry.field(default=None, description="Where to check in.")
    slices: list[ScheduleSliceInput] | None = strawberry.field(
        default=None,
        description="How the half-day is cut, at most 48 in the order of their times, so that each number has a fetch "
        "time of its own; numbers beyond the last belong to it. Holders whose time a push moves are told.",
    )


@strawberry.input(description="Push the hospital's own entry.")
class UpsertHospitalInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    hospital: HospitalInput = strawberry.field(description="The entry; it replaces the one there is.")


@strawberry.input(description="Push one department.")
class UpsertDepartmentInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    department: DepartmentInput = strawberry.field(description="It replaces the one with the same code.")


@strawberry.input(description="Push one doctor.")
class UpsertDoctorInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    doctor: DoctorInput = strawberry.field(description="It replaces the one with the same code.")


@strawberry.input(description="Push one session.")
class UpsertScheduleInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    schedule: ScheduleInput = strawberry.field(description="It replaces the one with the same id.")


@strawberry.input(description="Push departments.")
class UpsertDepartmentsInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    items: list[DepartmentInput] = strawberry.field(description="1 to 1,000; each replaces the one with its code.")
    all_or_nothing: bool = strawberry.field(default=True, description=_ALL_OR_NOTHING)


@strawberry.input(description="Push doctors.")
class UpsertDoctorsInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    items: list[DoctorInput] = strawberry.field(description="1 to 1,000; each replaces the one with its code.")
    all_or_nothing: bool = strawberry.field(default=True, description=_ALL_OR_NOTHING)


@strawberry.input(description="Push sessions.")
class UpsertSchedulesInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    items: list[ScheduleInput] = strawberry.field(description="1 to 1,000; each replaces the one with its id.")
    all_or_nothing: bool = strawberry.field(default=True, description=_ALL_OR_NOTHING)


@strawberry.input(description="Name things by the hospital's own codes, to remove or withdraw them.")
class CodesInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    codes: list[str] = strawberry.field(description="1 to 1,000 of the hospital's own codes (sessions: their ids).")
    all_or_nothing: bool = strawberry.field(default=True, description=_ALL_OR_NOTHING)
