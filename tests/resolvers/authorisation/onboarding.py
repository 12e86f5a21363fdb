"""Hospitals that join: applications, invitations to their staff, their accounts and their keys."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import (
    EVERYBODY,
    OWN_CLERK,
    OWN_MANAGER,
    OWN_SYSTEM,
    THE_OWNER,
    Open,
    Owned,
    Row,
    Told,
    Way,
    platform_staff,
)

REVIEWERS = platform_staff(Permission.EDIT_HOSPITALS)
INVITERS = platform_staff(Permission.EDIT_STAFF) | {OWN_MANAGER}
KEY_MANAGERS = platform_staff(Permission.EDIT_INTEGRATION) | {OWN_MANAGER}

TYPES: dict[str, Row] = {
    "HospitalApplication": Owned(
        clear="id number applicantId state name level regionCode address registrationNumber phone apiBase"
        " licenceFileIds submissions appliedAt submittedAt decidedAt reason hospitalCode",
        masked="contactName contactPhone",
        # Null to the applicant.
        relative="decidedBy sameNameHospitalCodes",
        at="Query.myHospitalApplications HospitalApplicationConnection.nodes HospitalApplicationEdge.node"
        " HospitalApplied.application HospitalApplicationResubmitted.application"
        " HospitalApplicationWithdrawn.application HospitalApplicationApproved.application"
        " HospitalApplicationRejected.application HospitalContactRevealed.application",
    ),
    "HospitalApplicationReceipt": Open(clear="number hospitalName state submittedAt decidedAt reason"),
    "HospitalApplied": Told(clear="receiptCode", leads_to="application"),
    "HospitalApplicationResubmitted": Told(leads_to="application"),
    "HospitalApplicationWithdrawn": Told(leads_to="application"),
    "HospitalApplicationApproved": Told(leads_to="application"),
    "HospitalApplicationRejected": Told(leads_to="application"),
    "HospitalContactRevealed": Told(clear="name phone", leads_to="application"),
    "HospitalKnown": Told(clear="message code ownNumber"),
    "TooManyApplications": Told(clear="message code most"),
    "ApplicationNotChangeable": Told(clear="message code state decidedAt"),
    "HospitalTakenUp": Told(clear="message code"),
    "StaffInvitation": Owned(
        clear="id hospitalCode roles note isOpen invitedBy createdAt expiresAt acceptedAt staffId revokedAt",
        owner=OWN_MANAGER,
        at="StaffInvitationConnection.nodes StaffInvitationEdge.node StaffInvited.invitation"
        " StaffInvitationRevoked.invitation",
    ),
    "StaffInvitationPreview": Open(clear="hospitalCode hospitalName roles expiresAt"),
    "StaffInvited": Told(clear="token link", leads_to="invitation"),
    "StaffInvitationRevoked": Told(leads_to="invitation"),
    "StaffInvitationAccepted": Told(parts="firstKey", leads_to="staff"),
    "FirstIntegrationKey": Told(clear="keyId secret"),
    "HospitalAccount": Owned(
        clear="code name status lockReason statusChangedAt bookingMode confirmSeconds createdAt",
        owner=OWN_MANAGER,
        at="Query.myHospitalAccount HospitalAccountConnection.nodes HospitalAccountEdge.node"
        " HospitalStatusChanged.account",
    ),
    "HospitalStatusChanged": Told(clear="changed", leads_to="account"),
    "IntegrationKey": Owned(
        clear="keyId hospitalCode label createdAt endsAt",
        relative="isLive lastUsedAt revokedAt",
        owner=OWN_MANAGER,
        at="Query.integrationKeys IntegrationKeyIssued.key IntegrationKeyIssued.replaced IntegrationKeyRevoked.key",
    ),
    "IntegrationKeyIssued": Told(clear="secret", leads_to="key replaced"),
    "IntegrationKeyRevoked": Told(leads_to="key"),
    "HospitalOrdersExportReady": Told(clear="url expiresAt rowCount"),
    "TooManyKeys": Told(clear="message code keyIds most"),
    "InvitationEnded": Told(clear="message code"),
    "TooManyInvitations": Told(clear="message code most"),
}

LISTS = {
    "HospitalApplicationConnection": "Query.hospitalApplications",
    "StaffInvitationConnection": "Query.staffInvitations",
    "HospitalAccountConnection": "Query.hospitalAccounts",
}

WAYS = [
    Way("myHospitalApplications", "HospitalApplication", THE_OWNER),
    Way('hospitalApplications(text: "{application_number}")', "HospitalApplication", REVIEWERS),
    Way(
        'hospitalApplicationReceipt(number: "{application_number}", receiptCode: "{receipt_code}")',
        "HospitalApplicationReceipt",
        EVERYBODY,
    ),
    Way('staffInvitations(hospitalCode: "{hospital_code}")', "StaffInvitation", INVITERS),
    Way("myHospitalAccount", "HospitalAccount", frozenset({OWN_SYSTEM, OWN_MANAGER, OWN_CLERK})),
    Way('hospitalAccounts(text: "{hospital_code}")', "HospitalAccount", REVIEWERS),
    Way('integrationKeys(hospitalCode: "{hospital_code}")', "IntegrationKey", KEY_MANAGERS),
    Way('staffInvitation(token: "{invitation_token}")', "StaffInvitationPreview", EVERYBODY),
]
