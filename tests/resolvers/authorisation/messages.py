"""What people are told, and who looks after that."""

from domain.permissions import Permission
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
    platform_staff,
)
from tests.resolvers.authorisation_table import VISITOR

READ_CHECKS = platform_staff(Permission.READ_CHECKS)
USERS = frozenset({OWNER, OTHER_USER})
SIGNED_IN = frozenset(CALLERS) - {VISITOR, OWN_SYSTEM, OTHER_SYSTEM}

TYPES: dict[str, Row] = {
    "Notification": Owned(
        clear="id kind title body subjectKind subjectId createdAt readAt",
        at="NotificationConnection.nodes NotificationEdge.node NotificationsState.latest",
    ),
    "Job": Owned(clear="name description atSeconds longestSeconds", parts="runs", at="Query.jobs"),
    "JobRun": Part(relative="id job worker outcome beganAt seconds problem wasAskedFor", at="Job.runs JobAsked.run"),
    "Worker": Owned(clear="name beganAt beatAt", relative="isAlive", at="Query.workers"),
    "JobAsked": Told(leads_to="run"),
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
    Way("jobs", "Job", READ_CHECKS),
    Way("workers", "Worker", READ_CHECKS),
    Way("myMessageSettings", "MessageSettings", USERS),
]
