"""Figures of one hospital's orders: by day and department of the visit, and of withdrawn sessions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.keys import schedule_key
from datasources.sql.database import fetch

# The money of an order that holds no number goes back whole; of the others' goes back what is promised already.
_FIGURES = """
    WITH visit AS MATERIALIZED (
        SELECT o.visit_date, o.department_code, o.state, o.ended_because IS NOT DISTINCT FROM 'LAPSE_PAID' AS lapsed,
               CASE WHEN o.paid_amount > 0
                     AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED',
                                     'NO_SHOW')
                    THEN o.paid_amount
                         - (SELECT coalesce(sum(r.amount), 0) FROM refund r
                             WHERE r.order_id = o.id AND r.state IN ('WAITING', 'PROCESSING', 'ABNORMAL'))
                END AS kept
          FROM booking_order o
         WHERE o.hospital_code = $1 AND o.visit_date BETWEEN $2 AND $3
           AND ($4::text IS NULL OR o.department_code = $4)
    )
    SELECT visit_date, department_code, count(*)::int,
           (count(*) FILTER (WHERE state IN ('CANCELLED', 'REFUNDING', 'REFUNDED') AND NOT lapsed))::int,
           (count(*) FILTER (WHERE state = 'EXPIRED' OR lapsed))::int,
           (count(*) FILTER (WHERE state = 'REJECTED'))::int,
           (count(*) FILTER (WHERE state = 'NO_SHOW'))::int,
           (count(*) FILTER (WHERE state IN ('CHECKED_IN', 'COMPLETED')))::int,
           coalesce(sum(kept), 0)::numeric(14, 2)
      FROM visit
     GROUP BY GROUPING SETS ((visit_date), (department_code), ())
     ORDER BY visit_date, department_code
"""
# A hospital's orders of a day have an index, and a session's ended ones have none. Its day is fixed while it is sold.
_WITHDRAWALS = """
    SELECT l.external_id, l.status,
           (count(*) FILTER (WHERE o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')))::int,
           (count(*) FILTER (WHERE o.ended_because = 'SESSION_WITHDRAWN'))::int,
           (count(*) FILTER (WHERE o.ended_because = 'SESSION_WITHDRAWN' AND o.state = 'REFUNDING'))::int
      FROM slot_ledger l
      LEFT JOIN booking_order o
             ON o.hospital_code = l.hospital_code AND o.visit_date = l.visit_date AND o.schedule_id = l.schedule_id
     WHERE l.hospital_code = $1 AND l.schedule_id = ANY ($2)
     GROUP BY l.schedule_id
     ORDER BY l.external_id
"""


class Figures(NamedTuple):
    """How many orders of visits on a date or in a department, or of all, and what became of them."""

    date: date | None
    department_code: str | None
    booked: int
    cancelled: int
    expired: int
    rejected: int
    no_show: int
    visited: int
    revenue: Decimal
    """Yuan received and not to be given back."""


class Withdrawal(NamedTuple):
    """How far a session's withdrawal is."""

    external_id: str
    status: str
    holders_left: int
    holders_ended: int
    refunds_under_way: int


class HospitalFigures:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def between(self, hospital_code: str, first: date, last: date, department: str | None) -> list[Figures]:
        """By date, by department, and of all together: each row has at most one of date and department."""
        rows = await fetch(self._session, _FIGURES, hospital_code, first, last, department)
        return [Figures(*row) for row in rows]

    async def withdrawals(self, hospital_code: str, external_ids: Sequence[str]) -> list[Withdrawal]:
        """Those of these sessions that the hospital has, by their id."""
        keys = [schedule_key(hospital_code, id) for id in external_ids]
        return [Withdrawal(*row) for row in await fetch(self._session, _WITHDRAWALS, hospital_code, keys)]
