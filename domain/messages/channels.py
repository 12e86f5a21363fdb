"""Which kinds go by SMS as well, and which of these people may decline. Every kind is told in the app. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from datasources.sql.sms_message import SmsKind
from domain.messages.kinds import MessageKind


class SmsUse(StrEnum):
    """Whether a kind goes by SMS."""

    NEVER = "NEVER"
    IF_CHOSEN = "IF_CHOSEN"
    UNLESS_DECLINED = "UNLESS_DECLINED"
    ALWAYS = "ALWAYS"
    """It changes what people must do, so it can't be declined."""


_K = MessageKind
_BY_DEFAULT = (
    _K.ORDER_BOOKED,
    _K.ORDER_PAID,
    _K.ORDER_REJECTED,
    _K.ORDER_RESCHEDULED,
    _K.PAYMENT_DUE_SOON,
    _K.REMINDER_DAY_BEFORE,
    _K.REMINDER_SAME_DAY,
    _K.WAITLIST_OFFERED,
    _K.HOSPITAL_NOTICE,
)
_ALWAYS = (
    _K.SESSION_WITHDRAWN,
    _K.DOCTOR_SUBSTITUTED,
    _K.VISIT_TIME_CHANGED,
    _K.ORDER_CANCELLED_BY_HOSPITAL,
    _K.ORDER_CANCELLED_BY_PLATFORM,
    _K.HOSPITAL_APPROVED,
    _K.HOSPITAL_REJECTED,
)
_CHOSEN = (_K.REFUND_DONE, _K.NOTICE)

SMS_USE: Mapping[MessageKind, SmsUse] = MappingProxyType(
    dict.fromkeys(MessageKind, SmsUse.NEVER)
    | dict.fromkeys(_BY_DEFAULT, SmsUse.UNLESS_DECLINED)
    | dict.fromkeys(_ALWAYS, SmsUse.ALWAYS)
    | dict.fromkeys(_CHOSEN, SmsUse.IF_CHOSEN)
)

SMS_KINDS: Mapping[MessageKind, SmsKind] = MappingProxyType(
    {
        _K.REMINDER_DAY_BEFORE: SmsKind.REMINDER,
        _K.REMINDER_SAME_DAY: SmsKind.REMINDER,
        _K.NOTICE: SmsKind.ANNOUNCEMENT,
        _K.HOSPITAL_NOTICE: SmsKind.ANNOUNCEMENT,
    }
)
"""How the queue of text messages treats a kind; any other is a NOTICE there."""

SMS_LIFETIME = timedelta(hours=24)
"""An SMS that could not be sent for so long is not sent any more, unless the message itself ends earlier."""


def wants_sms(kind: MessageKind, choice: bool | None) -> bool:
    """Whether somebody who chose so, or did not choose, gets an SMS of this kind."""
    match SMS_USE[kind]:
        case SmsUse.ALWAYS:
            return True
        case SmsUse.UNLESS_DECLINED:
            return choice is not False
        case SmsUse.IF_CHOSEN:
            return choice is True
        case _:
            return False
