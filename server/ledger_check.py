"""`python -m server check-ledger`: compares every session with its orders, waitlist and texts. Changes nothing."""

from collections.abc import Callable

from datasources.stores import Stores
from domain.booking.invariant.checking import check_sessions
from domain.booking.invariant.findings import Finding

MOST_PRINTED = 100


async def check_ledger(stores: Stores, say: Callable[[str], None]) -> bool:
    """Whether nothing is broken. Each finding is a line; drift, which the worker mends or reports, breaks nothing."""
    checked = await check_sessions(stores)
    for finding in sorted(checked.findings, key=lambda each: not each.is_breach)[:MOST_PRINTED]:
        say(_line(finding))
    if len(checked.findings) > MOST_PRINTED:
        say(f"… and {len(checked.findings) - MOST_PRINTED} more")
    texts = "" if checked.texts else ", but not their texts: MongoDB does not answer"
    drifts = len(checked.findings) - len(checked.breaches)
    say(f"{checked.sessions} sessions checked{texts}: {len(checked.breaches)} breaches, {drifts} drifts")
    return not checked.breaches


def _line(finding: Finding) -> str:
    what = "BREACH" if finding.is_breach else "drift"
    return f"{what} {finding.kind} {finding.schedule_id} {dict(finding.detail)}"
