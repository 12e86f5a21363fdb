"""Bans from booking after missed visits (爽约)."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain import problems
from domain.permissions import Permission
from resolvers import booking_bans
from schema.binding import Context, answers, mutates, of, on
from schema.permissions import IsUser, may
from schema.problems import InvalidInput, NotFound, record_of


@strawberry.type(description="A time in which a person can't be booked for, after several missed visits of one year.")
class BookingBan:
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda view: str(view.ban.id)), description="For `liftBookingBan`."
    )
    patient_id: strawberry.ID | None = strawberry.field(
        resolver=of(booking_bans.patient_id), description="The patient that the banned person is in the account."
    )
    year: int = strawberry.field(resolver=of(lambda view: view.ban.year), description="The missed visits' year.")
    no_shows: int = strawberry.field(
        resolver=of(lambda view: view.ban.no_shows), description="How many visits had been missed in it."
    )
    since: dt.datetime = strawberry.field(resolver=of(lambda view: view.ban.since), description="When it began.")
    until: dt.datetime = strawberry.field(resolver=of(lambda view: view.ban.until), description="When it ends.")
    lifted_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.ban.lifted_at), description="When staff lifted it; null if nobody did."
    )
    is_in_force: bool = strawberry.field(
        resolver=on(booking_bans.is_in_force), description="Whether it keeps the person from being booked for now."
    )

    is_type_of = record_of(booking_bans.BanView)


@strawberry.type(description="The person may be booked for again.")
class BookingBanLifted:
    ban: BookingBan = strawberry.field(description="The ban as it now is.")

    is_type_of = record_of(booking_bans.BanLifted)


@strawberry.input(description="Which ban to lift, and why.")
class LiftBookingBanInput:
    ban_id: strawberry.ID = strawberry.field(description="The ban's id.")
    reason: str = strawberry.field(description="Why, for the audit log; at most 200 characters are kept.")


LiftBookingBanResult = Annotated[
    BookingBanLifted | NotFound | InvalidInput,
    strawberry.union("LiftBookingBanResult", description="What became of the ban."),
]


@strawberry.type
class BookingBanQuery:
    @answers(
        list[BookingBan],
        "Bans of the caller's own patients, past ones too, the latest first. They are of a person: one that was earned "
        "under another account holds here as well.",
        only=IsUser,
    )
    def my_booking_bans(self, info: Context) -> Awaitable[list[booking_bans.BanView]]:
        return booking_bans.my_bans(info.context)

    @answers(
        list[BookingBan],
        "Bans of an account's patients, past ones too, the latest first.",
        only=may(Permission.READ_PATIENTS),
    )
    def booking_bans_of_user(
        self, info: Context, user_id: Annotated[strawberry.ID, strawberry.argument(description="The account's id.")]
    ) -> Awaitable[list[booking_bans.BanView]]:
        return booking_bans.bans_of_user(info.context, str(user_id))


@strawberry.type
class BookingBanMutation:
    @mutates(
        LiftBookingBanResult,
        "Let a banned person be booked for again. Lifting twice changes nothing. It is recorded in the audit log.",
        only=may(Permission.EDIT_USERS),
    )
    def lift_booking_ban(
        self,
        info: Context,
        input: Annotated[LiftBookingBanInput, strawberry.argument(description="Which ban, and why.")],
    ) -> Awaitable[booking_bans.BanLifted | problems.NotFound | problems.InvalidInput]:
        return booking_bans.lift(info.context, str(input.ban_id), input.reason)
