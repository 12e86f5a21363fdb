"""What people are told about hospitals: applications, who joined the staff, keys, and the platform's lock."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_application import ApplicationState, HospitalApplication
from domain.masking import mask_name
from domain.messages.kinds import MessageKind
from domain.messages.telling import Message, Subject, ToHospital, ToUser, tell

_OF_STATE = {
    ApplicationState.SUBMITTED: MessageKind.HOSPITAL_APPLIED,
    ApplicationState.APPROVED: MessageKind.HOSPITAL_APPROVED,
    ApplicationState.REJECTED: MessageKind.HOSPITAL_REJECTED,
}


async def tell_of_application(session: AsyncSession, application: HospitalApplication, now: datetime) -> None:
    """It was handed in, approved or rejected: its state says which."""
    kind = _OF_STATE[ApplicationState(application.state)]
    said = {"hospital": application.name, "number": application.number}
    if kind is MessageKind.HOSPITAL_REJECTED:
        said["reason"] = application.reason or ""
    key = f"{kind}:{application.id}:{application.submissions}"
    subject = Subject("hospital_application", str(application.id))
    await tell(session, Message(kind, ToUser(application.user_id), said, key, subject), now)


async def tell_of_new_staff(
    session: AsyncSession, hospital_code: str, staff_id: UUID, name: str, now: datetime
) -> None:
    """Somebody accepted an invitation to the hospital's staff."""
    kind, subject = MessageKind.STAFF_JOINED, Subject("staff", str(staff_id))
    said = {"name": mask_name(name)}
    await tell(session, Message(kind, ToHospital(hospital_code), said, f"{kind}:{staff_id}", subject), now)


async def tell_of_key(session: AsyncSession, hospital_code: str, key_id: str, now: datetime, *, ended: bool) -> None:
    """The hospital got an integration key, or one was revoked."""
    kind = MessageKind.KEY_REVOKED if ended else MessageKind.KEY_ISSUED
    subject = Subject("integration_key", key_id)
    message = Message(kind, ToHospital(hospital_code), {"key": key_id}, f"{kind}:{key_id}", subject)
    await tell(session, message, now)


async def tell_of_lock(session: AsyncSession, hospital_code: str, reason: str | None, now: datetime) -> None:
    """The platform locked the hospital for this reason, or unlocked it (None)."""
    subject, to = Subject("hospital", hospital_code), ToHospital(hospital_code)
    kind = MessageKind.HOSPITAL_UNLOCKED if reason is None else MessageKind.HOSPITAL_LOCKED
    said = {} if reason is None else {"reason": reason}
    key = f"{kind}:{hospital_code}:{now.isoformat()}"
    await tell(session, Message(kind, to, said, key, subject), now)
