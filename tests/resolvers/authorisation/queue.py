"""Checking in, sessions' queues, and what the platform's check of booking found."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import EVERYBODY, Open, Owned, Part, Row, Told, Way, platform_staff

READ_CHECKS = platform_staff(Permission.READ_CHECKS)

TYPES: dict[str, Row] = {
    "CheckedIn": Told(clear="queueNumber room peopleAhead checkedInAt", leads_to="order"),
    "PatientCheckedIn": Told(parts="visits"),
    "PatientCalled": Told(clear="room timesCalled", leads_to="order"),
    "PatientPassedOver": Told(clear="peopleAhead", leads_to="order"),
    "OrderCompleted": Told(leads_to="order"),
    "CheckInNotOpen": Told(clear="message code opensAt"),
    "CheckInClosed": Told(clear="message code closedAt"),
    "NotPaid": Told(clear="message code state lapsesAt"),
    "OrderEnded": Told(clear="message code state"),
    "TooManyMisses": Told(clear="message code retryAfterSeconds"),
    "QueueEmpty": Told(clear="message code"),
    "NotCalled": Told(clear="message code"),
    "NotInQueue": Told(clear="message code state"),
    # On a screen in the hall: it names nobody.
    "QueueDisplay": Open(clear="hospitalCode departmentCode date halfDay", leads_to="queues"),
    "DisplayedQueue": Open(clear="doctorName doctorTitle waitingCount", leads_to="called waiting"),
    "QueuedPerson": Open(clear="number name room calledAt timesCalled"),
    "BookingInvariantReport": Owned(
        relative="openBreaches openDrifts",
        leads_to="lastRun lastWholeRun openFindings endedFindings",
        at="Query.bookingInvariantReport",
    ),
    "InvariantRun": Part(
        clear="scope beganAt endedAt sessionsChecked textsChecked breaches drifts repaired",
        at="BookingInvariantReport.lastRun BookingInvariantReport.lastWholeRun",
    ),
    "InvariantFinding": Part(
        clear="kind isBreach state hospitalCode scheduleId firstSeenAt lastSeenAt",
        parts="detail",
        at="BookingInvariantReport.openFindings BookingInvariantReport.endedFindings",
    ),
    "InvariantDetail": Part(clear="name value", at="InvariantFinding.detail"),
}

WAYS = [
    Way(
        'queueDisplay(hospitalCode: "{hospital_code}", departmentCode: "11", date: "2026-11-20", halfDay: AM)',
        "QueueDisplay",
        EVERYBODY,
    ),
    Way("bookingInvariantReport", "BookingInvariantReport", READ_CHECKS),
]
