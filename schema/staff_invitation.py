"""Joining a hospital's staff by a link."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from datasources.sql.staff_invitation import StaffInvitation as StaffInvitationRow
from domain.page import Page
from domain.permissions import Role
from domain.problems import NotFound as NotFoundRecord
from domain.staff import invitations
from domain.staff.invitations import Acceptance, AcceptAnswer, InviteAnswer, NewInvitation
from resolvers import staff as staff_resolvers
from resolvers import staff_invitations as resolve
from schema.binding import After, Context, First, answers, mutates, of, on
from schema.connection import Connection
from schema.onboarding_problems import InvitationEnded, TooManyInvitations
from schema.permissions import may_any
from schema.problems import InvalidInput, NotAllowed, NotFound, record_of
from schema.staff import Staff


@strawberry.type(description="An invitation to join a hospital's staff. Its link is shown once, when it is made.")
class StaffInvitation:
    id: strawberry.ID = strawberry.field(resolver=of(lambda row: str(row.id)), description="For what is done to it.")
    hospital_code: str = strawberry.field(description="The hospital whose staff it is about.")
    roles: list[Role] = strawberry.field(resolver=of(resolve.roles), description="What the new account may be.")
    note: str = strawberry.field(description="Whom it is for, in the inviter's words; may be empty.")
    is_open: bool = strawberry.field(resolver=on(resolve.is_open), description="Whether it can still be accepted.")
    invited_by: strawberry.ID = strawberry.field(
        resolver=of(resolve.inviter), description="Global id of the staff member, or of the applicant, who invites."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")
    accepted_at: datetime | None = strawberry.field(description="When it was accepted; null if it was not.")
    staff_id: strawberry.ID | None = strawberry.field(
        resolver=of(resolve.staff), description="Global id of the account that it became."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null if it was not.")

    is_type_of = record_of(StaffInvitationRow)


@strawberry.type(description="What an open invitation is for, to whoever holds its link.")
class StaffInvitationPreview:
    hospital_code: str = strawberry.field(description="The hospital that invites.")
    hospital_name: str = strawberry.field(description="Its name.")
    roles: list[Role] = strawberry.field(description="What the new account may be.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")

    is_type_of = record_of(invitations.InvitationPreview)


@strawberry.type(description="The invitation is open. Hand its link to whom it is for: whoever has it can accept it.")
class StaffInvited:
    invitation: StaffInvitation = strawberry.field(description="The invitation.")
    token: str = strawberry.field(
        resolver=of(lambda invited: invited.token.get_secret_value()),
        description="What `acceptStaffInvitation` asks for. Shown this once.",
    )
    link: str = strawberry.field(
        resolver=on(resolve.link), description="The page that opens it; the token stands behind `#`. Shown this once."
    )

    is_type_of = record_of(invitations.StaffInvited)


@strawberry.type(description="The link opens nothing any more.")
class StaffInvitationRevoked:
    invitation: StaffInvitation = strawberry.field(description="The invitation as it now is.")

    is_type_of = record_of(invitations.InvitationRevoked)


@strawberry.type(description="An integration key's id and secret: the only moment at which anyone sees them together.")
class FirstIntegrationKey:
    key_id: str = strawberry.field(description="The key's id.")
    secret: str = strawberry.field(
        resolver=of(lambda key: key.secret.get_secret_value()), description="What requests are signed with."
    )


@strawberry.type(description="The account is there; `signInAsStaff` takes its name and password.")
class StaffInvitationAccepted:
    staff: Staff = strawberry.field(description="The account.")
    first_key: FirstIntegrationKey | None = strawberry.field(
        description="For the first manager of a hospital that has had no integration key: its first, shown this once."
    )

    is_type_of = record_of(invitations.InvitationAccepted)


@strawberry.input(description="Who is to join.")
class InviteStaffInput:
    roles: list[Role] = strawberry.field(description="HOSPITAL_MANAGER, HOSPITAL_CLERK or both.")
    hospital_code: str | None = strawberry.field(
        default=None, description="The hospital; a hospital's manager may leave it out."
    )
    note: str = strawberry.field(default="", description="Whom it is for, at most 50 characters; for the list alone.")
    expires_in_hours: int = strawberry.field(default=72, description="How long it can be accepted: 1 to 168 hours.")


@strawberry.input(description="Which invitation to revoke.")
class RevokeStaffInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation's id.")


@strawberry.input(description="The account that is to be made.")
class AcceptStaffInvitationInput:
    token: str = strawberry.field(description="What stands behind `#` in the link.")
    sign_in_name: str = strawberry.field(
        description="3 to 64 letters, digits, dots, hyphens, underscores or @; unique in any letter case."
    )
    name: str = strawberry.field(description="The person's name, at most 50 characters.")
    password: str = strawberry.field(description="12 to 128 characters, long rather than odd.")


InviteStaffResult = Annotated[
    StaffInvited | InvalidInput | NotAllowed | TooManyInvitations,
    strawberry.union("InviteStaffResult", description="The invitation, or why there is none."),
]
RevokeStaffInvitationResult = Annotated[
    StaffInvitationRevoked | InvalidInput | NotFound,
    strawberry.union("RevokeStaffInvitationResult", description="The invitation, or that there is no open one."),
]
AcceptStaffInvitationResult = Annotated[
    StaffInvitationAccepted | InvalidInput | InvitationEnded,
    strawberry.union("AcceptStaffInvitationResult", description="The account, or why there is none."),
]

T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="What it is about, and what to do.")]
_editors = may_any(*staff_resolvers.EDITORS)


@strawberry.type
class StaffInvitationQuery:
    @answers(
        Connection[StaffInvitation],
        "A hospital's invitations, the latest first: the own hospital's, or that of the given code for whom manages "
        "all staff.",
        only=_editors,
    )
    def staff_invitations(
        self,
        info: Context,
        hospital_code: Annotated[str | None, strawberry.argument(description="The hospital.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[StaffInvitationRow]]:
        return resolve.listed(info.context, hospital_code, first=first, after=after)

    @answers(
        StaffInvitationPreview | None,
        "What an open invitation is for, to whoever holds its link; null for any other token. Too many of those from "
        "one network are refused (RATE_LIMITED).",
    )
    def staff_invitation(
        self,
        info: Context,
        token: Annotated[str, strawberry.argument(description="What stands behind `#` in the link.")],
    ) -> Awaitable[invitations.InvitationPreview | None]:
        return resolve.preview(info.context, token)


@strawberry.type
class StaffInvitationMutation:
    @mutates(
        InviteStaffResult,
        "Have somebody join a hospital's staff by a link that is good once. A hospital's manager invites managers and "
        "clerks of the own hospital; who manages all staff invites to any, a first manager too. Recorded.",
        only=_editors,
    )
    def invite_staff(self, info: Context, input: Sent[InviteStaffInput]) -> Awaitable[InviteAnswer]:
        new = NewInvitation(input.hospital_code, input.roles, input.note, input.expires_in_hours)
        return resolve.invite(info.context, new)

    @mutates(RevokeStaffInvitationResult, "Have a link open nothing any more. Recorded.", only=_editors)
    def revoke_staff_invitation(
        self, info: Context, input: Sent[RevokeStaffInvitationInput]
    ) -> Awaitable[invitations.InvitationRevoked | NotFoundRecord]:
        return resolve.revoke(info.context, str(input.invitation_id))

    @mutates(
        AcceptStaffInvitationResult,
        "Make the account that a link is for, with a password that nobody else knows. The hospital's staff are told. "
        "Too many tokens that open nothing from one network are refused (RATE_LIMITED). Recorded.",
        only=None,
    )
    def accept_staff_invitation(
        self, info: Context, input: Sent[AcceptStaffInvitationInput]
    ) -> Awaitable[AcceptAnswer]:
        acceptance = Acceptance(input.token, input.sign_in_name, input.name, input.password)
        return resolve.accept(info.context, acceptance)
