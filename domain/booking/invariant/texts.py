"""Comparing sessions with their texts in MongoDB, which follow the ledger after a moment.

A push that is on its way is no drift. So the ledger is asked before and after: only what stayed the same around the
look at MongoDB, while no push of the hospital waited, is found missing or left over.
"""

from collections.abc import Sequence

from datasources.mongo.schedule_keys import ScheduleKeys, TextKey
from datasources.sql.database import Database
from datasources.sql.ledger_check import LedgerChecks, SessionFacts
from domain.booking.invariant.findings import Finding, FindingKind


async def missing_texts(sql: Database, sessions: Sequence[SessionFacts]) -> list[Finding]:
    """Those of these sessions, as they were read a moment ago, whose texts are not in the catalogue."""
    settled = [each for each in sessions if not each.push_waiting]
    present = {key.schedule_id for key in await ScheduleKeys().present([each.schedule_id for each in settled])}
    missing = [each for each in settled if each.schedule_id not in present]
    if not missing:
        return []
    async with sql.read() as session:
        now = await LedgerChecks(session).places({each.schedule_id: each.hospital_code for each in missing})
    return [
        Finding(FindingKind.TEXT_MISSING, each.schedule_id, each.hospital_code, {"revision": each.revision})
        for each in missing
        if now[each.schedule_id] == (each.revision, False)
    ]


async def orphaned_texts(sql: Database, texts: Sequence[TextKey]) -> list[tuple[Finding, TextKey]]:
    """Those of these texts, as they were read a moment ago, that belong to no session."""
    async with sql.read() as session:
        places = await LedgerChecks(session).places({each.schedule_id: each.hospital_code for each in texts})
    orphaned = [each for each in texts if places[each.schedule_id] == (None, False)]
    if not orphaned:
        return []
    # One that is gone by now was being removed; one of another revision was put in anew.
    present = await ScheduleKeys().present([each.schedule_id for each in orphaned])
    return [
        (Finding(FindingKind.TEXT_ORPHANED, each.schedule_id, each.hospital_code, {"revision": each.revision}), each)
        for each in orphaned
        if each in present
    ]
