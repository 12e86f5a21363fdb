"""What people wrote to the platform's telephones, for administrators."""

from uuid import UUID

from datasources.sql.sms_inbox import ReceivedCriteria, SmsInbox
from datasources.sql.sms_received import ReceivedMeaning, SmsReceived
from domain.identity.phones import normal_phone
from domain.masking import mask_phone
from domain.page import Page
from domain.permissions import Permission
from domain.sms.phones.reports import RECEIVED_PHONE_FIELD, RECEIVED_TEXT_FIELD
from domain.sms.queueing import PHONE_INDEX
from resolvers.context import RequestContext
from resolvers.given import given_uuid
from resolvers.listing import by_moment, sql_page
from resolvers.staff_callers import staff_with

_NOBODY = UUID(int=0)  # what an id that names nothing is looked for by


async def received(
    context: RequestContext,
    meaning: ReceivedMeaning | None,
    phone_id: str | None,
    sender: str | None,
    *,
    first: int,
    after: str | None,
) -> Page[SmsReceived]:
    """Received messages, the latest first."""
    staff_with(context, Permission.EDIT_SMS)
    index = None if sender is None else context.ring.blind_index(PHONE_INDEX, normal_phone(sender) or sender.strip())
    criteria = ReceivedCriteria(meaning, None if phone_id is None else given_uuid(phone_id) or _NOBODY, index)
    return await sql_page(
        context,
        by_moment("receivedSms", lambda each: each.received_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: SmsInbox(session).page(criteria, behind, limit),
        count=lambda session: SmsInbox(session).count(criteria),
    )


def masked_sender(context: RequestContext, row: SmsReceived) -> str:
    """Who wrote it, masked."""
    return mask_phone(
        context.ring.open(RECEIVED_PHONE_FIELD, str(row.id), row.sealed_phone).get_secret_value().decode()
    )


def text(context: RequestContext, row: SmsReceived) -> str:
    """What they wrote."""
    return context.ring.open(RECEIVED_TEXT_FIELD, str(row.id), row.sealed_text).get_secret_value().decode()
