"""What mutations and subscriptions tell the one who called: found nowhere else in the graph."""

from tests.resolvers.authorisation.rows import Row, Told

PROBLEMS = """AccountLocked FileInUse HospitalLocked IdempotencyKeyReused NotAllowed NotFound OtherWeChatLinked
  PatientHasLiveOrders PhoneNeeded PhoneTaken SecondFactorNeeded SessionEnded WeChatSignInEnded WrongPassword"""
"""Problems that say no more than what they are."""

TYPES: dict[str, Row] = {
    **{name: Told(clear="message code") for name in PROBLEMS.split()},
    "ConsentNeeded": Told(clear="message code kind version"),
    "InvalidInput": Told(clear="message code", parts="fields"),
    "InvalidBatch": Told(clear="message code", parts="items"),
    "FieldProblem": Told(clear="field code message"),
    "ItemProblem": Told(clear="index field code message"),
    "SessionBusy": Told(clear="message code retryAfterSeconds"),
    "SignInLocked": Told(clear="message code retryAfterSeconds"),
    "TooManyCodes": Told(clear="message code retryAfterSeconds"),
    "TooManyTries": Told(clear="message code retryAfterSeconds"),
    "WorkNeeded": Told(clear="message code challenge difficulty expiresAt"),
    "WeChatUnavailable": Told(clear="message code retryAfterSeconds"),
    "TooManyFiles": Told(clear="message code most"),
    "TooManyPatients": Told(clear="message code most"),
    "TooManyExports": Told(clear="message code nextAt"),
    "TooManyReveals": Told(clear="message code most"),
    "WrongCode": Told(clear="message code triesLeft"),
    # To a hospital's system about its own push.
    "HospitalUpserted": Told(clear="replayed", leads_to="hospital"),
    "DepartmentUpserted": Told(clear="replayed", leads_to="department"),
    "DoctorUpserted": Told(clear="replayed", leads_to="doctor"),
    "ScheduleUpserted": Told(clear="replayed", leads_to="schedule"),
    "CataloguePushed": Told(clear="created replaced removed revision replayed", parts="refused"),
    # To whoever watches a department's calendar, which is everybody's.
    "SlotAvailability": Told(clear="hospitalCode departmentCode", leads_to="days"),
    # To whoever signs in, about themselves.
    "LoginCodeSent": Told(clear="challengeId retryAfterSeconds expiresAt"),
    "SignedIn": Told(clear="accessToken expiresAt", leads_to="user"),
    "StaffSignedIn": Told(clear="accessToken expiresAt mustChangePassword", leads_to="staff"),
    "SessionRefreshed": Told(clear="accessToken expiresAt"),
    "SignedOut": Told(clear="endedSessions"),
    "WeChatSignInStarted": Told(clear="ticketId url qrCode expiresAt"),
    "WeChatSignIn": Told(clear="status expiresAt"),
    "WeChatUnlinked": Told(leads_to="user"),
    "PasswordChanged": Told(clear="endedSessions", leads_to="staff"),
    "TotpBegun": Told(clear="secret uri"),
    "TotpConfirmed": Told(clear="recoveryCodes", leads_to="staff"),
    "TotpDisabled": Told(leads_to="staff"),
    # To the owner, about what is theirs.
    "AccountChanged": Told(leads_to="user"),
    "ConsentGiven": Told(leads_to="consent"),
    "ConsentWithdrawn": Told(leads_to="consents"),
    "PatientAdded": Told(leads_to="patient"),
    "PatientUpdated": Told(leads_to="patient"),
    "PatientRemoved": Told(clear="patientId"),
    "PatientRevealed": Told(
        clear="certificateNumber phone cardNumber address", parts="emergencyContact guardian", leads_to="patient"
    ),
    "ClearContact": Told(clear="name phone"),
    "ClearGuardian": Told(clear="name certificateKind certificateNumber phone"),
    "UploadTicket": Told(clear="fileId url method expiresAt", parts="headers"),
    "HttpHeader": Told(clear="name value"),
    "UploadConfirmed": Told(leads_to="file"),
    "FileDeleted": Told(leads_to="file"),
    "DataExportRequested": Told(leads_to="export"),
    # To staff, about those whom they administer.
    "UserCreated": Told(leads_to="user"),
    "UserUpdated": Told(leads_to="user"),
    "UserLocked": Told(clear="endedSessions", leads_to="user"),
    "UserUnlocked": Told(leads_to="user"),
    "UserDeletionBegun": Told(clear="endedSessions", leads_to="user"),
    "StaffCreated": Told(clear="initialPassword", leads_to="staff"),
    "StaffUpdated": Told(leads_to="staff"),
    "StaffLocked": Told(clear="endedSessions", leads_to="staff"),
    "StaffUnlocked": Told(leads_to="staff"),
    "StaffPasswordReset": Told(clear="initialPassword", leads_to="staff"),
}
