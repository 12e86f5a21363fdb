"""Checking the booking invariant by the clock: what changed every few minutes, everything once a night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from datasources.sql.invariant_run import CheckScope, FindingState, InvariantFinding, InvariantRun
from datasources.sql.invariant_runs import InvariantRuns
from datasources.stores import Stores
from domain.booking.invariant.checking import Checked, check_sessions
from domain.booking.invariant.findings import Finding, FindingKind
from domain.booking.invariant.repairs import repair
from domain.clock import Clock

EVERY = timedelta(minutes=3)
WHOLE_AT = time(3)
"""In the platform's zone."""
LEASE = timedelta(minutes=5)
"""A run that takes longer may have died: another begins. Two at once are harmless."""
MARGIN = timedelta(minutes=2)
"""Longer than any transaction: one that began before the last run may have committed after it."""
KEPT = timedelta(days=90)
MOST_NOTED = 1_000
"""Findings of one run that get rows, breaches first: a lost catalogue has as many as there are sessions."""
MOST_TOLD = 20
"""Findings of one run that are logged one by one."""

_log = structlog.get_logger(component="invariant")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the run that is due looks at."""

    run: InvariantRun
    changed_since: datetime | None
    known: Sequence[InvariantFinding]


async def check_if_due(stores: Stores, zone: ZoneInfo, clock: Clock) -> InvariantRun | None:
    """The run that was due, with what it came to; None if none was, or another process is at it.

    Drift is mended where it can be. Each breach is an error in the log at every run for as long as it lasts.
    """
    plan = await _begin(stores, zone, clock())
    if plan is None:
        return None
    try:
        checked = await check_sessions(
            stores, changed_since=plan.changed_since, besides=[finding.schedule_id for finding in plan.known]
        )
        mended = await repair(stores, checked, clock())
        run = await _end(stores, plan, checked, mended, clock())
    except Exception:
        async with stores.sql.unit_of_work() as session:
            await InvariantRuns(session).abandon(plan.run)
        raise
    _tell(checked, mended)
    return run


async def _begin(stores: Stores, zone: ZoneInfo, now: datetime) -> Plan | None:
    async with stores.sql.unit_of_work() as session:
        runs = InvariantRuns(session)
        await runs.lock()
        if await runs.is_under_way(now - LEASE):
            return None
        whole = await runs.last_ended(CheckScope.WHOLE)
        latest = await runs.last_ended(*CheckScope)
        if whole is None or latest is None or whole.began_at < _last_night(zone, now):
            scope, since = CheckScope.WHOLE, None
            await runs.forget_before(now - KEPT)
        elif now - latest.began_at >= EVERY:
            scope, since = CheckScope.RECENT, latest.began_at - MARGIN
        else:
            return None
        run = await runs.begin(InvariantRun(scope=scope, began_at=now))
        return Plan(run, since, await runs.open_findings())


async def _end(stores: Stores, plan: Plan, checked: Checked, mended: Sequence[Finding], now: datetime) -> InvariantRun:
    run = plan.run
    run.ended_at, run.sessions_checked, run.texts_checked = now, checked.sessions, checked.texts
    run.breaches, run.repaired = len(checked.breaches), len(mended)
    run.drifts = len(checked.findings) - run.breaches
    still = {(finding.kind, finding.schedule_id) for finding in checked.findings}
    gone = [
        finding.id
        for finding in plan.known
        if finding.id is not None
        and (finding.kind, finding.schedule_id) not in still
        and _was_looked_at(finding, plan, checked)
    ]
    async with stores.sql.unit_of_work() as session:
        runs = InvariantRuns(session)
        await runs.lock()
        await runs.close(gone, FindingState.GONE, now)
        for finding in sorted(checked.findings, key=lambda each: not each.is_breach)[:MOST_NOTED]:
            await runs.see(_row(finding, now))
        repaired = {(finding.kind, finding.schedule_id) for finding in mended}
        closing = [
            each.id
            for each in await runs.open_findings()
            if each.id is not None and (each.kind, each.schedule_id) in repaired
        ]
        await runs.close(closing, FindingState.REPAIRED, now)
        await runs.end(run)
    return run


def _was_looked_at(finding: InvariantFinding, plan: Plan, checked: Checked) -> bool:
    """Every session with an open finding is looked at again; texts only while MongoDB answers."""
    match finding.kind:
        case FindingKind.TEXT_MISSING:
            return checked.texts
        case FindingKind.TEXT_ORPHANED:
            return checked.texts and plan.changed_since is None
        case _:
            return True


def _row(finding: Finding, now: datetime) -> InvariantFinding:
    return InvariantFinding(
        kind=str(finding.kind),
        schedule_id=finding.schedule_id,
        hospital_code=finding.hospital_code,
        is_breach=finding.is_breach,
        detail=dict(finding.detail),
        first_seen_at=now,
        last_seen_at=now,
    )


def _last_night(zone: ZoneInfo, now: datetime) -> datetime:
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), WHOLE_AT, zone)
    return tonight if local >= tonight else tonight - timedelta(days=1)


def _tell(checked: Checked, mended: Sequence[Finding]) -> None:
    for finding in checked.breaches[:MOST_TOLD]:
        _log.error("booking_invariant_broken", kind=finding.kind, schedule=finding.schedule_id, **finding.detail)
    if checked.breaches:
        _log.error("booking_invariant_breaches", count=len(checked.breaches))
    for finding in [each for each in checked.findings if not each.is_breach][:MOST_TOLD]:
        outcome = "repaired" if finding in mended else "left"
        _log.warning("booking_drift", kind=finding.kind, schedule=finding.schedule_id, outcome=outcome)
