"""What the platform's check of booking found, as staff read it."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from datasources.sql.invariant_run import CheckScope, InvariantFinding, InvariantRun
from datasources.sql.invariant_runs import InvariantRuns
from domain.permissions import Permission
from resolvers.audit import Detail
from resolvers.context import RequestContext
from resolvers.staff_callers import staff_with

MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class InvariantReport:
    """What the last runs looked at, what is wrong, and what was."""

    last_run: InvariantRun | None
    last_whole_run: InvariantRun | None
    open_breaches: int
    open_drifts: int
    open_findings: Sequence[InvariantFinding]
    ended_findings: Sequence[InvariantFinding]


async def report(context: RequestContext) -> InvariantReport:
    """The report."""
    staff_with(context, Permission.READ_CHECKS)
    async with context.stores.sql.read() as session:
        runs = InvariantRuns(session)
        counts = await runs.open_counts()
        return InvariantReport(
            last_run=await runs.last_ended(*CheckScope),
            last_whole_run=await runs.last_ended(CheckScope.WHOLE),
            open_breaches=counts.breaches,
            open_drifts=counts.drifts,
            open_findings=await runs.latest_open(MOST_FINDINGS),
            ended_findings=await runs.latest_ended(MOST_FINDINGS),
        )


def details(finding: InvariantFinding) -> list[Detail]:
    """The counts, numbers and orders of a finding."""
    return [Detail(name, orjson.dumps(value).decode()) for name, value in sorted(finding.detail.items())]
