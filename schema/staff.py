"""Staff accounts, and how those above them manage them."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from datasources.sql.staff_account import StaffAccount, StaffStatus
from domain.page import Page
from domain.permissions import Permission, Role
from domain.staff import administration
from domain.staff.administration import Denied, NewStaff
from resolvers import staff
from schema.binding import After, Context, First, answers, described_enum, mutates, of
from schema.connection import Connection
from schema.permissions import may_any
from schema.problems import InvalidInput, NotAllowed, NotFound, record_of

described_enum(
    Role,
    "A staff member's part. The last two are of one hospital, the others the platform's.",
    {
        "PLATFORM_ADMINISTRATOR": "May do all that is the platform's (平台管理员).",
        "REVIEWER": "Reviews real-name verifications (审核员).",
        "OPERATOR": "Looks after users, hospitals, orders and the dictionary (运营).",
        "FINANCE": "Sees orders and handles payments and refunds (财务).",
        "READ_ONLY": "Sees everything but the audit log, changes nothing (只读).",
        "HOSPITAL_MANAGER": "Runs one hospital's part, its clerks included (医院管理员).",
        "HOSPITAL_CLERK": "Handles one hospital's orders (医院职员).",
    },
)
described_enum(
    Permission,
    "One thing that staff may do; roles grant them.",
    {
        "READ_USERS": "See users' accounts.",
        "EDIT_USERS": "Create, change and delete users' accounts.",
        "LOCK_USERS": "Lock and unlock users' accounts.",
        "READ_PATIENTS": "See patients, masked.",
        "REVIEW_VERIFICATIONS": "Review real-name verifications and see their pictures.",
        "READ_STAFF": "See staff accounts.",
        "EDIT_STAFF": "Create, change and lock staff accounts.",
        "READ_AUDIT_LOG": "Read and verify the audit log.",
        "READ_CHECKS": "See what the platform's own checks of booking found, and how its jobs run.",
        "RUN_JOBS": "Have a job run now.",
        "READ_FILES": "See files.",
        "EDIT_FILES": "Upload and delete files.",
        "EDIT_DICTIONARY": "Change the dictionary.",
        "EDIT_HOSPITALS": "Admit, change and lock hospitals.",
        "EDIT_INTEGRATION": "Issue, rotate and revoke any hospital's integration keys.",
        "READ_SMS": "See text messages, masked, and the telephones that send them.",
        "EDIT_SMS": "Enrol, pause and revoke these telephones; cancel and resend messages.",
        "EDIT_ANNOUNCEMENTS": "Write, publish and withdraw the platform's announcements and any hospital's notices.",
        "READ_MESSAGES": "See what people are told, masked, the words it is told in, and broadcasts.",
        "SEND_MESSAGES": "Write to an account, to any hospital's holders of numbers or to everybody; retry messages.",
        "EDIT_TEMPLATES": "Change the words of messages.",
        "READ_ORDERS": "See orders; a hospital's staff see their own hospital's.",
        "EDIT_ORDERS": "Change orders; a hospital's staff change their own hospital's.",
        "READ_FINANCE": "See payments and refunds.",
        "EDIT_FINANCE": "Refund and reconcile.",
        "MODERATE_DISCUSSION": "Show and hide posts and replies of the discussion area.",
        "EDIT_OWN_CATALOGUE": "Change the own hospital's catalogue.",
        "EDIT_OWN_STAFF": "Create, change and lock the own hospital's clerks.",
        "EDIT_OWN_INTEGRATION": "Set the own hospital's webhook and change its keys.",
        "EDIT_OWN_ANNOUNCEMENTS": "Write, publish and withdraw the own hospital's notices.",
        "NOTIFY_OWN_HOLDERS": "Write to those who hold numbers of the own hospital.",
        "READ_OWN_AUDIT_LOG": "Read what the audit log holds about the own hospital.",
        "RECEIVE_PATIENTS": "Check in the own hospital's patients and run its queues.",
    },
)
described_enum(
    StaffStatus,
    "Whether a staff member may sign in.",
    {"ACTIVE": "May sign in.", "LOCKED": "Locked by an administrator; every session has ended."},
)


@strawberry.type(description="The account of somebody who works for the platform or for one hospital.")
class Staff:
    id: strawberry.ID = strawberry.field(resolver=of(staff.staff_id), description="Global, opaque id.")
    sign_in_name: str = strawberry.field(description="The name to sign in with, in any letter case.")
    name: str = strawberry.field(description="The person's name.")
    hospital_code: str | None = strawberry.field(description="The hospital they work for; null for the platform's own.")
    roles: list[Role] = strawberry.field(resolver=of(staff.roles), description="Their roles.")
    permissions: list[Permission] = strawberry.field(
        resolver=of(staff.permissions), description="Everything that the roles grant together."
    )
    status: StaffStatus = strawberry.field(resolver=of(staff.status), description="Whether they may sign in.")
    must_change_password: bool = strawberry.field(
        description="Whether the password was given by somebody else and has to be changed before anything else."
    )
    has_second_factor: bool = strawberry.field(
        resolver=of(staff.has_second_factor), description="Whether signing in takes a code of an authenticator app."
    )
    recovery_codes_left: int = strawberry.field(
        resolver=of(staff.recovery_codes_left), description="Recovery codes that are still unused."
    )
    locked_until: datetime | None = strawberry.field(
        description="Until when sign-in is closed after wrong passwords; may lie in the past."
    )
    created_at: datetime = strawberry.field(description="When the account was made.")
    last_signed_in_at: datetime | None = strawberry.field(description="The last sign-in; null if there was none.")


@strawberry.type(description="The account is there. Hand the password over on a safe road.")
class StaffCreated:
    staff: Staff = strawberry.field(description="The new account.")
    initial_password: str = strawberry.field(
        resolver=of(lambda created: created.initial_password.get_secret_value()),
        description="Shown this once; it has to be changed at the first sign-in.",
    )

    is_type_of = record_of(administration.StaffCreated)


@strawberry.type(description="The account was changed.")
class StaffUpdated:
    staff: Staff = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(administration.StaffUpdated)


@strawberry.type(description="The account is locked.")
class StaffLocked:
    staff: Staff = strawberry.field(description="The account as it now is.")
    ended_sessions: int = strawberry.field(description="Sessions that were ended by it.")

    is_type_of = record_of(administration.StaffLocked)


@strawberry.type(description="The account may sign in again.")
class StaffUnlocked:
    staff: Staff = strawberry.field(description="The account as it now is.")

    is_type_of = record_of(administration.StaffUnlocked)


@strawberry.type(description="The account has a new password, no second factor, and no sessions.")
class StaffPasswordReset:
    staff: Staff = strawberry.field(description="The account as it now is.")
    initial_password: str = strawberry.field(
        resolver=of(lambda reset: reset.initial_password.get_secret_value()),
        description="Shown this once; it has to be changed at the next sign-in.",
    )

    is_type_of = record_of(administration.StaffPasswordReset)


CreateStaffResult = Annotated[
    StaffCreated | NotAllowed | NotFound | InvalidInput,
    strawberry.union("CreateStaffResult", description="What became of the new account."),
]
UpdateStaffResult = Annotated[
    StaffUpdated | NotAllowed | NotFound | InvalidInput,
    strawberry.union("UpdateStaffResult", description="What became of the change."),
]
LockStaffResult = Annotated[
    StaffLocked | NotAllowed | NotFound | InvalidInput,
    strawberry.union("LockStaffResult", description="What became of the lock."),
]
UnlockStaffResult = Annotated[
    StaffUnlocked | NotAllowed | NotFound | InvalidInput,
    strawberry.union("UnlockStaffResult", description="What became of the account."),
]
ResetStaffPasswordResult = Annotated[
    StaffPasswordReset | NotAllowed | NotFound | InvalidInput,
    strawberry.union("ResetStaffPasswordResult", description="What became of the password."),
]


@strawberry.input(description="A staff account to be made.")
class CreateStaffInput:
    sign_in_name: str = strawberry.field(
        description="3 to 64 letters, digits, dots, hyphens, underscores or @; unique in any letter case."
    )
    name: str = strawberry.field(description="The person's name, at most 50 characters.")
    roles: list[Role] = strawberry.field(description="At least one role, none with rights that the caller lacks.")
    hospital_code: str | None = strawberry.field(
        default=None,
        description="The hospital that a hospital's roles are for; a hospital's manager may leave it out.",
    )


@strawberry.input(description="What to change of a staff account; what is left out stays.")
class UpdateStaffInput:
    id: strawberry.ID = strawberry.field(description="The staff member's global id.")
    name: str | None = strawberry.field(default=None, description="The person's name, at most 50 characters.")
    roles: list[Role] | None = strawberry.field(
        default=None, description="All roles that they shall have; they count from the next request on."
    )


@strawberry.input(description="Whom to lock, and why.")
class LockStaffInput:
    id: strawberry.ID = strawberry.field(description="The staff member's global id.")
    reason: str = strawberry.field(default="", description="Why, for the audit log; at most 200 characters are kept.")


@strawberry.input(description="Whom it is about.")
class StaffInput:
    id: strawberry.ID = strawberry.field(description="The staff member's global id.")


T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is to be done, and to whom.")]
_readers = may_any(*staff.READERS)
_editors = may_any(*staff.EDITORS)


@strawberry.type
class StaffQuery:
    @answers(
        Connection[Staff],
        "Staff, by sign-in name: everybody for those who may read staff, its own for a hospital's manager.",
        only=_readers,
    )
    def staff(
        self,
        info: Context,
        text: Annotated[
            str | None, strawberry.argument(description="Part of the sign-in name or of the person's name.")
        ] = None,
        role: Annotated[Role | None, strawberry.argument(description="Only those with this role.")] = None,
        hospital_code: Annotated[str | None, strawberry.argument(description="Only this hospital's.")] = None,
        status: Annotated[StaffStatus | None, strawberry.argument(description="Only those in this state.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[StaffAccount]]:
        return staff.staff_list(
            info.context, text=text, role=role, hospital_code=hospital_code, status=status, first=first, after=after
        )


@strawberry.type
class StaffMutation:
    @mutates(CreateStaffResult, "Make a staff account; its password is generated and shown once.", only=_editors)
    def create_staff(
        self, info: Context, input: Input[CreateStaffInput]
    ) -> Awaitable[administration.StaffCreated | Denied]:
        return staff.create(info.context, NewStaff(input.sign_in_name, input.name, input.roles, input.hospital_code))

    @mutates(UpdateStaffResult, "Change a staff member's name or roles.", only=_editors)
    def update_staff(
        self, info: Context, input: Input[UpdateStaffInput]
    ) -> Awaitable[administration.StaffUpdated | Denied]:
        return staff.update(info.context, str(input.id), input.name, input.roles)

    @mutates(LockStaffResult, "Lock a staff account; its sessions end at once.", only=_editors)
    def lock_staff(self, info: Context, input: Input[LockStaffInput]) -> Awaitable[administration.StaffLocked | Denied]:
        return staff.lock(info.context, str(input.id), input.reason)

    @mutates(UnlockStaffResult, "Unlock a staff account, also after too many wrong passwords.", only=_editors)
    def unlock_staff(self, info: Context, input: Input[StaffInput]) -> Awaitable[administration.StaffUnlocked | Denied]:
        return staff.unlock(info.context, str(input.id))

    @mutates(
        ResetStaffPasswordResult,
        "Give a staff account a new password, shown once; its second factor is removed and its sessions end.",
        only=_editors,
    )
    def reset_staff_password(
        self, info: Context, input: Input[StaffInput]
    ) -> Awaitable[administration.StaffPasswordReset | Denied]:
        return staff.reset_password(info.context, str(input.id))
