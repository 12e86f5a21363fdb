"""The kinds of messages that people get, and which values each is made of."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class MessageKind(StrEnum):
    """What somebody is told."""

    ORDER_REQUESTED = "ORDER_REQUESTED"
    ORDER_RESERVED = "ORDER_RESERVED"
    ORDER_BOOKED = "ORDER_BOOKED"
    ORDER_PAID = "ORDER_PAID"
    ORDER_REJECTED = "ORDER_REJECTED"
    ORDER_UNANSWERED = "ORDER_UNANSWERED"
    ORDER_UNPAID = "ORDER_UNPAID"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    ORDER_CANCELLED_BY_HOSPITAL = "ORDER_CANCELLED_BY_HOSPITAL"
    ORDER_CANCELLED_BY_PLATFORM = "ORDER_CANCELLED_BY_PLATFORM"
    ORDER_RESCHEDULED = "ORDER_RESCHEDULED"
    SESSION_WITHDRAWN = "SESSION_WITHDRAWN"
    DOCTOR_SUBSTITUTED = "DOCTOR_SUBSTITUTED"
    VISIT_TIME_CHANGED = "VISIT_TIME_CHANGED"
    PAYMENT_DUE_SOON = "PAYMENT_DUE_SOON"
    REFUND_DONE = "REFUND_DONE"
    REMINDER_DAY_BEFORE = "REMINDER_DAY_BEFORE"
    REMINDER_SAME_DAY = "REMINDER_SAME_DAY"
    NO_SHOW = "NO_SHOW"
    BOOKING_BANNED = "BOOKING_BANNED"
    BAN_LIFTED = "BAN_LIFTED"
    WAITLIST_OFFERED = "WAITLIST_OFFERED"
    WAITLIST_OFFER_LAPSED = "WAITLIST_OFFER_LAPSED"
    WAITLIST_ENDED = "WAITLIST_ENDED"
    VERIFICATION_PASSED = "VERIFICATION_PASSED"
    VERIFICATION_REJECTED = "VERIFICATION_REJECTED"
    EXPORT_READY = "EXPORT_READY"
    EXPORT_FAILED = "EXPORT_FAILED"
    NEW_DEVICE = "NEW_DEVICE"
    HOSPITAL_APPLIED = "HOSPITAL_APPLIED"
    HOSPITAL_APPROVED = "HOSPITAL_APPROVED"
    HOSPITAL_REJECTED = "HOSPITAL_REJECTED"
    HOSPITAL_LOCKED = "HOSPITAL_LOCKED"
    HOSPITAL_UNLOCKED = "HOSPITAL_UNLOCKED"
    STAFF_JOINED = "STAFF_JOINED"
    KEY_ISSUED = "KEY_ISSUED"
    KEY_REVOKED = "KEY_REVOKED"
    NOTICE = "NOTICE"
    HOSPITAL_NOTICE = "HOSPITAL_NOTICE"


class Value(StrEnum):
    """How a variable is written for people. Each is handed over as text."""

    TEXT = "TEXT"
    DATE = "DATE"
    """ISO 8601 date."""
    HALF_DAY = "HALF_DAY"
    """AM or PM."""
    MOMENT = "MOMENT"
    """ISO 8601 date and time with its offset."""
    MONEY = "MONEY"
    """Yuan, as a decimal number."""
    COUNT = "COUNT"
    DOCTOR = "DOCTOR"
    """A doctor's name or title; empty for a session that no doctor is named for."""


_ORDER = {
    "hospital": Value.TEXT,
    "department": Value.TEXT,
    "doctor": Value.DOCTOR,
    "title": Value.DOCTOR,
    "patient": Value.TEXT,
    "date": Value.DATE,
    "half_day": Value.HALF_DAY,
    "number": Value.COUNT,
    "order_number": Value.TEXT,
    "fee": Value.MONEY,
    "cancel_until": Value.MOMENT,
    "address": Value.TEXT,
}
_SESSION = {
    "hospital": Value.TEXT,
    "department": Value.TEXT,
    "title": Value.DOCTOR,
    "patient": Value.TEXT,
    "date": Value.DATE,
    "half_day": Value.HALF_DAY,
}

_APPLICATION = {"hospital": Value.TEXT, "number": Value.TEXT}
_WRITTEN = dict.fromkeys(("title_zh", "body_zh", "title_en", "body_en"), Value.TEXT)

VARIABLES: Mapping[MessageKind, Mapping[str, Value]] = MappingProxyType(
    {
        MessageKind.ORDER_REQUESTED: _ORDER,
        MessageKind.ORDER_RESERVED: _ORDER | {"pay_until": Value.MOMENT},
        MessageKind.ORDER_BOOKED: _ORDER,
        MessageKind.ORDER_PAID: _ORDER,
        MessageKind.ORDER_REJECTED: _ORDER,
        MessageKind.ORDER_UNANSWERED: _ORDER,
        MessageKind.ORDER_UNPAID: _ORDER,
        MessageKind.ORDER_CANCELLED: _ORDER,
        MessageKind.ORDER_CANCELLED_BY_HOSPITAL: _ORDER,
        MessageKind.ORDER_CANCELLED_BY_PLATFORM: _ORDER,
        MessageKind.ORDER_RESCHEDULED: _ORDER,
        MessageKind.SESSION_WITHDRAWN: _ORDER,
        MessageKind.DOCTOR_SUBSTITUTED: _ORDER | {"former_doctor": Value.TEXT},
        MessageKind.VISIT_TIME_CHANGED: _ORDER | {"fetch_time": Value.MOMENT},
        MessageKind.PAYMENT_DUE_SOON: _ORDER | {"pay_until": Value.MOMENT},
        MessageKind.REFUND_DONE: _ORDER | {"amount": Value.MONEY},
        MessageKind.REMINDER_DAY_BEFORE: _ORDER,
        MessageKind.REMINDER_SAME_DAY: _ORDER,
        MessageKind.NO_SHOW: _ORDER,
        MessageKind.BOOKING_BANNED: {"patient": Value.TEXT, "no_shows": Value.COUNT, "until": Value.MOMENT},
        MessageKind.BAN_LIFTED: {},
        MessageKind.WAITLIST_OFFERED: _SESSION | {"offer_until": Value.MOMENT},
        MessageKind.WAITLIST_OFFER_LAPSED: _SESSION,
        MessageKind.WAITLIST_ENDED: _SESSION,
        MessageKind.VERIFICATION_PASSED: {},
        MessageKind.VERIFICATION_REJECTED: {},
        MessageKind.EXPORT_READY: {"expires_at": Value.MOMENT},
        MessageKind.EXPORT_FAILED: {},
        MessageKind.NEW_DEVICE: {"device": Value.TEXT, "at": Value.MOMENT},
        MessageKind.HOSPITAL_APPLIED: _APPLICATION,
        MessageKind.HOSPITAL_APPROVED: _APPLICATION,
        MessageKind.HOSPITAL_REJECTED: _APPLICATION | {"reason": Value.TEXT},
        MessageKind.HOSPITAL_LOCKED: {"reason": Value.TEXT},
        MessageKind.HOSPITAL_UNLOCKED: {},
        MessageKind.STAFF_JOINED: {"name": Value.TEXT},
        MessageKind.KEY_ISSUED: {"key": Value.TEXT},
        MessageKind.KEY_REVOKED: {"key": Value.TEXT},
        MessageKind.NOTICE: _WRITTEN,
        MessageKind.HOSPITAL_NOTICE: _WRITTEN | {"hospital": Value.TEXT},
    }
)
"""What a message of each kind is told with, no more and no less; templates may use these."""
