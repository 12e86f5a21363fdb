"""Payments and refunds with their orders, and their sums, as people in finance look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider


@dataclass(frozen=True, slots=True)
class MoneyCriteria:
    """What a payment or refund must meet to be in a list; None asks for nothing."""

    provider: Provider | None = None
    state: str | None = None
    hospital_code: str | None = None
    number: str | None = None
    """The order's number, or any number of the payment or refund: ours or the provider's."""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment with its order."""

    id: UUID
    trade_number: str
    channel: str
    state: str
    amount: Decimal
    refund_total: Decimal
    provider_number: str | None
    created_at: datetime
    paid_at: datetime | None
    order_id: UUID
    order_number: str
    hospital_code: str
    hospital_name: str


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One refund with its payment's number and its order."""

    id: int
    refund_number: str
    trade_number: str
    channel: str
    state: str
    amount: Decimal
    reason: str
    problem: str
    attempts: int
    provider_number: str | None
    created_at: datetime
    finished_at: datetime | None
    order_id: UUID
    order_number: str
    hospital_code: str
    hospital_name: str


class TotalsBy(StrEnum):
    """What sums are made for."""

    DAY = "DAY"
    HOSPITAL = "HOSPITAL"
    DAY_AND_HOSPITAL = "DAY_AND_HOSPITAL"


@dataclass(frozen=True, slots=True)
class MoneyTotal:
    """What came and what went of one day, one hospital, or one hospital's day. Yuan."""

    day: date | None
    hospital_code: str | None
    hospital_name: str | None
    payments: int
    paid: Decimal
    refunds: int
    refunded: Decimal


_PAYMENTS = """
      FROM payment p JOIN booking_order o ON o.id = p.order_id
     WHERE (CAST(:provider AS text) IS NULL OR p.channel = :provider)
       AND (CAST(:state AS text) IS NULL OR p.state = :state)
       AND (CAST(:hospital AS text) IS NULL OR o.hospital_code = :hospital)
       AND (CAST(:number AS text) IS NULL OR :number IN (o.order_number, p.trade_number, p.provider_number))
       AND (CAST(:since AS timestamptz) IS NULL OR p.created_at >= :since)
       AND (CAST(:before AS timestamptz) IS NULL OR p.created_at < :before)
"""
_PAYMENT_PAGE = text(f"""
    SELECT p.id, p.trade_number, p.channel, p.state, p.amount, p.refund_total, p.provider_number, p.created_at,
           p.paid_at, o.id AS order_id, o.order_number, o.hospital_code,
           coalesce(o.texts ->> 'hospital', '') AS hospital_name {_PAYMENTS}
       AND (CAST(:behind AS uuid) IS NULL OR p.id < :behind)
     ORDER BY p.id DESC LIMIT :limit
""")
_PAYMENT_COUNT = text(f"SELECT count(*) {_PAYMENTS}")
_REFUNDS = """
      FROM refund r JOIN payment p ON p.id = r.payment_id JOIN booking_order o ON o.id = r.order_id
     WHERE (CAST(:provider AS text) IS NULL OR p.channel = :provider)
       AND (CAST(:state AS text) IS NULL OR r.state = :state)
       AND (CAST(:hospital AS text) IS NULL OR o.hospital_code = :hospital)
       AND (CAST(:number AS text) IS NULL
            OR :number IN (o.order_number, p.trade_number, r.refund_number, r.provider_number))
       AND (CAST(:since AS timestamptz) IS NULL OR r.created_at >= :since)
       AND (CAST(:before AS timestamptz) IS NULL OR r.created_at < :before)
"""
_REFUND_PAGE = text(f"""
    SELECT r.id, r.refund_number, p.trade_number, p.channel, r.state, r.amount, r.reason, r.problem, r.attempts,
           r.provider_number, r.created_at, r.finished_at, o.id AS order_id, o.order_number, o.hospital_code,
           coalesce(o.texts ->> 'hospital', '') AS hospital_name {_REFUNDS}
       AND (CAST(:behind AS bigint) IS NULL OR r.id < :behind)
     ORDER BY r.id DESC LIMIT :limit
""")
_REFUND_COUNT = text(f"SELECT count(*) {_REFUNDS}")
_TOTALS = text("""
    WITH moved AS (
        SELECT CAST(p.paid_at AT TIME ZONE :zone AS date) AS day, o.hospital_code, o.texts ->> 'hospital' AS name,
               1 AS payments, p.amount AS paid, 0 AS refunds, CAST(0 AS numeric(10, 2)) AS refunded
          FROM payment p JOIN booking_order o ON o.id = p.order_id
         WHERE p.state = 'PAID' AND p.paid_at >= :since AND p.paid_at < :before
           AND (CAST(:provider AS text) IS NULL OR p.channel = :provider)
           AND (CAST(:hospital AS text) IS NULL OR o.hospital_code = :hospital)
        UNION ALL
        SELECT CAST(r.finished_at AT TIME ZONE :zone AS date), o.hospital_code, o.texts ->> 'hospital', 0, 0, 1,
               r.amount
          FROM refund r JOIN payment p ON p.id = r.payment_id JOIN booking_order o ON o.id = r.order_id
         WHERE r.state = 'DONE' AND r.finished_at >= :since AND r.finished_at < :before
           AND (CAST(:provider AS text) IS NULL OR p.channel = :provider)
           AND (CAST(:hospital AS text) IS NULL OR o.hospital_code = :hospital)
    )
    SELECT CASE WHEN :by_day THEN day END AS day,
           CASE WHEN :by_hospital THEN hospital_code END AS hospital_code,
           CASE WHEN :by_hospital THEN max(name) END AS hospital_name,
           sum(payments) AS payments, sum(paid) AS paid, sum(refunds) AS refunds, sum(refunded) AS refunded
      FROM moved
     GROUP BY CASE WHEN :by_day THEN day END, CASE WHEN :by_hospital THEN hospital_code END
     ORDER BY 1 DESC NULLS LAST, 2 LIMIT :limit
""")


class MoneyReads:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def payments(self, criteria: MoneyCriteria, behind: UUID | None, limit: int) -> list[PaymentLine]:
        """The newest payments that meet the criteria, from behind the given one on."""
        rows = await self._rows(_PAYMENT_PAGE, _named(criteria) | {"behind": behind, "limit": limit})
        return [PaymentLine(**row) for row in rows]

    async def payment_count(self, criteria: MoneyCriteria) -> int:
        """How many payments meet the criteria."""
        return int((await self._rows(_PAYMENT_COUNT, _named(criteria)))[0]["count"])

    async def refunds(self, criteria: MoneyCriteria, behind: int | None, limit: int) -> list[RefundLine]:
        """The newest refunds that meet the criteria, from behind the given one on."""
        rows = await self._rows(_REFUND_PAGE, _named(criteria) | {"behind": behind, "limit": limit})
        return [RefundLine(**row) for row in rows]

    async def refund_count(self, criteria: MoneyCriteria) -> int:
        """How many refunds meet the criteria."""
        return int((await self._rows(_REFUND_COUNT, _named(criteria)))[0]["count"])

    async def totals(self, criteria: MoneyCriteria, by: TotalsBy, zone: str, limit: int) -> list[MoneyTotal]:
        """Sums of what was paid and of what arrived back from `since` to `before`, which must be given; the last day
        first."""
        values = {
            "provider": criteria.provider,
            "hospital": criteria.hospital_code,
            "since": criteria.since,
            "before": criteria.before,
            "zone": zone,
            "by_day": by is not TotalsBy.HOSPITAL,
            "by_hospital": by is not TotalsBy.DAY,
            "limit": limit,
        }
        return [MoneyTotal(**row) for row in await self._rows(_TOTALS, values)]

    async def _rows(self, statement: Any, values: Mapping[str, Any]) -> Sequence[RowMapping]:
        return (await (await self._session.connection()).execute(statement, values)).mappings().all()


def _named(criteria: MoneyCriteria) -> dict[str, Any]:
    return {
        "provider": criteria.provider,
        "state": criteria.state,
        "hospital": criteria.hospital_code,
        "number": criteria.number,
        "since": criteria.since,
        "before": criteria.before,
    }
