"""What the caller is told in the app, and how they want to be told."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from datasources.sql.notification import Notification, Notifications
from domain.callers import SignedInUser, StaffMember
from domain.global_id import NodeKind, global_id
from domain.language import Language, Words
from domain.live.changes import note_notification_change
from domain.live.own_notifications import OwnNotifications, own_notifications, watch_own_notifications
from domain.messages import choosing
from domain.messages.kinds import MessageKind
from domain.page import Page
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext
from resolvers.listing import by_moment, sql_page
from resolvers.patients import owner_of

MOST_MARKED = 100

_SIGN_IN = Words("请先登录。", "Sign in first.")
_EITHER = Words("请给出要标记的消息（ids），或以 all: true 标记全部。", "Name some (ids), or mark all (all: true).")
_TOO_MANY = Words("一次最多标记 {most} 条。", "At most {most} are marked at once.")
_NODES = {"order": NodeKind.ORDER, "waitlist_entry": NodeKind.WAITLIST_ENTRY}


@dataclass(frozen=True, slots=True)
class NotificationsRead:
    """Some are marked as read."""

    marked_count: int
    unread_count: int


@dataclass(frozen=True, slots=True)
class MessageSettingsChanged:
    """The caller is told otherwise from now on."""

    settings: choosing.MessageSettings


async def my_notifications(
    context: RequestContext, *, unread_only: bool, first: int, after: str | None
) -> Page[Notification]:
    """The caller's own, the latest first."""
    own = recipient_of(context)
    return await sql_page(
        context,
        by_moment("myNotifications", lambda each: each.created_at, lambda each: each.id),
        first,
        after,
        read=lambda session, behind, limit: Notifications(session).page(
            own, limit, behind=behind, unread_only=unread_only
        ),
        count=lambda session: Notifications(session).count(own, unread_only=unread_only),
    )


async def my_state(context: RequestContext) -> OwnNotifications:
    """How the caller's own stand."""
    return await own_notifications(context.stores, recipient_of(context))


async def watch(context: RequestContext) -> AsyncGenerator[OwnNotifications, None]:
    """How the caller's own stand, now and whenever that differs."""
    states = watch_own_notifications(context.stores, recipient_of(context), context.clock)
    async with aclosing(states):
        async for state in states:
            yield state


async def mark_read(
    context: RequestContext, ids: list[str] | None, *, everything: bool
) -> NotificationsRead | InvalidInput:
    """Mark the caller's own as read; what is somebody else's, or read, is left as it is."""
    own = recipient_of(context)
    if bool(ids) == everything:
        return InvalidInput([FieldProblem("ids", ProblemCode.MISSING, _EITHER)])
    if ids is not None and len(ids) > MOST_MARKED:
        return InvalidInput([FieldProblem("ids", ProblemCode.TOO_LONG, _TOO_MANY, {"most": MOST_MARKED})])
    named = None if everything else [id for each in ids or () if (id := _uuid(each)) is not None]
    async with context.stores.sql.unit_of_work() as session:
        notifications = Notifications(session)
        marked = await notifications.mark_read(own, named, context.clock())
        unread = await notifications.count(own, unread_only=True)
        if marked:
            note_notification_change(session, own)
    return NotificationsRead(marked, unread)


async def my_settings(context: RequestContext) -> choosing.MessageSettings:
    """How the caller is told."""
    return await choosing.settings_of(context.stores.sql, owner_of(context).user_id)


async def change_settings(
    context: RequestContext, language: Language | None, sms: Mapping[MessageKind, bool]
) -> MessageSettingsChanged | InvalidInput:
    """Change how the caller is told."""
    answer = await choosing.choose(context.stores.sql, owner_of(context).user_id, language, sms)
    return answer if isinstance(answer, InvalidInput) else MessageSettingsChanged(answer)


def title(context: RequestContext, notification: Notification) -> str:
    """In the request's language."""
    return str(notification.texts[context.language]["title"])


def body(context: RequestContext, notification: Notification) -> str:
    """In the request's language."""
    return str(notification.texts[context.language]["body"])


def subject_id(notification: Notification) -> str | None:
    """The global id of what it is about, where that has one; else the id by which the graph names it."""
    kind = _NODES.get(notification.subject_kind)
    if not notification.subject_id:
        return None
    return notification.subject_id if kind is None else global_id(kind, notification.subject_id)


def recipient_of(context: RequestContext) -> UUID:
    """The caller's own account, of either kind."""
    match context.caller:
        case SignedInUser(user_id=id) | StaffMember(staff_id=id):
            return id
        case _:
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
