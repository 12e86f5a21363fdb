"""Giving numbers back, moving them, and bans."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import THE_OWNER, Owned, Row, Told, Way, platform_staff

TYPES: dict[str, Row] = {
    "OrderCancelled": Told(leads_to="order"),
    "OrderRescheduled": Told(leads_to="order"),
    "NoShowExcused": Told(leads_to="order"),
    "CancellationClosed": Told(clear="message code closedAt"),
    "OrderNotChangeable": Told(clear="message code state"),
    "OtherDepartment": Told(clear="message code"),
    "BookingBan": Owned(
        clear="id patientId year noShows since until liftedAt isInForce",
        at="Query.myBookingBans Query.bookingBansOfUser BookingBanLifted.ban",
    ),
    "BookingBanLifted": Told(leads_to="ban"),
}

WAYS = [
    Way("myBookingBans", "BookingBan", THE_OWNER),
    Way('bookingBansOfUser(userId: "{User}")', "BookingBan", platform_staff(Permission.READ_PATIENTS)),
]
