"""The outbox of messages to people, as those see it who look after it."""

from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.outgoing_reads import OutboxCriteria, OutgoingReads
from domain.masking import mask_name
from domain.messages import outbox
from domain.messages.relay import IN_APP, SMS
from domain.page import Page
from domain.permissions import Permission
from domain.problems import NotAllowed, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.given import given_uuid
from resolvers.listing import by_moment, sql_page
from resolvers.staff_callers import staff_with


async def messages(
    context: RequestContext, criteria: OutboxCriteria, *, first: int, after: str | None
) -> Page[OutgoingMessage]:
    """Messages, the latest first."""
    staff_with(context, Permission.READ_MESSAGES)
    return await sql_page(
        context,
        by_moment("outgoingMessages", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: OutgoingReads(session).page(criteria, behind, limit),
        count=lambda session: OutgoingReads(session).count(criteria),
    )


async def retry(context: RequestContext, id: str) -> outbox.MessageRetried | NotFound | NotAllowed:
    """Have a message told after all that was given up."""
    staff_with(context, Permission.SEND_MESSAGES)
    key = given_uuid(id)
    return NotFound() if key is None else await outbox.retry(context.stores.sql, key, actor(context))


async def receiver(context: RequestContext, row: OutgoingMessage) -> str:
    """Who is told: a masked phone, a masked name of staff, or a hospital's code."""
    if row.user_id is not None:
        user = await context.loaders.user_by_id.load(row.user_id)
        return "" if user is None else user.masked_phone
    if row.staff_id is not None:
        staff = await context.loaders.staff_by_id.load(row.staff_id)
        return "" if staff is None else mask_name(staff.name)
    return row.hospital_code or ""


def receiver_kind(row: OutgoingMessage) -> str:
    """What kind of receiver that is."""
    if row.user_id is not None:
        return "USER"
    return "STAFF" if row.staff_id is not None else "HOSPITAL"


def in_app(row: OutgoingMessage) -> str | None:
    """What became of it in the app."""
    return row.fates.get(IN_APP) or None


def by_sms(row: OutgoingMessage) -> str | None:
    """What became of it by SMS."""
    return row.fates.get(SMS) or None
