"""Speaks to HTBooking as a hospital's own system: pushes its catalogue, follows its orders, answers them.

    from htbooking_hospital import HospitalClient, Schedule

    with HospitalClient("https://booking.example/graphql", key_id, secret) as client:
        client.push_schedules([Schedule("s1", "11", "2026-11-25", "AM", 20, "9.67")])
        for event in client.events(after=stored_cursor):
            ...

README.md has the start; `AsyncHospitalClient` is the same for asyncio.
"""

from htbooking_hospital.answers import Batch, CheckedIn, HospitalEvent, Order, PushReport
from htbooking_hospital.async_client import AsyncHospitalClient
from htbooking_hospital.client import HospitalClient
from htbooking_hospital.errors import (
    BadRequestError,
    EventsMissedError,
    HospitalLockedError,
    HTBookingError,
    InvalidInputError,
    KeyRefusedError,
    KeyReusedError,
    NotFoundError,
    OrderStateError,
    ProblemError,
    Refused,
    RefusedError,
    RightsError,
    SignatureError,
    TooManyTriesError,
    UnavailableError,
    UnreachableError,
    UnreadableAnswerError,
    WebhookError,
)
from htbooking_hospital.items import (
    BookingRule,
    Department,
    Doctor,
    HalfDay,
    Hospital,
    Schedule,
    ScheduleSlice,
    ScheduleStatus,
)
from htbooking_hospital.signing import fresh_nonce, sign
from htbooking_hospital.webhooks import Delivery, read_webhook
from htbooking_hospital.wire import Retries, data_of

__version__ = "1.0.0"

__all__ = [
    "AsyncHospitalClient",
    "BadRequestError",
    "Batch",
    "BookingRule",
    "CheckedIn",
    "Delivery",
    "Department",
    "Doctor",
    "EventsMissedError",
    "HTBookingError",
    "HalfDay",
    "Hospital",
    "HospitalClient",
    "HospitalEvent",
    "HospitalLockedError",
    "InvalidInputError",
    "KeyRefusedError",
    "KeyReusedError",
    "NotFoundError",
    "Order",
    "OrderStateError",
    "ProblemError",
    "PushReport",
    "Refused",
    "RefusedError",
    "Retries",
    "RightsError",
    "Schedule",
    "ScheduleSlice",
    "ScheduleStatus",
    "SignatureError",
    "TooManyTriesError",
    "UnavailableError",
    "UnreachableError",
    "UnreadableAnswerError",
    "WebhookError",
    "data_of",
    "fresh_nonce",
    "read_webhook",
    "sign",
]
