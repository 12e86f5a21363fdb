"""What people can be told, as the graph names it."""

from domain.language import Language
from domain.messages.kinds import MessageKind
from schema.binding import described_enum

described_enum(
    MessageKind,
    "What somebody is told.",
    {
        "ORDER_REQUESTED": "A number is asked for; the hospital has to confirm it.",
        "ORDER_RESERVED": "A number is held and has to be paid.",
        "ORDER_BOOKED": "A number is booked that costs nothing, or nothing yet.",
        "ORDER_PAID": "A number is paid and booked.",
        "ORDER_REJECTED": "The hospital did not accept the booking.",
        "ORDER_UNANSWERED": "The hospital did not answer in time.",
        "ORDER_UNPAID": "The order lapsed unpaid.",
        "ORDER_CANCELLED": "The patient's account cancelled the order.",
        "ORDER_CANCELLED_BY_HOSPITAL": "The hospital cancelled the order.",
        "ORDER_CANCELLED_BY_PLATFORM": "The platform cancelled the order.",
        "ORDER_RESCHEDULED": "The order moved to another session (改签).",
        "SESSION_WITHDRAWN": "The hospital withdrew the session (停诊).",
        "DOCTOR_SUBSTITUTED": "Another doctor will be there than was booked (替诊); the number may be given back.",
        "VISIT_TIME_CHANGED": "Patients are wanted at another time of the half-day; the number may be given back.",
        "PAYMENT_DUE_SOON": "An order is about to lapse unpaid.",
        "REFUND_DONE": "Money went back.",
        "REMINDER_DAY_BEFORE": "The visit is tomorrow.",
        "REMINDER_SAME_DAY": "The visit is today.",
        "NO_SHOW": "Nobody came to a visit (爽约).",
        "BOOKING_BANNED": "Missed visits brought a ban.",
        "BAN_LIFTED": "A ban was lifted.",
        "WAITLIST_OFFERED": "A place is held for somebody who waits (候补).",
        "WAITLIST_OFFER_LAPSED": "An offered place was not taken in time.",
        "WAITLIST_ENDED": "Waiting ended without a place.",
        "VERIFICATION_PASSED": "The account is known by real name.",
        "VERIFICATION_REJECTED": "The real name could not be verified.",
        "EXPORT_READY": "An export of one's own data can be downloaded.",
        "EXPORT_FAILED": "An export of one's own data was given up.",
        "NEW_DEVICE": "Somebody signed in with a device that the account was not seen on.",
        "HOSPITAL_APPLIED": "A hospital's application to join was handed in.",
        "HOSPITAL_APPROVED": "It was approved.",
        "HOSPITAL_REJECTED": "It was not approved, and may be corrected.",
        "HOSPITAL_LOCKED": "The platform locked the hospital.",
        "HOSPITAL_UNLOCKED": "The platform unlocked the hospital.",
        "STAFF_JOINED": "Somebody accepted an invitation to the hospital's staff.",
        "KEY_ISSUED": "The hospital got an integration key.",
        "KEY_REVOKED": "One of the hospital's integration keys was revoked.",
        "NOTICE": "Written by people of the platform.",
        "HOSPITAL_NOTICE": "Written by a hospital's people to those who hold its numbers.",
    },
)
described_enum(
    Language, "A language of the platform's own words.", {"CHINESE": "Simplified Chinese.", "ENGLISH": "English."}
)
