"""What people are told in the app, and how they want to be told."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated

import strawberry

from datasources.sql.notification import Notification as NotificationRow
from domain import problems
from domain.language import Language
from domain.live.own_notifications import OwnNotifications
from domain.messages import choosing
from domain.messages.kinds import MessageKind
from domain.page import Page
from resolvers import notifications
from schema import message_kinds as message_kinds
from schema.binding import After, Context, First, answers, mutates, of, on, watches
from schema.connection import Connection
from schema.permissions import IsUser, IsUserOrStaff
from schema.problems import InvalidInput, record_of
from schema.sharing import Sharing


@strawberry.type(description="Something that the caller was told.")
class Notification:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda row: str(row.id)), description="For `markNotificationsRead`."
    )
    kind: MessageKind = strawberry.field(
        resolver=of(lambda row: MessageKind(row.kind)), description="What it tells of."
    )
    title: str = strawberry.field(resolver=on(notifications.title), description="In the request's language.")
    body: str = strawberry.field(resolver=on(notifications.body), description="In the request's language.")
    subject_kind: str | None = strawberry.field(
        resolver=of(lambda row: row.subject_kind or None),
        description="What it is about: `order`, `waitlist_entry`, `verification`, `data_export`, `session`, …",
    )
    subject_id: strawberry.ID | None = strawberry.field(
        resolver=of(notifications.subject_id), description="Its id; of orders and waitlist entries the global one."
    )
    created_at: dt.datetime = strawberry.field(description="When it was told.")
    read_at: dt.datetime | None = strawberry.field(description="When it was marked as read; null while it is unread.")

    is_type_of = record_of(NotificationRow)


@strawberry.type(description="How the caller's notifications stand.")
class NotificationsState:
    unread_count: int = strawberry.field(description="How many are unread.")
    latest: list[Notification] = strawberry.field(description="The latest 20, read or not.")

    is_type_of = record_of(OwnNotifications)


@strawberry.type(description="Notifications are marked as read.")
class NotificationsRead:
    marked_count: int = strawberry.field(description="How many were unread before.")
    unread_count: int = strawberry.field(description="How many still are.")

    is_type_of = record_of(notifications.NotificationsRead)


@strawberry.type(description="Whether a kind of message goes to the caller by SMS. Every kind is told in the app.")
class MessageSetting:
    kind: MessageKind = strawberry.field(description="Which kind.")
    sms: bool = strawberry.field(description="Whether it goes by SMS.")
    can_choose: bool = strawberry.field(description="Whether that can be changed: not where it is needed.")

    is_type_of = record_of(choosing.KindSetting)


@strawberry.type(description="How the caller is told.")
class MessageSettings:
    language: Language = strawberry.field(description="The language of text messages.")
    kinds: list[MessageSetting] = strawberry.field(description="Each kind that can go by SMS.")

    is_type_of = record_of(choosing.MessageSettings)


@strawberry.type(description="The caller is told otherwise from now on.")
class MessageSettingsChanged:
    settings: MessageSettings = strawberry.field(description="As they now are.")

    is_type_of = record_of(notifications.MessageSettingsChanged)


@strawberry.input(description="Which notifications have been read.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These; at most 100.")
    all: bool = strawberry.field(default=False, description="All, instead of some.")


@strawberry.input(description="Whether a kind of message is wanted by SMS.")
class SmsChoiceInput:
    kind: MessageKind = strawberry.field(description="Which kind.")
    wanted: bool = strawberry.field(description="Whether it is wanted.")


@strawberry.input(description="How the caller wants to be told. What is left out stays as it is.")
class ChangeMessageSettingsInput:
    language: Language | None = strawberry.field(default=None, description="The language of text messages.")
    sms: list[SmsChoiceInput] | None = strawberry.field(default=None, description="Choices for some kinds.")


MarkNotificationsReadResult = Annotated[
    NotificationsRead | InvalidInput,
    strawberry.union("MarkNotificationsReadResult", description="What became of marking."),
]
ChangeMessageSettingsResult = Annotated[
    MessageSettingsChanged | InvalidInput,
    strawberry.union("ChangeMessageSettingsResult", description="What became of the change."),
]


@strawberry.type
class NotificationQuery:
    @answers(Connection[Notification], "What the caller was told, the latest first.", only=IsUserOrStaff)
    def my_notifications(
        self,
        info: Context,
        unread_only: Annotated[bool, strawberry.argument(description="Leave out those that were read.")] = False,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[NotificationRow]]:
        return notifications.my_notifications(info.context, unread_only=unread_only, first=first, after=after)

    @answers(NotificationsState, "How many are unread, and the latest.", only=IsUserOrStaff)
    def my_notifications_state(self, info: Context) -> Awaitable[OwnNotifications]:
        return notifications.my_state(info.context)

    @answers(MessageSettings, "How the caller is told, by SMS or in the app alone.", only=IsUser)
    def my_message_settings(self, info: Context) -> Awaitable[choosing.MessageSettings]:
        return notifications.my_settings(info.context)


@strawberry.type
class NotificationMutation:
    @mutates(
        MarkNotificationsReadResult,
        "Mark some or all of the caller's notifications as read. Marking again changes nothing.",
        only=IsUserOrStaff,
    )
    def mark_notifications_read(
        self,
        info: Context,
        input: Annotated[MarkNotificationsReadInput, strawberry.argument(description="Which ones.")],
    ) -> Awaitable[notifications.NotificationsRead | problems.InvalidInput]:
        ids = None if input.ids is None else [str(id) for id in input.ids]
        return notifications.mark_read(info.context, ids, everything=input.all)

    @mutates(ChangeMessageSettingsResult, "Change how the caller is told.", only=IsUser)
    def change_message_settings(
        self,
        info: Context,
        input: Annotated[ChangeMessageSettingsInput, strawberry.argument(description="What is to change.")],
    ) -> Awaitable[notifications.MessageSettingsChanged | problems.InvalidInput]:
        sms = {choice.kind: choice.wanted for choice in input.sms or ()}
        return notifications.change_settings(info.context, input.language, sms)


@strawberry.type
class NotificationSubscription:
    @watches(
        NotificationsState,
        "How the caller's notifications stand: at once, then whenever one comes or is read.",
        only=IsUserOrStaff,
        sharing=Sharing.CALLER,
    )
    def my_notifications(self, info: Context) -> AsyncGenerator[OwnNotifications, None]:
        return notifications.watch(info.context)
