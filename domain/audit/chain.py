"""Finding the first entry at which the audit log's chain is broken: removed, changed, or put in afterwards.

The chain can't show that its newest entries are missing, for nothing follows them. So the answer carries the last
entry's number and hash: whoever keeps them elsewhere can tell later that both are still there. The platform itself does
so every hour (`domain/audit/watch.py`).
"""

from dataclasses import dataclass
from enum import StrEnum

from datasources.sql.audit_entry import FIRST_HASH, AuditEntry, AuditReads, entry_hash
from datasources.sql.database import Database

BATCH = 1_000
MOST_ENTRIES = 100_000
"""Entries that one call walks; the next goes on behind them."""


class Break(StrEnum):
    """What is wrong with an entry."""

    MISSING = "MISSING"
    ALTERED = "ALTERED"


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """The first entry that does not follow from the ones before it."""

    number: int
    fault: Break


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a walk along the chain found."""

    first_number: int
    last_number: int
    """The last entry that is proved intact; one before the first when none is."""
    last_hash: bytes
    broken: BrokenEntry | None
    complete: bool
    """Whether everything asked for was walked, rather than the most that one call may."""

    @property
    def intact(self) -> bool:
        """Whether nothing wrong was found."""
        return self.broken is None


async def check_chain(
    database: Database, first: int = 1, last: int | None = None, *, most: int = MOST_ENTRIES, known: bytes | None = None
) -> ChainCheck:
    """Walk entries `first` to `last` (the latest for None) in batches. The entry before `first` is trusted, unless the
    hash that it had is `known`: then it must still be there with that hash, even if nothing follows it."""
    first = max(first, 1)
    async with database.read() as session:
        reads = AuditReads(session)
        latest = await reads.last_id()
        wanted = latest if last is None else last
        end = min(wanted, first + most - 1)
        before = FIRST_HASH
        if first > 1 and (first <= end or known is not None):
            previous = await reads.get(first - 1)
            if previous is None:
                return ChainCheck(first, first - 1, b"", BrokenEntry(first - 1, Break.MISSING), complete=False)
            if known is not None and previous.hash != known:
                return ChainCheck(first, first - 1, b"", BrokenEntry(first - 1, Break.ALTERED), complete=False)
            before = previous.hash
        expected = first
        while expected <= end:
            # The log only grows, so what is behind the latest entry is missing for good reason or for none.
            batch = await reads.run(expected, end, BATCH)
            if not batch:
                return ChainCheck(first, expected - 1, before, BrokenEntry(expected, Break.MISSING), complete=False)
            for entry in batch:
                fault = _fault(entry, expected, before)
                if fault is not None:
                    return ChainCheck(first, expected - 1, before, BrokenEntry(expected, fault), complete=False)
                before = entry.hash
                expected += 1
            session.expunge_all()
    return ChainCheck(first, expected - 1, before, None, complete=end >= wanted)


def _fault(entry: AuditEntry, expected: int, before: bytes) -> Break | None:
    if entry.id != expected:
        return Break.MISSING
    return None if entry_hash(entry, before) == entry.hash else Break.ALTERED
