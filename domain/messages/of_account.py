"""What people are told about their own accounts: verification, exports, bans, new devices."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import BookingOrder
from datasources.sql.data_export import DataExport, ExportState
from datasources.sql.verification_request import VerificationRequest, VerificationRequestState
from domain.identity.accounts import Account, AccountKind
from domain.messages.kinds import MessageKind
from domain.messages.telling import Message, Subject, ToStaff, ToUser, tell

LONGEST_DEVICE = 80


async def tell_of_decision(session: AsyncSession, decided: VerificationRequest, now: datetime) -> None:
    """A reviewer has decided."""
    passed = decided.state == VerificationRequestState.VERIFIED
    kind = MessageKind.VERIFICATION_PASSED if passed else MessageKind.VERIFICATION_REJECTED
    subject = Subject("verification", str(decided.id))
    await tell(session, Message(kind, ToUser(decided.user_id), {}, f"{kind}:{decided.id}", subject), now)


async def tell_of_export(session: AsyncSession, export: DataExport, now: datetime) -> None:
    """An export is ready or was given up; its expiry nobody is told of."""
    subject, to = Subject("data_export", str(export.id)), ToUser(export.user_id)
    if export.state == ExportState.READY and export.expires_at is not None:
        kind, said = MessageKind.EXPORT_READY, {"expires_at": export.expires_at.isoformat()}
        await tell(session, Message(kind, to, said, f"{kind}:{export.id}", subject), now)
    if export.state == ExportState.FAILED:
        kind = MessageKind.EXPORT_FAILED
        await tell(session, Message(kind, to, {}, f"{kind}:{export.id}", subject), now)


async def tell_of_ban(session: AsyncSession, order: BookingOrder, ban: BookingBan, now: datetime) -> None:
    """The visit that was missed last has brought a ban."""
    said = {"patient": order.masked_patient_name, "no_shows": str(ban.no_shows), "until": ban.until.isoformat()}
    key, subject = f"{MessageKind.BOOKING_BANNED}:{ban.id}", Subject("booking_ban", str(ban.id))
    await tell(session, Message(MessageKind.BOOKING_BANNED, ToUser(order.user_id), said, key, subject), now)


async def tell_of_lifted_ban(session: AsyncSession, user_id: UUID, ban: BookingBan, now: datetime) -> None:
    """The person may be booked for again."""
    key, subject = f"{MessageKind.BAN_LIFTED}:{ban.id}", Subject("booking_ban", str(ban.id))
    await tell(session, Message(MessageKind.BAN_LIFTED, ToUser(user_id), {}, key, subject), now)


async def tell_of_new_device(
    session: AsyncSession, account: Account, session_id: UUID, device: str, now: datetime
) -> None:
    """Somebody signed in with a device that this account has not been seen on."""
    said = {"device": device[:LONGEST_DEVICE], "at": now.isoformat()}
    to = ToUser(account.id) if account.kind is AccountKind.USER else ToStaff(account.id)
    key, subject = f"{MessageKind.NEW_DEVICE}:{session_id}", Subject("session", str(session_id))
    await tell(session, Message(MessageKind.NEW_DEVICE, to, said, key, subject), now)
