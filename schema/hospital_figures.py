"""A hospital's own figures: what became of its orders, and how far a withdrawal is."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.hospital_figures import Withdrawal
from datasources.sql.slot_ledger import ScheduleStatus
from domain.permissions import Permission
from resolvers import hospital_figures
from schema.binding import Context, answers, of
from schema.money import Money
from schema.permissions import may_or_hospital_system


@strawberry.type(description="How many orders there are, by the visit's date or department, and what became of them.")
class HospitalFigures:
    date: dt.date | None = strawberry.field(description="Of visits on this date; null where it is of many.")
    department_code: str | None = strawberry.field(description="Of this department; null where it is of many.")
    booked: int = strawberry.field(description="Orders that were made, whatever became of them.")
    cancelled: int = strawberry.field(
        description="Given back by the patient, or ended by the hospital or the platform."
    )
    expired: int = strawberry.field(description="Not paid, or not answered by the hospital, in time.")
    rejected: int = strawberry.field(description="Refused by the hospital.")
    no_show: int = strawberry.field(description="The patient did not come.")
    visited: int = strawberry.field(description="The patient came.")
    revenue: Money = strawberry.field(
        resolver=of(hospital_figures.revenue), description="What was received and is not to be given back."
    )


@strawberry.type(description="What became of a hospital's orders, by the dates of their visits.")
class HospitalStatistics:
    hospital_code: str = strawberry.field(description="Code of the hospital.")
    total: HospitalFigures = strawberry.field(description="All together.")
    days: list[HospitalFigures] = strawberry.field(description="Each date that has orders, in order; at most 92.")
    departments: list[HospitalFigures] = strawberry.field(description="Each department that has orders, by its code.")


@strawberry.type(description="How far the withdrawal of a session is. It is done when `holdersLeft` is 0.")
class SessionWithdrawal:
    external_id: str = strawberry.field(description="The hospital's own id of the session.")
    status: ScheduleStatus = strawberry.field(
        resolver=of(lambda withdrawal: ScheduleStatus(withdrawal.status)), description="Where the session stands."
    )
    holders_left: int = strawberry.field(description="Orders of visits still to come or under way.")
    holders_ended: int = strawberry.field(description="Orders that ended with the session; each was told once.")
    refunds_under_way: int = strawberry.field(description="Those of them whose money is on its way back.")


_receiving = may_or_hospital_system(Permission.RECEIVE_PATIENTS)


@strawberry.type
class HospitalFiguresQuery:
    @answers(
        HospitalStatistics,
        "What became of the orders of the caller's hospital, by the dates of their visits; at most 92 days.",
        only=_receiving,
    )
    def hospital_statistics(
        self,
        info: Context,
        first: Annotated[dt.date, strawberry.argument(name="from", description="The first date.")],
        last: Annotated[
            dt.date, strawberry.argument(name="to", description="The last date, up to 91 days after the first.")
        ],
        department_code: Annotated[
            str | None, strawberry.argument(description="Only orders of this department.")
        ] = None,
    ) -> Awaitable[hospital_figures.Statistics]:
        return hospital_figures.statistics(info.context, first, last, department_code)

    @answers(
        list[SessionWithdrawal],
        "How far the withdrawals of these sessions of the caller's hospital are; another hospital's are left out.",
        only=_receiving,
    )
    def session_withdrawals(
        self,
        info: Context,
        external_ids: Annotated[
            list[str], strawberry.argument(description="The hospital's own ids of sessions, at most 100.")
        ],
    ) -> Awaitable[list[Withdrawal]]:
        return hospital_figures.withdrawals(info.context, external_ids)
