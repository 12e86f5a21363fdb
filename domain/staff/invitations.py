"""Joining a hospital's staff by a link: made for one person, good once and for some days, kept only as a hash.

The link's token stands behind `#`, so no server's log ever has it. Whoever accepts chooses the password, so nobody else
ever knows it. The first manager of a hospital that has had no integration key is given its first one, once.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.integration_key import IntegrationKeys
from datasources.sql.staff_account import StaffAccount, StaffAccounts, StaffCriteria, StaffStatus
from datasources.sql.staff_invitation import InviterKind, StaffInvitation, StaffInvitations
from datasources.sql.user_account import UserAccounts, UserStatus
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.identity.guesses import count_guess, uncount_guess
from domain.integration.keys import IssuedKey, issue_key
from domain.language import Words
from domain.messages.of_hospital import tell_of_key, tell_of_new_staff
from domain.permissions import Role, granted
from domain.problems import FieldProblem, InvalidInput, NotAllowed, NotFound, ProblemCode
from domain.staff.authority import fit_together, may_invite, reach
from domain.staff.entry import NO_HOSPITAL, NO_ROLES, TAKEN, WRONG_HOSPITAL, entry_problems
from domain.staff.password_policy import password_problem
from domain.staff.passwords import password_hash

MOST_HOURS = 7 * 24
MOST_OPEN = 20
LONGEST_NOTE = 50
FIRST_KEY_LABEL = "first"
_GUESS = "invitation"

_HOURS = Words("须为 1 至 {most} 小时。", "It must be 1 to {most} hours.")
_NOTE = Words("备注最多 {most} 字，不含控制字符。", "A note has at most {most} characters, none of them control.")


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation to be made."""

    hospital_code: str | None
    roles: Sequence[Role]
    note: str
    hours: int


@dataclass(frozen=True, slots=True)
class StaffInvited:
    """The invitation is open. Its token is shown this once."""

    invitation: StaffInvitation
    token: SecretStr


@dataclass(frozen=True, slots=True)
class InvitationRevoked:
    """The link opens nothing any more."""

    invitation: StaffInvitation


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What somebody who holds a link's token wants to be called, and the password that they chose."""

    token: str = field(repr=False)
    sign_in_name: str
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InvitationAccepted:
    """The account is there; its owner signs in with it."""

    staff: StaffAccount
    first_key: IssuedKey | None
    """For the first manager of a hospital that has had no key: the only moment at which anyone sees its secret."""


@dataclass(frozen=True, slots=True)
class InvitationEnded:
    """There is no such invitation, or it was used, revoked or out of time; which of these is not said."""


@dataclass(frozen=True, slots=True)
class TooManyInvitations:
    """The hospital has as many open invitations as it may."""

    most: int = MOST_OPEN


@dataclass(frozen=True, slots=True)
class InvitationPreview:
    """What whoever holds an open link is told of it."""

    hospital_code: str
    hospital_name: str
    roles: Sequence[Role]
    expires_at: datetime


InviteAnswer = StaffInvited | InvalidInput | NotAllowed | TooManyInvitations
AcceptAnswer = InvitationAccepted | InvalidInput | InvitationEnded


async def invite_staff(database: Database, caller: StaffMember, new: NewInvitation, actor: Actor) -> InviteAnswer:
    """Make an invitation. A hospital's manager invites to the manager's own hospital alone."""
    hospital_code = new.hospital_code if caller.hospital_code is None else new.hospital_code or caller.hospital_code
    problems = _problems(new, hospital_code)
    if problems:
        return InvalidInput(problems)
    if not may_invite(caller, new.roles) or caller.hospital_code not in {None, hospital_code}:
        return NotAllowed(ProblemCode.BEYOND_OWN_RIGHTS)
    async with database.unit_of_work() as session:
        if hospital_code is None or await HospitalAccounts(session).get(hospital_code) is None:
            return InvalidInput([FieldProblem("hospitalCode", ProblemCode.UNKNOWN_REFERENCE, NO_HOSPITAL)])
        inviter = InviterKind.STAFF, caller.staff_id
        return await open_invitation(session, hospital_code, new, inviter, actor)


async def open_invitation(
    session: AsyncSession, hospital_code: str, new: NewInvitation, inviter: tuple[InviterKind, UUID], actor: Actor
) -> StaffInvited | TooManyInvitations:
    """The same, for who was found to be allowed it, within the caller's unit of work; recorded."""
    # Locked before counting, so that the limit holds exactly.
    await IntegrationKeys(session).lock_hospital(hospital_code)
    invitations = StaffInvitations(session)
    if await invitations.open_count(hospital_code, actor.now) >= MOST_OPEN:
        return TooManyInvitations()
    token = secrets.token_urlsafe(32)
    invitation = StaffInvitation(
        id=uuid7(),
        hospital_code=hospital_code,
        roles=[role.value for role in Role if role in new.roles],
        note=new.note.strip(),
        token_hash=token_hash(token),
        inviter_kind=inviter[0],
        inviter_id=inviter[1],
        created_at=actor.now,
        expires_at=actor.now + timedelta(hours=new.hours),
    )
    await invitations.add(invitation)
    detail = {"roles": invitation.roles}
    await AuditLog(session).append(
        actor.act("STAFF_INVITED", "staff_invitation", invitation.id, hospital_code=hospital_code, detail=detail)
    )
    return StaffInvited(invitation, SecretStr(token))


async def revoke_invitation(
    database: Database, caller: StaffMember, id: UUID, actor: Actor
) -> InvitationRevoked | NotFound:
    """Have a link open nothing any more."""
    async with database.unit_of_work() as session:
        revoked = await StaffInvitations(session).revoke(id, actor.now, within=reach(caller))
        if revoked is None:
            return NotFound()
        act = actor.act("STAFF_INVITATION_REVOKED", "staff_invitation", id, hospital_code=revoked.hospital_code)
        await AuditLog(session).append(act)
    return InvitationRevoked(revoked)


async def preview(stores: Stores, token: str, actor: Actor) -> InvitationPreview | None:
    """What an open link is for; None for any other. Refused (RATE_LIMITED) after too many of those."""
    await count_guess(stores, _GUESS, actor.address)
    async with stores.sql.read() as session:
        found = await StaffInvitations(session).by_token(token_hash(token))
        if found is None or not await _holds(session, found, actor.now):
            return None
        hospital = await HospitalAccounts(session).get(found.hospital_code)
    await uncount_guess(stores, _GUESS, actor.address)
    roles = [Role(role) for role in found.roles]
    return InvitationPreview(found.hospital_code, "" if hospital is None else hospital.name, roles, found.expires_at)


async def accept_invitation(stores: Stores, ring: KeyRing, acceptance: Acceptance, actor: Actor) -> AcceptAnswer:
    """Make the account that a link is for. Of two at once one gets it; a taken name leaves the link as it was.
    Refused (RATE_LIMITED) after too many tokens that open nothing."""
    await count_guess(stores, _GUESS, actor.address)
    async with stores.sql.read() as session:
        found = await StaffInvitations(session).by_token(token_hash(acceptance.token))
        if found is None or not await _holds(session, found, actor.now):
            return InvitationEnded()
    await uncount_guess(stores, _GUESS, actor.address)
    sign_in_name = acceptance.sign_in_name.strip()
    roles = [Role(role) for role in found.roles]
    problems = entry_problems(sign_in_name, acceptance.name, roles)
    weak = password_problem(acceptance.password, sign_in_name, "password")
    if problems or weak is not None:
        return InvalidInput([*problems, *([] if weak is None else [weak])])
    account = StaffAccount(
        id=uuid.uuid4(),
        sign_in_name=sign_in_name,
        name=acceptance.name.strip(),
        hospital_code=found.hospital_code,
        roles=found.roles,
        password_hash=await password_hash(acceptance.password),
    )
    try:
        async with stores.sql.unit_of_work() as session:
            return await _accepted(session, ring, found.id, found.token_hash, account, actor)
    except IntegrityError as error:
        if "staff_account_sign_in_name" not in str(error.orig):
            raise
        return InvalidInput([FieldProblem("signInName", ProblemCode.DUPLICATE, TAKEN)])


async def has_manager(session: AsyncSession, hospital_code: str) -> bool:
    """Whether the hospital has had somebody to run it, locked or not."""
    criteria = StaffCriteria(within=hospital_code, role=Role.HOSPITAL_MANAGER)
    return await StaffAccounts(session).count(criteria) > 0


def token_hash(token: str) -> bytes:
    """What is kept of a token. 32 random bytes can't be guessed from a plain hash."""
    return hashlib.sha256(token.strip().encode()).digest()


async def _accepted(
    session: AsyncSession, ring: KeyRing, id: UUID, hashed: bytes, account: StaffAccount, actor: Actor
) -> InvitationAccepted | InvitationEnded:
    invitations, hospital_code = StaffInvitations(session), account.hospital_code or ""
    await IntegrationKeys(session).lock_hospital(hospital_code)
    locked = await invitations.by_token(hashed, for_change=True)
    if locked is None or not await _holds(session, locked, actor.now):
        return InvitationEnded()
    await StaffAccounts(session).add(account)
    if not await invitations.accept(id, account.id, actor.now):
        raise LookupError(f"the invitation {id} was held and has ended all the same")
    first_key = None
    if Role.HOSPITAL_MANAGER in account.roles and not await IntegrationKeys(session).in_order(hospital_code):
        first_key = await issue_key(session, ring, hospital_code, FIRST_KEY_LABEL)
        await tell_of_key(session, hospital_code, first_key.key_id, actor.now, ended=False)
    await tell_of_new_staff(session, hospital_code, account.id, account.name, actor.now)
    log = AuditLog(session)
    detail = {"sign_in_name": account.sign_in_name, "roles": account.roles, "invitation": str(id)}
    await log.append(actor.act("STAFF_JOINED", "staff", account.id, hospital_code=hospital_code, detail=detail))
    if first_key is not None:
        by = {"invitation": str(id)}
        await log.append(
            actor.act("KEY_ISSUED", "integration_key", first_key.key_id, hospital_code=hospital_code, detail=by)
        )
    return InvitationAccepted(account, first_key)


async def _holds(session: AsyncSession, invitation: StaffInvitation, now: datetime) -> bool:
    """Whether it can be accepted: it is open, and whoever made it could make it today."""
    if invitation.accepted_at is not None or invitation.revoked_at is not None or invitation.expires_at <= now:
        return False
    if invitation.inviter_kind == InviterKind.USER:
        applicant = await UserAccounts(session).get(invitation.inviter_id)
        active = applicant is not None and applicant.status == UserStatus.ACTIVE
        return active and not await has_manager(session, invitation.hospital_code)
    inviter = await StaffAccounts(session).get(invitation.inviter_id)
    if inviter is None or inviter.status != StaffStatus.ACTIVE:
        return False
    known = [Role(role) for role in inviter.roles if role in set(Role)]
    as_caller = StaffMember(inviter.id, inviter.id, inviter.hospital_code, granted(known))
    return may_invite(as_caller, [Role(role) for role in invitation.roles])


def _problems(new: NewInvitation, hospital_code: str | None) -> list[FieldProblem]:
    problems = []
    if not new.roles:
        problems.append(FieldProblem("roles", ProblemCode.MISSING, NO_ROLES))
    elif hospital_code is None or not fit_together(new.roles, hospital_code):
        problems.append(FieldProblem("hospitalCode", ProblemCode.MALFORMED, WRONG_HOSPITAL))
    note = new.note.strip()
    if len(note) > LONGEST_NOTE or not note.isprintable():
        problems.append(FieldProblem("note", ProblemCode.MALFORMED, _NOTE, {"most": LONGEST_NOTE}))
    if not 1 <= new.hours <= MOST_HOURS:
        problems.append(FieldProblem("expiresInHours", ProblemCode.OUT_OF_RANGE, _HOURS, {"most": MOST_HOURS}))
    return problems
