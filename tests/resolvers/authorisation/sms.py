"""Text messages: what telephones are told, and what those see who look after them."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import Owned, Part, Row, Told, Way, platform_staff

READ_SMS = platform_staff(Permission.READ_SMS)

TYPES: dict[str, Row] = {
    # To the telephone that sends it, and to no other: tests/resolvers/test_sms_line.py.
    "OutgoingSms": Told(clear="id attempt kind phone text simSlot secondsLeft"),
    "SmsPhoneEnrolled": Told(clear="name token"),
    "SmsClaimed": Told(clear="seconds"),
    "SmsReported": Told(clear="state"),
    "ReceivedSmsKept": Told(clear="isNew"),
    "SmsPhoneHeard": Told(clear="nextInSeconds"),
    # To the staff who act.
    "SmsPhoneInvited": Told(clear="code qrCode expiresAt", parts="phone"),
    "SmsPhoneChanged": Told(parts="phone"),
    "SmsPhoneRevoked": Told(parts="phone"),
    "SmsQueueMoved": Told(clear="messages"),
    "SmsTestQueued": Told(leads_to="message"),
    "SmsCancelled": Told(leads_to="message"),
    "SmsQueuedAgain": Told(leads_to="message"),
    "SmsOperations": Owned(
        relative="waiting oldestWaitingSince oldestCodeSince",
        leads_to="phones providers lastHour alarms",
        at="Query.smsOperations",
    ),
    "SmsPhoneState": Part(
        clear="isSilent partsInHalfHour partsToday openMessages", parts="phone", at="SmsOperations.phones"
    ),
    "SmsPhone": Part(
        clear="id name createdAt enrolledAt revokedAt pausedAt simSlot partsPerHalfHour partsPerDay failuresInARow"
        " lastBeatAt batteryPercent charging signalPercent journalOpen hungCalls appVersion radio",
        parts="sims",
        at="SmsPhoneState.phone SmsPhoneInvited.phone SmsPhoneChanged.phone SmsPhoneRevoked.phone",
    ),
    "SmsSim": Part(clear="slot carrier", at="SmsPhone.sims"),
    "SmsProviderHealth": Part(
        clear="route failuresInARow restUntil lastProblem lastOkAt", at="SmsOperations.providers"
    ),
    "SmsAttemptGroup": Part(clear="route phoneId outcome reason attempts parts", at="SmsOperations.lastHour"),
    "SmsRaisedAlarm": Part(clear="kind phoneId", at="SmsOperations.alarms"),
    "ReceivedSms": Owned(
        clear="id text meaning phoneId sentAt receivedAt",
        masked="maskedSender",
        at="ReceivedSmsConnection.nodes ReceivedSmsEdge.node",
    ),
    "SmsMessageEntry": Owned(
        clear="id kind template parts state reason attempt route phoneId createdAt notBefore expiresAt handedAt"
        " finishedAt",
        masked="maskedPhone",
        at="SmsMessageEntryConnection.nodes SmsMessageEntryEdge.node SmsTestQueued.message SmsCancelled.message"
        " SmsQueuedAgain.message",
    ),
}

LISTS = {"SmsMessageEntryConnection": "Query.smsMessages", "ReceivedSmsConnection": "Query.receivedSms"}

WAYS = [
    Way('receivedSms(sender: "{received_from}")', "ReceivedSms", platform_staff(Permission.EDIT_SMS)),
    Way("smsOperations", "SmsOperations", READ_SMS),
    Way("smsMessages(kind: TEST, first: 100)", "SmsMessageEntry", READ_SMS),
]
