"""A hospital's account: whether it takes bookings, as it likes or as the platform allows."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from datasources.sql.hospital_account import AccountCriteria, BookingMode, HospitalStatus
from datasources.sql.hospital_account import HospitalAccount as HospitalAccountRow
from domain.hospitals.status import HospitalStatusChanged as HospitalStatusChangedRecord
from domain.hospitals.status import LockAnswer, StatusAnswer
from domain.page import Page
from domain.permissions import Permission
from resolvers import hospital_accounts as resolve
from schema.binding import After, Context, First, answers, described_enum, mutates, of
from schema.connection import Connection
from schema.permissions import IsHospitalStaffOrSystem, may, may_or_hospital_system
from schema.problems import HospitalLocked, InvalidInput, NotFound, record_of

described_enum(
    HospitalStatus,
    "Where a hospital stands with the platform.",
    {
        "ONLINE": "Patients find it and book.",
        "OFFLINE": "It takes no bookings for now, by its own will; it pushes as ever.",
        "LOCKED": "The platform locked it: no bookings, no pushes. Its orders stay, and their patients are received.",
    },
)
described_enum(
    BookingMode,
    "Who makes an order final.",
    {"INSTANT": "The platform, at once.", "CONFIRM": "The hospital, which answers each within a deadline."},
)


@strawberry.type(description="A hospital's account, whether patients find the hospital or not.")
class HospitalAccount:
    code: str = strawberry.field(description="The hospital's code on the platform.")
    name: str = strawberry.field(description="Its name, as it pushed it last or as its application said.")
    status: HospitalStatus = strawberry.field(resolver=of(resolve.status_of), description="Whether it takes bookings.")
    lock_reason: str | None = strawberry.field(description="Why the platform locked it; null unless LOCKED.")
    status_changed_at: datetime | None = strawberry.field(description="When its status changed last, if it did.")
    booking_mode: BookingMode = strawberry.field(
        resolver=of(resolve.mode_of), description="Who makes its orders final."
    )
    confirm_seconds: int = strawberry.field(description="How long it may take to answer an order, with CONFIRM.")
    created_at: datetime = strawberry.field(description="When the account was opened.")

    is_type_of = record_of(HospitalAccountRow)


@strawberry.type(description="The hospital stands where it was asked to, by this call or before.")
class HospitalStatusChanged:
    account: HospitalAccount = strawberry.field(description="The account as it now is.")
    changed: bool = strawberry.field(description="False when it stood so before.")

    is_type_of = record_of(HospitalStatusChangedRecord)


@strawberry.input(description="Whether the caller's hospital takes bookings.")
class SetHospitalOnlineInput:
    online: bool = strawberry.field(description="True: patients find it and book. False: not for now.")


@strawberry.input(description="Which hospital to lock, and why.")
class LockHospitalInput:
    hospital_code: str = strawberry.field(description="The hospital's code.")
    reason: str = strawberry.field(description="Why, in words that its staff read: 1 to 300 characters.")


@strawberry.input(description="Which hospital to unlock.")
class UnlockHospitalInput:
    hospital_code: str = strawberry.field(description="The hospital's code.")


SetHospitalOnlineResult = Annotated[
    HospitalStatusChanged | HospitalLocked | NotFound | InvalidInput,
    strawberry.union("SetHospitalOnlineResult", description="The account, or why it stands as it did."),
]
LockHospitalResult = Annotated[
    HospitalStatusChanged | NotFound | InvalidInput,
    strawberry.union("LockHospitalResult", description="The account, or why it stands as it did."),
]


@strawberry.type
class HospitalAccountQuery:
    @answers(
        HospitalAccount | None,
        "The account of the caller's hospital, for its staff and its system; null for the platform's staff.",
        only=IsHospitalStaffOrSystem,
    )
    def my_hospital_account(self, info: Context) -> Awaitable[HospitalAccountRow | None]:
        return resolve.own(info.context)

    @answers(
        Connection[HospitalAccount],
        "Hospitals' accounts by their codes, those that patients do not find too.",
        only=may(Permission.EDIT_HOSPITALS),
    )
    def hospital_accounts(
        self,
        info: Context,
        text: Annotated[str | None, strawberry.argument(description="Part of the name or of the code.")] = None,
        status: Annotated[HospitalStatus | None, strawberry.argument(description="Only those that stand here.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[HospitalAccountRow]]:
        criteria = AccountCriteria(text.strip() or None if text is not None else None, status)
        return resolve.listed(info.context, criteria, first=first, after=after)


@strawberry.type
class HospitalAccountMutation:
    @mutates(
        SetHospitalOnlineResult,
        "Have the caller's hospital take bookings, or none for now. Its orders stay. Not while the platform has it "
        "locked. Recorded.",
        only=may_or_hospital_system(Permission.EDIT_OWN_CATALOGUE),
    )
    def set_hospital_online(
        self, info: Context, input: Annotated[SetHospitalOnlineInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[StatusAnswer]:
        return resolve.set_online(info.context, online=input.online)

    @mutates(
        LockHospitalResult,
        "Lock a hospital: its pushes are refused and nothing can be booked; its orders stay. Its staff are told why. "
        "Recorded.",
        only=may(Permission.EDIT_HOSPITALS),
    )
    def lock_hospital(
        self, info: Context, input: Annotated[LockHospitalInput, strawberry.argument(description="Which, and why.")]
    ) -> Awaitable[LockAnswer]:
        return resolve.lock(info.context, input.hospital_code, input.reason)

    @mutates(
        LockHospitalResult,
        "Unlock a hospital. It is OFFLINE then, as what it has on sale is older than the lock. Recorded.",
        only=may(Permission.EDIT_HOSPITALS),
    )
    def unlock_hospital(
        self, info: Context, input: Annotated[UnlockHospitalInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[LockAnswer]:
        return resolve.unlock(info.context, input.hospital_code)
