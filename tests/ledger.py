"""What must hold of a session's ledger at every moment, looked at from outside the code that keeps it."""

from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# One statement, so that it sees one moment even while others book.
_MOMENT = text("""
    SELECT l.taken, l.waiting, l.capacity, l.withheld, l.next_number, l.returned_numbers,
           coalesce((SELECT array_agg(o.number) FROM booking_order o
             WHERE o.schedule_id = l.schedule_id
               AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')),
                    '{}') AS ordered,
           coalesce((SELECT array_agg(e.number) FROM waitlist_entry e
             WHERE e.schedule_id = l.schedule_id AND e.state = 'OFFERED'), '{}') AS offered,
           (SELECT count(*) FROM waitlist_entry e
             WHERE e.schedule_id = l.schedule_id AND e.state = 'WAITING') AS waiting_entries
      FROM slot_ledger l WHERE l.schedule_id = :schedule_id
""")


async def assert_ledger_true(session: AsyncSession, schedule_id: str) -> None:
    """Orders, offers and returned numbers are exactly the numbers ever issued, each once, and the counts count them."""
    found = (await (await session.connection()).execute(_MOMENT, {"schedule_id": schedule_id})).mappings().one_or_none()
    assert found is not None, f"{schedule_id} is not in the ledger"
    row: dict[str, Any] = dict(found)
    held = [*row["ordered"], *row["offered"]]
    issued = sorted([*held, *row["returned_numbers"]])

    assert len(held) == row["taken"], f"{schedule_id}: {len(held)} numbers are held, but taken says so: {row}"
    assert row["waiting_entries"] == row["waiting"], f"{schedule_id}: the waiting are miscounted: {row}"
    assert issued == list(range(1, row["next_number"])), f"{schedule_id}: numbers are lost or issued twice: {row}"
    assert row["taken"] + row["withheld"] <= row["capacity"], f"{schedule_id}: more is taken than there is: {row}"
