"""Staff accounts and the audit log."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import NOBODY, OWN_CLERK, OWN_MANAGER, Owned, Part, Row, Way, platform_staff

READ_STAFF = platform_staff(Permission.READ_STAFF) | {OWN_MANAGER}
READ_AUDIT_LOG = platform_staff(Permission.READ_AUDIT_LOG)

TYPES: dict[str, Row] = {
    "Staff": Owned(
        clear="id signInName name hospitalCode roles permissions status mustChangePassword hasSecondFactor"
        " recoveryCodesLeft lockedUntil createdAt lastSignedInAt",
        owner=OWN_CLERK,
        at="Query.myStaffAccount StaffConnection.nodes StaffEdge.node PasswordChanged.staff StaffCreated.staff"
        " StaffLocked.staff StaffPasswordReset.staff StaffSignedIn.staff StaffUnlocked.staff StaffUpdated.staff"
        " TotpConfirmed.staff TotpDisabled.staff StaffInvitationAccepted.staff",
    ),
    "AuditEntry": Owned(
        clear="number at actorKind actorId action subjectKind subjectId hospitalCode result address requestId",
        parts="detail",
        at="AuditEntryConnection.nodes AuditEntryEdge.node",
    ),
    "AuditDetail": Part(clear="name value", at="AuditEntry.detail"),
    "AuditCheck": Owned(
        clear="intact firstNumber", relative="lastNumber lastHash complete", parts="broken", at="Query.verifyAuditLog"
    ),
    "AuditWatch": Owned(
        relative="checkedAt intact brokenSince provedNumber provedHash wholeAt", parts="broken", at="Query.auditWatch"
    ),
    "BrokenAuditEntry": Part(clear="number fault", at="AuditCheck.broken AuditWatch.broken"),
}

LISTS = {"StaffConnection": "Query.staff", "AuditEntryConnection": "Query.auditLog"}

BY_ID = {"Staff": NOBODY}

WAYS = [
    Way("myStaffAccount", "Staff", frozenset({OWN_CLERK})),
    Way('staff(text: "{sign_in_name}")', "Staff", READ_STAFF),
    Way('staff(hospitalCode: "{hospital_code}")', "Staff", READ_STAFF),
    Way('auditLog(subjectId: "{patient_key}")', "AuditEntry", READ_AUDIT_LOG),
    Way(
        'auditLog(subjectKind: "staff", subjectId: "{staff_key}")',
        "AuditEntry/of a hospital",
        READ_AUDIT_LOG | {OWN_MANAGER},
    ),
    Way("auditWatch", "AuditWatch", READ_AUDIT_LOG),
    Way("verifyAuditLog(fromNumber: 1, toNumber: 1)", "AuditCheck", READ_AUDIT_LOG),
]
