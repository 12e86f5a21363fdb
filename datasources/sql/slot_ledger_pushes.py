"""What hospitals' pushes do to the slot ledger, a batch in one statement each."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger

_UPSERT = text("""
    INSERT INTO slot_ledger AS l
           (schedule_id, hospital_code, department_code, external_id, visit_date, half_day,
            status, fee, capacity, withheld, revision, updated_at)
    SELECT schedule_id, :hospital_code, department_code, external_id, visit_date, half_day,
           status, fee, capacity, withheld, :revision, now()
      FROM unnest(CAST(:schedule_ids AS text[]), CAST(:department_codes AS text[]), CAST(:external_ids AS text[]),
                  CAST(:visit_dates AS date[]), CAST(:half_days AS text[]), CAST(:statuses AS text[]),
                  CAST(:fees AS numeric[]), CAST(:capacities AS int[]), CAST(:withheld AS int[]))
           AS pushed(schedule_id, department_code, external_id, visit_date, half_day, status, fee, capacity, withheld)
    ON CONFLICT (schedule_id) DO UPDATE
       SET department_code = excluded.department_code, visit_date = excluded.visit_date,
           half_day = excluded.half_day, status = excluded.status, fee = excluded.fee,
           capacity = excluded.capacity, withheld = excluded.withheld,
           revision = excluded.revision, updated_at = excluded.updated_at
""")


class SlotLedgerPushes:
    """Changes by hospitals inside the session it is given. Lock the rows first, then decide, then change."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, schedule_ids: Sequence[str]) -> dict[str, SlotLedger]:
        """The rows under these keys, held against bookings until the transaction ends; in one order for everybody."""
        rows = await self._session.exec(
            select(SlotLedger)
            .where(col(SlotLedger.schedule_id).in_(schedule_ids))
            .order_by(col(SlotLedger.schedule_id))
            .with_for_update()
        )
        return {row.schedule_id: row for row in rows}

    async def upsert(self, hospital_code: str, revision: int, rows: Sequence[SlotLedger]) -> None:
        """Insert or replace what a push decides of these sessions; what was sold of them is left alone."""
        await (await self._session.connection()).execute(
            _UPSERT,
            {
                "hospital_code": hospital_code,
                "revision": revision,
                "schedule_ids": [row.schedule_id for row in rows],
                "department_codes": [row.department_code for row in rows],
                "external_ids": [row.external_id for row in rows],
                "visit_dates": [row.visit_date for row in rows],
                "half_days": [str(row.half_day) for row in rows],
                "statuses": [str(row.status) for row in rows],
                "fees": [Decimal(row.fee) for row in rows],
                "capacities": [row.capacity for row in rows],
                "withheld": [row.withheld for row in rows],
            },
        )

    async def withdraw(self, schedule_ids: Sequence[str], revision: int) -> None:
        """Withdraw sessions (停诊)."""
        await (await self._session.connection()).execute(
            text("""
                UPDATE slot_ledger SET status = :status, revision = :revision, updated_at = now()
                 WHERE schedule_id = ANY(:schedule_ids)
            """),
            {"status": str(ScheduleStatus.WITHDRAWN), "revision": revision, "schedule_ids": list(schedule_ids)},
        )

    async def remove(self, schedule_ids: Sequence[str]) -> None:
        """Remove sessions of which no number was ever issued; others stay."""
        await (await self._session.connection()).execute(
            delete(SlotLedger).where(col(SlotLedger.schedule_id).in_(schedule_ids), col(SlotLedger.next_number) == 1)
        )

    async def sessions_from(self, hospital_code: str, department_codes: Sequence[str], day: date) -> dict[str, int]:
        """How many sessions each department has on this date or later."""
        rows = await self._session.exec(
            select(SlotLedger.department_code, func.count())
            .where(
                SlotLedger.hospital_code == hospital_code,
                col(SlotLedger.department_code).in_(department_codes),
                col(SlotLedger.visit_date) >= day,
            )
            .group_by(col(SlotLedger.department_code))
        )
        return dict(rows.all())
