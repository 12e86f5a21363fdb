"""Who may use each query and mutation: the whole of it, in one table. A field without a row fails the tests.

What a caller may see *within* a field (own data only) is proved beside each feature, with somebody else's token.
"""

from domain.permissions import GRANTS, Permission, Role

VISITOR = "visitor"
USER = "user"
HOSPITAL_SYSTEM = "hospital system"
STAFF = {role: f"staff: {role}" for role in Role}
CALLERS = (VISITOR, USER, HOSPITAL_SYSTEM, *STAFF.values())

EVERYBODY = frozenset(CALLERS)
USERS = frozenset({USER})
HOSPITAL_SYSTEMS = frozenset({HOSPITAL_SYSTEM})
ANY_STAFF = frozenset(STAFF.values())
SIGNED_IN = USERS | ANY_STAFF


def granted(*permissions: Permission) -> frozenset[str]:
    """Staff whose role grants at least one of these."""
    return frozenset(STAFF[role] for role, grants in GRANTS.items() if grants & set(permissions))


QUERIES: dict[str, frozenset[str]] = {
    "node": EVERYBODY,
    "nodes": EVERYBODY,
    "hospitals": EVERYBODY,
    "hospital": EVERYBODY,
    "department": EVERYBODY,
    "doctor": EVERYBODY,
    "doctors": EVERYBODY,
    "bookableDays": EVERYBODY,
    "schedules": EVERYBODY,
    "schedule": EVERYBODY,
    "dictRoots": EVERYBODY,
    "dictItem": EVERYBODY,
    "dictTree": EVERYBODY,
    "dictMap": EVERYBODY,
    "regionFullName": EVERYBODY,
    "me": USERS,
    "mySessions": SIGNED_IN,
    "_service": EVERYBODY,
    "_entities": EVERYBODY,
}

MUTATIONS: dict[str, frozenset[str]] = {
    "upsertHospital": HOSPITAL_SYSTEMS,
    "upsertDepartment": HOSPITAL_SYSTEMS,
    "upsertDoctor": HOSPITAL_SYSTEMS,
    "upsertSchedule": HOSPITAL_SYSTEMS,
    "upsertDepartments": HOSPITAL_SYSTEMS,
    "upsertDoctors": HOSPITAL_SYSTEMS,
    "upsertSchedules": HOSPITAL_SYSTEMS,
    "removeDepartments": HOSPITAL_SYSTEMS,
    "removeDoctors": HOSPITAL_SYSTEMS,
    "removeSchedules": HOSPITAL_SYSTEMS,
    "withdrawSchedules": HOSPITAL_SYSTEMS,
    "requestLoginCode": EVERYBODY,
    "signInWithPhone": EVERYBODY,
    "refreshSession": EVERYBODY,
    "signOut": EVERYBODY,
    "signOutEverywhere": SIGNED_IN,
    "endSession": SIGNED_IN,
    "updateProfile": USERS,
    "requestPhoneChangeCode": USERS,
    "changePhone": USERS,
    "requestAccountDeletion": USERS,
    "cancelAccountDeletion": USERS,
}
