"""What people are told, and who looks after that."""

from tests.resolvers.authorisation.rows import (
    CALLERS,
    OTHER_SYSTEM,
    OTHER_USER,
    OWN_SYSTEM,
    OWNER,
    THE_OWNER,
    Owned,
    Part,
    Row,
    Told,
    Way,
)
from tests.resolvers.authorisation_table import VISITOR

USERS = frozenset({OWNER, OTHER_USER})
SIGNED_IN = frozenset(CALLERS) - {VISITOR, OWN_SYSTEM, OTHER_SYSTEM}

TYPES: dict[str, Row] = {
    "Notification": Owned(
        clear="id kind title body subjectKind subjectId createdAt readAt",
        at="NotificationConnection.nodes NotificationEdge.node NotificationsState.latest",
    ),
    # To everybody about what is their own.
    "NotificationsState": Owned(
        relative="unreadCount", leads_to="latest", at="Query.myNotificationsState Subscription.myNotifications"
    ),
    "NotificationsRead": Told(clear="markedCount unreadCount"),
    "MessageSettings": Owned(
        relative="language", parts="kinds", at="Query.myMessageSettings MessageSettingsChanged.settings"
    ),
    "MessageSetting": Part(relative="kind sms canChoose", at="MessageSettings.kinds"),
    "MessageSettingsChanged": Told(leads_to="settings"),
}

LISTS = {"NotificationConnection": "Query.myNotifications"}

WAYS = [
    Way("myNotifications(first: 100)", "Notification", THE_OWNER),
    Way("myNotificationsState", "NotificationsState", SIGNED_IN),
    Way("myNotificationsState {{ latest … }}", "Notification", THE_OWNER),
    Way("myMessageSettings", "MessageSettings", USERS),
]
