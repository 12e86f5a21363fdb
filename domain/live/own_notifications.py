"""What an account is told in the app, as it comes."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

from datasources.live.changes import Change
from datasources.live.topics import notifications_topic
from datasources.sql.notification import Notification, Notifications
from datasources.stores import Stores
from domain.clock import Clock
from domain.live.states import Seen, latest_states

MOST = 20


@dataclass(frozen=True, slots=True)
class OwnNotifications:
    """How many are unread, and the latest. Equal when a watcher would see no difference."""

    unread_count: int
    latest: list[Notification] = field(compare=False)
    marks: tuple[tuple[UUID, bool], ...]
    """Which are the latest, and whether each was read."""


async def own_notifications(stores: Stores, recipient_id: UUID) -> OwnNotifications:
    """How an account's notifications stand."""
    async with stores.sql.read() as session:
        notifications = Notifications(session)
        latest = list(await notifications.page(recipient_id, MOST))
        unread = await notifications.count(recipient_id, unread_only=True)
    return OwnNotifications(unread, latest, tuple((each.id, each.read_at is not None) for each in latest))


def watch_own_notifications(stores: Stores, recipient_id: UUID, clock: Clock) -> AsyncGenerator[OwnNotifications, None]:
    """How they stand now, then again whenever that differs."""

    async def read(_changed: frozenset[type[Change]]) -> Seen[OwnNotifications]:
        return Seen(await own_notifications(stores, recipient_id))

    return latest_states(stores, [notifications_topic(recipient_id)], read, clock)
