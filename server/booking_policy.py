"""The platform's rules of booking, as the settings state them."""

from datetime import timedelta

from domain.booking.policy import BookingPolicy
from server.settings import Settings


def booking_policy(settings: Settings) -> BookingPolicy:
    """The policy of this installation."""
    return BookingPolicy(
        zone=settings.zone,
        payment_time=timedelta(minutes=settings.booking_payment_minutes),
        most_per_week=settings.booking_most_per_week,
        most_per_month=settings.booking_most_per_month,
        most_per_quarter=settings.booking_most_per_quarter,
        slow_lane_after=settings.booking_slow_lane_after,
        real_name_needed=settings.booking_real_name_needed,
        waitlist_offer_time=timedelta(minutes=settings.waitlist_offer_minutes),
        most_waits=settings.waitlist_most,
        morning_ends=settings.morning_ends,
        afternoon_ends=settings.afternoon_ends,
    )
