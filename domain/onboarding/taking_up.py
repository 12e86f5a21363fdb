"""Whoever applied for a hospital that was approved fetches the link by which its first manager joins."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.database import Database
from datasources.sql.hospital_application import ApplicationState
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from datasources.sql.staff_invitation import InviterKind, StaffInvitations
from domain.onboarding.applying import ApplicationNotChangeable
from domain.patients.changes import Owner
from domain.permissions import Role
from domain.problems import NotFound
from domain.staff.invitations import NewInvitation, StaffInvited, TooManyInvitations, has_manager, open_invitation

LINK_HOURS = 72


@dataclass(frozen=True, slots=True)
class HospitalTakenUp:
    """The hospital has a manager, who invites all others."""


TakeUpAnswer = StaffInvited | NotFound | ApplicationNotChangeable | HospitalTakenUp | TooManyInvitations


async def take_up_hospital(database: Database, owner: Owner, id: UUID) -> TakeUpAnswer:
    """A fresh link for the hospital's first manager, the applicant or somebody they choose; those made before open
    nothing any more. Not once the hospital has a manager."""
    async with database.unit_of_work() as session:
        application = await HospitalApplicationReads(session).by_id(id, user_id=owner.user_id, for_change=True)
        if application is None:
            return NotFound()
        state, code = ApplicationState(application.state), application.hospital_code
        if state is not ApplicationState.APPROVED or code is None:
            return ApplicationNotChangeable(state, application.decided_at)
        if await has_manager(session, code):
            return HospitalTakenUp()
        now, invitations = owner.actor.now, StaffInvitations(session)
        await invitations.revoke_all_by(InviterKind.USER, owner.user_id, code, now)
        new = NewInvitation(code, [Role.HOSPITAL_MANAGER], "", LINK_HOURS)
        return await open_invitation(session, code, new, (InviterKind.USER, owner.user_id), owner.actor)
