"""Watching the audit log: every hour its chain is walked, and what was proved is kept apart from it.

Each check does two things. It goes on behind the latest entry ever proved, whose number and hash it knows, so a log
that was cut off or written anew shows at once. And it walks again from the first entry on, so that a change of what was
proved before shows too; in a log so long that one check does not come to its end, the next goes on from there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from datasources.sql.audit_check import AuditCheck, AuditChecks
from datasources.sql.audit_entry import FIRST_HASH, Act, AuditLog
from datasources.sql.database import Database
from domain.audit.actor import Actor
from domain.audit.chain import BrokenEntry, check_chain
from domain.clock import Clock

EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=10)
"""A check that takes longer died; another begins."""
MOST_ENTRIES = 500_000
"""That one check walks of those not proved yet, and of those that it proves again."""

_log = structlog.get_logger(component="audit")


@dataclass(frozen=True, slots=True)
class _Walked:
    """How far an intact stretch reaches."""

    number: int
    hash: bytes


async def check_if_due(database: Database, clock: Clock, *, most: int = MOST_ENTRIES) -> AuditCheck | None:
    """What is known after this check; None if none was due, or somebody else is at it.

    A broken chain is logged as an error each time, and entered into the log itself when it is first seen.
    """
    now = clock()
    until = now + LEASE
    async with database.unit_of_work() as session:
        before = await AuditChecks(session).begin(now, until)
    if before is None:
        return None
    new = await check_chain(
        database, before.proved_number + 1, most=most, known=before.proved_hash if before.proved_number else None
    )
    proved = _Walked(new.last_number, new.last_hash or before.proved_hash)
    again = await check_chain(
        database,
        before.walked_number + 1,
        proved.number,
        most=most,
        known=before.walked_hash if before.walked_number else None,
    )
    walked = _Walked(again.last_number, again.last_hash or before.walked_hash)
    whole = new.complete and again.complete and new.intact and again.intact
    if whole:
        walked = _Walked(0, FIRST_HASH)
    broken = min((each.broken for each in (new, again) if each.broken), key=lambda each: each.number, default=None)
    async with database.unit_of_work() as session:
        after = await AuditChecks(session).end(
            until,
            due_at=now + EVERY,
            checked_at=now,
            proved_number=proved.number,
            proved_hash=proved.hash,
            walked_number=walked.number,
            walked_hash=walked.hash,
            whole_at=now if whole else before.whole_at,
            broken_number=None if broken is None else broken.number,
            fault=None if broken is None else broken.fault,
            broken_since=None if broken is None else before.broken_since or now,
        )
        if after is not None and (broken is None) != (before.broken_number is None):
            await AuditLog(session).append(_told(broken, before, now))
    if broken is not None:
        _log.error("audit_chain_broken", number=broken.number, fault=broken.fault, proved=proved.number)
    return after


def _told(broken: BrokenEntry | None, before: AuditCheck, now: datetime) -> Act:
    actor = Actor.system("audit_watch", now)
    if broken is None:
        return actor.act("AUDIT_CHAIN_INTACT_AGAIN", "audit_entry", before.broken_number)
    return actor.act("AUDIT_CHAIN_BROKEN", "audit_entry", broken.number, result=broken.fault)
