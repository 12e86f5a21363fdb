"""Reads and changes of the booking invariant's runs and findings."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import func, text
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.invariant_run import CheckScope, FindingState, InvariantFinding, InvariantRun

_SEEN = text("""
    INSERT INTO invariant_finding (kind, schedule_id, hospital_code, is_breach, detail, state,
                                   first_seen_at, last_seen_at)
    VALUES (:kind, :schedule_id, :hospital_code, :is_breach, CAST(:detail AS jsonb), :state, :now, :now)
    ON CONFLICT (kind, schedule_id) WHERE state = 'OPEN'
    DO UPDATE SET detail = excluded.detail, last_seen_at = excluded.last_seen_at
""")


class OpenCounts(NamedTuple):
    """What is wrong now."""

    breaches: int
    drifts: int


class InvariantRuns:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """Let nobody else begin or end a run until the transaction ends."""
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('invariant_run', 0))")
        )

    async def is_under_way(self, since: datetime) -> bool:
        """Whether a run that began after this has not ended."""
        found = await self._session.exec(
            select(InvariantRun.id).where(col(InvariantRun.ended_at).is_(None), col(InvariantRun.began_at) > since)
        )
        return found.first() is not None

    async def last_ended(self, *scopes: CheckScope) -> InvariantRun | None:
        """The latest run of these scopes that came to its end."""
        found = await self._session.exec(
            select(InvariantRun)
            .where(col(InvariantRun.scope).in_(scopes), col(InvariantRun.ended_at).is_not(None))
            .order_by(col(InvariantRun.began_at).desc(), col(InvariantRun.id).desc())
            .limit(1)
        )
        return found.first()

    async def begin(self, run: InvariantRun) -> InvariantRun:
        """Note that a run begins."""
        self._session.add(run)
        await self._session.flush()
        return run

    async def end(self, run: InvariantRun) -> None:
        """Note what a run came to."""
        await self._session.merge(run)
        await self._session.flush()

    async def open_findings(self) -> Sequence[InvariantFinding]:
        """What is wrong as far as known, the oldest first."""
        found = await self._session.exec(
            select(InvariantFinding)
            .where(InvariantFinding.state == FindingState.OPEN)
            .order_by(col(InvariantFinding.id))
        )
        return found.all()

    async def open_counts(self) -> OpenCounts:
        """How many of them there are."""
        found = await self._session.exec(
            select(InvariantFinding.is_breach, func.count())
            .where(InvariantFinding.state == FindingState.OPEN)
            .group_by(col(InvariantFinding.is_breach))
        )
        counts = dict(found.all())
        return OpenCounts(counts.get(True, 0), counts.get(False, 0))

    async def latest_open(self, most: int) -> Sequence[InvariantFinding]:
        """What is wrong, breaches first, then the latest first."""
        found = await self._session.exec(
            select(InvariantFinding)
            .where(InvariantFinding.state == FindingState.OPEN)
            .order_by(col(InvariantFinding.is_breach).desc(), col(InvariantFinding.id).desc())
            .limit(most)
        )
        return found.all()

    async def latest_ended(self, most: int) -> Sequence[InvariantFinding]:
        """What was wrong and is no longer, the latest first."""
        found = await self._session.exec(
            select(InvariantFinding)
            .where(InvariantFinding.state != FindingState.OPEN)
            .order_by(col(InvariantFinding.last_seen_at).desc(), col(InvariantFinding.id).desc())
            .limit(most)
        )
        return found.all()

    async def abandon(self, run: InvariantRun) -> None:
        """Forget a run that came to nothing, so that another may begin."""
        await (await self._session.connection()).execute(delete(InvariantRun).where(col(InvariantRun.id) == run.id))

    async def see(self, finding: InvariantFinding) -> None:
        """Note a finding; one that is open already is seen once more."""
        await (await self._session.connection()).execute(
            _SEEN,
            {
                "kind": str(finding.kind),
                "schedule_id": finding.schedule_id,
                "hospital_code": finding.hospital_code,
                "is_breach": finding.is_breach,
                "detail": orjson.dumps(finding.detail).decode(),
                "state": str(finding.state),
                "now": finding.last_seen_at,
            },
        )

    async def close(self, ids: Collection[int], state: FindingState, now: datetime) -> None:
        """Note that these are no longer so."""
        await (await self._session.connection()).execute(
            update(InvariantFinding).where(col(InvariantFinding.id).in_(ids)).values(state=str(state), last_seen_at=now)
        )

    async def forget_before(self, moment: datetime) -> None:
        """Delete runs and ended findings older than this."""
        connection = await self._session.connection()
        await connection.execute(delete(InvariantRun).where(col(InvariantRun.began_at) < moment))
        await connection.execute(
            delete(InvariantFinding).where(
                col(InvariantFinding.last_seen_at) < moment, col(InvariantFinding.state) != FindingState.OPEN
            )
        )
