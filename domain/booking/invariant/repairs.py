"""Mending what is only shown wrongly. What is promised is never touched here."""

from datetime import datetime

from datasources.mongo.schedule_keys import ScheduleKeys
from datasources.sql.ledger_check import LedgerChecks
from datasources.stores import Stores
from domain.booking.invariant.checking import Checked
from domain.booking.invariant.findings import Finding, FindingKind
from domain.live.changes import note_slot_change


async def repair(stores: Stores, checked: Checked, now: datetime) -> list[Finding]:
    """Mend what can be derived from what is true; the findings that no longer hold.

    The count of those who wait is counted again from their entries; a text that no session has is deleted. A text that
    is missing is nowhere else: its hospital has to push the session again.
    """
    mended = []
    for finding in checked.findings:
        match finding.kind:
            case FindingKind.WAITING_MISCOUNTED:
                await _recount(stores, finding.schedule_id, now)
                mended.append(finding)
            case FindingKind.TEXT_ORPHANED:
                await ScheduleKeys().delete(checked.orphans[finding.schedule_id])
                mended.append(finding)
            case _:
                pass
    return mended


async def _recount(stores: Stores, schedule_id: str, now: datetime) -> None:
    async with stores.sql.unit_of_work() as session:
        place = await LedgerChecks(session).recount_waiting(schedule_id, now)
        if place is not None:
            note_slot_change(session, place.hospital_code, place.department_code, place.visit_date, schedule_id)
