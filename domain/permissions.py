"""Roles are data (a staff member has some); what each grants is code."""

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """One thing that staff may do."""

    READ_USERS = "READ_USERS"
    EDIT_USERS = "EDIT_USERS"
    LOCK_USERS = "LOCK_USERS"
    READ_PATIENTS = "READ_PATIENTS"
    REVIEW_VERIFICATIONS = "REVIEW_VERIFICATIONS"
    READ_STAFF = "READ_STAFF"
    EDIT_STAFF = "EDIT_STAFF"
    READ_AUDIT_LOG = "READ_AUDIT_LOG"
    READ_CHECKS = "READ_CHECKS"
    RUN_JOBS = "RUN_JOBS"
    READ_FILES = "READ_FILES"
    EDIT_FILES = "EDIT_FILES"
    EDIT_DICTIONARY = "EDIT_DICTIONARY"
    EDIT_HOSPITALS = "EDIT_HOSPITALS"
    EDIT_INTEGRATION = "EDIT_INTEGRATION"
    READ_SMS = "READ_SMS"
    EDIT_SMS = "EDIT_SMS"
    EDIT_ANNOUNCEMENTS = "EDIT_ANNOUNCEMENTS"
    READ_MESSAGES = "READ_MESSAGES"
    SEND_MESSAGES = "SEND_MESSAGES"
    EDIT_TEMPLATES = "EDIT_TEMPLATES"
    READ_ORDERS = "READ_ORDERS"
    EDIT_ORDERS = "EDIT_ORDERS"
    READ_FINANCE = "READ_FINANCE"
    EDIT_FINANCE = "EDIT_FINANCE"
    MODERATE_DISCUSSION = "MODERATE_DISCUSSION"
    EDIT_OWN_CATALOGUE = "EDIT_OWN_CATALOGUE"
    EDIT_OWN_STAFF = "EDIT_OWN_STAFF"
    EDIT_OWN_INTEGRATION = "EDIT_OWN_INTEGRATION"
    EDIT_OWN_ANNOUNCEMENTS = "EDIT_OWN_ANNOUNCEMENTS"
    NOTIFY_OWN_HOLDERS = "NOTIFY_OWN_HOLDERS"
    READ_OWN_AUDIT_LOG = "READ_OWN_AUDIT_LOG"
    RECEIVE_PATIENTS = "RECEIVE_PATIENTS"


class Role(StrEnum):
    """A staff member's part. The last two are of one hospital."""

    PLATFORM_ADMINISTRATOR = "PLATFORM_ADMINISTRATOR"
    REVIEWER = "REVIEWER"
    OPERATOR = "OPERATOR"
    FINANCE = "FINANCE"
    READ_ONLY = "READ_ONLY"
    HOSPITAL_MANAGER = "HOSPITAL_MANAGER"
    HOSPITAL_CLERK = "HOSPITAL_CLERK"


OF_A_HOSPITAL = frozenset(
    {
        Permission.EDIT_OWN_CATALOGUE,
        Permission.EDIT_OWN_STAFF,
        Permission.EDIT_OWN_INTEGRATION,
        Permission.EDIT_OWN_ANNOUNCEMENTS,
        Permission.NOTIFY_OWN_HOLDERS,
        Permission.READ_OWN_AUDIT_LOG,
        Permission.RECEIVE_PATIENTS,
    }
)
"""What can only be done for one hospital, by its own staff."""
_READING = frozenset(each for each in Permission if each.startswith("READ_")) - OF_A_HOSPITAL

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.PLATFORM_ADMINISTRATOR: frozenset(Permission) - OF_A_HOSPITAL,
    Role.REVIEWER: frozenset({Permission.READ_USERS, Permission.REVIEW_VERIFICATIONS, Permission.MODERATE_DISCUSSION}),
    Role.OPERATOR: frozenset(
        {
            Permission.READ_USERS,
            Permission.EDIT_USERS,
            Permission.LOCK_USERS,
            Permission.READ_PATIENTS,
            Permission.READ_ORDERS,
            Permission.EDIT_ORDERS,
            Permission.EDIT_HOSPITALS,
            Permission.EDIT_DICTIONARY,
            Permission.EDIT_ANNOUNCEMENTS,
            Permission.READ_MESSAGES,
            Permission.READ_FILES,
            Permission.READ_CHECKS,
            Permission.READ_SMS,
            Permission.MODERATE_DISCUSSION,
        }
    ),
    Role.FINANCE: frozenset({Permission.READ_ORDERS, Permission.READ_FINANCE, Permission.EDIT_FINANCE}),
    Role.READ_ONLY: _READING - {Permission.READ_AUDIT_LOG},
    Role.HOSPITAL_MANAGER: OF_A_HOSPITAL | {Permission.READ_ORDERS, Permission.EDIT_ORDERS},
    Role.HOSPITAL_CLERK: frozenset({Permission.READ_ORDERS, Permission.EDIT_ORDERS, Permission.RECEIVE_PATIENTS}),
}

HOSPITAL_ROLES = frozenset({Role.HOSPITAL_MANAGER, Role.HOSPITAL_CLERK})
"""Roles that only a hospital's staff can have; all others are the platform's."""


def granted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that these roles grant together."""
    return frozenset().union(*(GRANTS[role] for role in roles))
