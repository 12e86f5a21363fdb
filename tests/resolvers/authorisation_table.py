"""Who may use each query, mutation and subscription, in one place. A field without a row fails the tests.

What a caller sees *behind* a field (own things only, masked or not) and may name in an input is the matter of
`tests/resolvers/authorisation/`: a new type, field, query or input that names something needs a row there too.
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
    "myPatients": USERS,
    "myConsents": USERS,
    "consentTexts": EVERYBODY,
    "myFiles": SIGNED_IN,
    "myDataExports": USERS,
    "fileLink": SIGNED_IN,
    "filesArchiveLink": SIGNED_IN,
    "files": granted(Permission.READ_FILES),
    "myVerification": USERS,
    "verificationRequests": granted(Permission.REVIEW_VERIFICATIONS),
    "myBookingBans": USERS,
    "bookingBansOfUser": granted(Permission.READ_PATIENTS),
    "patientsOfUser": granted(Permission.READ_PATIENTS),
    "myStaffAccount": ANY_STAFF,
    "staff": granted(Permission.READ_STAFF, Permission.EDIT_OWN_STAFF),
    "auditLog": granted(Permission.READ_AUDIT_LOG, Permission.READ_OWN_AUDIT_LOG),
    "auditWatch": granted(Permission.READ_AUDIT_LOG),
    "verifyAuditLog": granted(Permission.READ_AUDIT_LOG),
    "users": granted(Permission.READ_USERS),
    "user": granted(Permission.READ_USERS),
    "userSessions": granted(Permission.READ_USERS),
    "myOrders": USERS,
    "orders": granted(Permission.READ_ORDERS) | HOSPITAL_SYSTEMS,
    "bookingPreview": USERS,
    "paymentChannels": EVERYBODY,
    "financePayments": granted(Permission.READ_FINANCE),
    "financeRefunds": granted(Permission.READ_FINANCE),
    "financeItems": granted(Permission.READ_FINANCE),
    "financeTotals": granted(Permission.READ_FINANCE),
    "reconciledDays": granted(Permission.READ_FINANCE),
    "myWaitlist": USERS,
    "queueDisplay": EVERYBODY,
    "hospitalEventLog": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "bookingInvariantReport": granted(Permission.READ_CHECKS),
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
    "startWeChatSignIn": EVERYBODY,
    "finishWeChatSignIn": EVERYBODY,
    "requestWeChatPhoneCode": EVERYBODY,
    "bindWeChatPhone": EVERYBODY,
    "unlinkWeChat": USERS,
    "refreshSession": EVERYBODY,
    "signOut": EVERYBODY,
    "signOutEverywhere": SIGNED_IN,
    "endSession": SIGNED_IN,
    "updateProfile": USERS,
    "requestPhoneChangeCode": USERS,
    "changePhone": USERS,
    "requestAccountDeletion": USERS,
    "cancelAccountDeletion": USERS,
    "addPatient": USERS,
    "updatePatient": USERS,
    "removePatient": USERS,
    "requestRevealCode": USERS,
    "revealPatient": USERS,
    "requestDataExportCode": USERS,
    "requestDataExport": USERS,
    "checkIn": USERS,
    "checkInByCode": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "checkInByCertificate": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "callNext": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "passOver": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "completeOrder": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "cancelOrder": USERS,
    "cancelOrderForUser": granted(Permission.EDIT_ORDERS),
    "rescheduleOrder": USERS,
    "excuseNoShow": granted(Permission.EDIT_ORDERS),
    "payOrder": USERS,
    "checkPayments": USERS,
    "resolveFinanceItem": granted(Permission.EDIT_FINANCE),
    "reconcileDay": granted(Permission.EDIT_FINANCE),
    "exportFinance": granted(Permission.READ_FINANCE),
    "liftBookingBan": granted(Permission.EDIT_USERS),
    "giveConsent": USERS,
    "withdrawConsent": USERS,
    "requestUpload": SIGNED_IN,
    "confirmUpload": SIGNED_IN,
    "deleteFile": SIGNED_IN,
    "viewIdentityPicture": granted(Permission.REVIEW_VERIFICATIONS),
    "submitVerification": USERS,
    "revealVerification": granted(Permission.REVIEW_VERIFICATIONS),
    "decideVerification": granted(Permission.REVIEW_VERIFICATIONS),
    "createOrder": USERS,
    "requestBookingCode": USERS,
    "createUser": granted(Permission.EDIT_USERS),
    "updateUser": granted(Permission.EDIT_USERS),
    "lockUser": granted(Permission.LOCK_USERS),
    "unlockUser": granted(Permission.LOCK_USERS),
    "deleteUser": granted(Permission.EDIT_USERS),
    "signInAsStaff": EVERYBODY,
    "changeMyPassword": ANY_STAFF,
    "beginTotp": ANY_STAFF,
    "confirmTotp": ANY_STAFF,
    "disableTotp": ANY_STAFF,
    "createStaff": granted(Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF),
    "updateStaff": granted(Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF),
    "lockStaff": granted(Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF),
    "unlockStaff": granted(Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF),
    "resetStaffPassword": granted(Permission.EDIT_STAFF, Permission.EDIT_OWN_STAFF),
    "joinWaitlist": USERS,
    "leaveWaitlist": USERS,
    "acceptWaitlistOffer": USERS,
}

SUBSCRIPTIONS: dict[str, frozenset[str]] = {
    "hospitalEvents": granted(Permission.RECEIVE_PATIENTS) | HOSPITAL_SYSTEMS,
    "queueDisplay": EVERYBODY,
    "scheduleAvailability": EVERYBODY,
    "slotAvailability": EVERYBODY,
    "weChatSignIn": EVERYBODY,
    "myOrders": USERS,
    "myWaitlist": USERS,
}
