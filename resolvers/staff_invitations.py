"""Invitations to hospitals' staff: made, listed and revoked by those above, and accepted by whoever holds the link."""

from uuid import UUID

from datasources.sql.staff_invitation import InviterKind, StaffInvitation, StaffInvitations
from domain.global_id import NodeKind, global_id
from domain.page import Page
from domain.permissions import Role
from domain.problems import NotFound
from domain.staff import invitations
from domain.staff.authority import reach
from domain.staff.invitations import (
    Acceptance,
    AcceptAnswer,
    InvitationPreview,
    InvitationRevoked,
    InviteAnswer,
    NewInvitation,
    StaffInvited,
)
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_moment, sql_page
from resolvers.staff import EDITORS
from resolvers.staff_callers import staff_with

PATH = "/join"


async def invite(context: RequestContext, new: NewInvitation) -> InviteAnswer:
    """Make an invitation."""
    caller = staff_with(context, *EDITORS)
    return await invitations.invite_staff(context.stores.sql, caller, new, actor(context))


async def revoke(context: RequestContext, id: str) -> InvitationRevoked | NotFound:
    """Have a link open nothing any more."""
    caller = staff_with(context, *EDITORS)
    try:
        key = UUID(id)
    except ValueError:
        return NotFound()
    return await invitations.revoke_invitation(context.stores.sql, caller, key, actor(context))


async def accept(context: RequestContext, acceptance: Acceptance) -> AcceptAnswer:
    """Make the account that a link is for."""
    return await invitations.accept_invitation(context.stores, context.ring, acceptance, actor(context))


async def preview(context: RequestContext, token: str) -> InvitationPreview | None:
    """What an open link is for."""
    return await invitations.preview(context.stores, token, actor(context))


async def listed(
    context: RequestContext, hospital_code: str | None, *, first: int, after: str | None
) -> Page[StaffInvitation]:
    """A hospital's invitations, the latest first: one's own hospital's, or any for whom manages all staff."""
    within = reach(staff_with(context, *EDITORS))
    wanted = hospital_code if within is None else within
    if hospital_code not in (None, wanted):
        wanted = None
    return await sql_page(
        context,
        by_moment("staffInvitations", lambda row: row.created_at, lambda row: row.id),
        first,
        after,
        read=lambda session, before, limit: StaffInvitations(session).page(wanted or "", before, limit),
        count=lambda session: StaffInvitations(session).count(wanted or ""),
    )


def link(context: RequestContext, invited: StaffInvited) -> str:
    """The page that opens the invitation. The token stands behind `#`, so it is sent to no server by itself."""
    return f"{context.payments.site_url.rstrip('/')}{PATH}#{invited.token.get_secret_value()}"


def roles(invitation: StaffInvitation) -> list[Role]:
    """What the account is to be."""
    return [Role(role) for role in invitation.roles]


def is_open(context: RequestContext, invitation: StaffInvitation) -> bool:
    """Whether it can still be accepted."""
    ended = invitation.accepted_at is not None or invitation.revoked_at is not None
    return not ended and context.clock() < invitation.expires_at


def inviter(invitation: StaffInvitation) -> str:
    """The global id of whoever invites."""
    kind = NodeKind.STAFF if invitation.inviter_kind == InviterKind.STAFF else NodeKind.USER
    return global_id(kind, invitation.inviter_id)


def staff(invitation: StaffInvitation) -> str | None:
    """The global id of the account that it became."""
    return None if invitation.staff_id is None else global_id(NodeKind.STAFF, invitation.staff_id)
