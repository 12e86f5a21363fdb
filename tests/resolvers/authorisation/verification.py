"""Real-name verification: each owner's own, and the reviewers' queue."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import THE_OWNER, Owned, Row, Told, Way, platform_staff

REVIEWERS = platform_staff(Permission.REVIEW_VERIFICATIONS)

TYPES: dict[str, Row] = {
    "MyVerification": Owned(clear="state", leads_to="requests", at="Query.myVerification"),
    "VerificationRequest": Owned(
        clear="id userId state certificateKind frontFileId backFileId submittedAt decidedAt rejection rejectionMessage"
        " note originalsDeletedAt",
        masked="name certificateNumber",
        # Null to the owner.
        relative="decidedBy certificateVerifiedElsewhere",
        at="MyVerification.requests Query.node Query.nodes Query._entities VerificationRequestConnection.nodes"
        " VerificationRequestEdge.node VerificationSubmitted.request VerificationDecided.request"
        " VerificationRevealed.request",
    ),
    "AlreadyVerified": Told(clear="message code"),
    "CertificateVerifiedElsewhere": Told(clear="message code"),
    "VerificationUnderWay": Told(clear="message code submittedAt"),
    "TooManySubmissions": Told(clear="message code most"),
    "AlreadyDecided": Told(clear="message code state decidedAt decidedBy decidedByName"),
    "VerificationSubmitted": Told(leads_to="request"),
    "VerificationDecided": Told(leads_to="request"),
    "VerificationRevealed": Told(clear="name certificateNumber", leads_to="request"),
}

LISTS = {"VerificationRequestConnection": "Query.verificationRequests"}

BY_ID = {"VerificationRequest": THE_OWNER | REVIEWERS}

WAYS = [
    Way("myVerification", "MyVerification", THE_OWNER),
    Way("myVerification {{ requests … }}", "VerificationRequest", THE_OWNER),
    Way('verificationRequests(submittedFrom: "{submitted_at}")', "VerificationRequest", REVIEWERS),
]
