"""Accounts, their sessions and consents, and patients."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import NOBODY, THE_OWNER, Owned, Part, Row, Way, platform_staff

READ_USERS = platform_staff(Permission.READ_USERS)
READ_PATIENTS = platform_staff(Permission.READ_PATIENTS)

TYPES: dict[str, Row] = {
    "User": Owned(
        clear="id nickname verification status createdAt lastSignedInAt deleteAfter",
        masked="phone name",
        at="Query.me Query.user Query.node Query.nodes Query._entities UserConnection.nodes UserEdge.node"
        " AccountChanged.user SignedIn.user UserCreated.user UserDeletionBegun.user UserLocked.user UserUnlocked.user"
        " UserUpdated.user WeChatUnlinked.user",
    ),
    "SignInSession": Owned(
        clear="id device createdAt lastUsedAt expiresAt",
        masked="address",
        relative="current",
        at="Query.mySessions Query.userSessions",
    ),
    "Consent": Owned(
        clear="kind version givenAt withdrawnAt",
        at="Query.myConsents ConsentGiven.consent ConsentWithdrawn.consents",
    ),
    "Patient": Owned(
        clear="id certificateKind checkAtDesk sex age maritalStatus insuranceKind regionCode regionName createdAt"
        " updatedAt bannedUntil",
        masked="certificateNumber phone cardNumber address",
        masked_to_others="name",
        null_to_others="birthDate",
        parts="emergencyContact guardian",
        at="Query.myPatients Query.patientsOfUser Query.node Query.nodes Query._entities PatientAdded.patient"
        " PatientUpdated.patient PatientRevealed.patient Order.patient",
    ),
    "EmergencyContact": Part(masked="name phone", at="Patient.emergencyContact"),
    "Guardian": Part(clear="certificateKind", masked="name certificateNumber phone", at="Patient.guardian"),
}

LISTS = {"UserConnection": "Query.users"}

BY_ID = {"User": THE_OWNER | READ_USERS, "Patient": THE_OWNER}

WAYS = [
    Way("me", "User", THE_OWNER),
    Way('user(id: "{User}")', "User", READ_USERS),
    Way('users(text: "{phone}")', "User", READ_USERS),
    Way("mySessions", "SignInSession", THE_OWNER),
    Way('userSessions(id: "{User}")', "SignInSession", READ_USERS),
    Way("myConsents", "Consent", THE_OWNER),
    Way("myPatients", "Patient", THE_OWNER),
    Way("myOrders {{ nodes {{ patient … }} }}", "Patient", THE_OWNER),
    Way('orders(userId: "{User}") {{ nodes {{ patient … }} }}', "Patient", NOBODY),
    Way('patientsOfUser(userId: "{User}")', "Patient", READ_PATIENTS),
]
