"""What can be wrong with a session, and finding it in what is known of one. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from datasources.sql.ledger_check import SessionFacts

MOST_LISTED = 20
"""So many numbers or orders a finding names."""


class FindingKind(StrEnum):
    """What is wrong."""

    TAKEN_MISCOUNTED = "TAKEN_MISCOUNTED"
    NUMBER_DOUBLED = "NUMBER_DOUBLED"
    NUMBER_LOST = "NUMBER_LOST"
    NUMBER_NEVER_ISSUED = "NUMBER_NEVER_ISSUED"
    ORDER_ELSEWHERE = "ORDER_ELSEWHERE"
    PERSON_DOUBLED = "PERSON_DOUBLED"
    WAITING_MISCOUNTED = "WAITING_MISCOUNTED"
    TEXT_MISSING = "TEXT_MISSING"
    TEXT_ORPHANED = "TEXT_ORPHANED"


DRIFT = frozenset({FindingKind.WAITING_MISCOUNTED, FindingKind.TEXT_MISSING, FindingKind.TEXT_ORPHANED})
"""What is shown wrongly or not at all, but promised to nobody. Everything else is a breach, which nobody mends but a
person: whatever a program did with it, it might take a number from somebody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one session."""

    kind: FindingKind
    schedule_id: str
    hospital_code: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Numbers, counts and orders' keys; nothing of a person."""

    @property
    def is_breach(self) -> bool:
        """Whether a promise is broken, or may be."""
        return self.kind not in DRIFT


def findings_of(facts: SessionFacts) -> list[Finding]:
    """What is wrong between a session's ledger row, orders and waitlist.

    Holding orders and offers are `taken`; their numbers and the returned ones are 1 … next_number − 1, each once;
    those who wait are `waiting`; a person has one order; an order tells its session's place and time.
    """
    return [Finding(kind, facts.schedule_id, facts.hospital_code, detail) for kind, detail in _wrong(facts)]


def _wrong(facts: SessionFacts) -> Iterator[tuple[FindingKind, dict[str, Any]]]:
    held = len(facts.ordered) + len(facts.offered)
    if facts.taken != held:
        counts = {"taken": facts.taken, "orders": len(facts.ordered), "offers": len(facts.offered)}
        yield FindingKind.TAKEN_MISCOUNTED, counts
    issued = Counter([*facts.ordered, *facts.offered, *facts.returned_numbers])
    should_be = set(range(1, facts.next_number))
    doubled = sorted(number for number, times in issued.items() if times > 1)
    if doubled:
        yield FindingKind.NUMBER_DOUBLED, {"numbers": doubled[:MOST_LISTED]}
    lost = sorted(should_be - issued.keys())
    if lost:
        yield FindingKind.NUMBER_LOST, {"numbers": lost[:MOST_LISTED]}
    never_issued = sorted(issued.keys() - should_be)
    if never_issued:
        yield FindingKind.NUMBER_NEVER_ISSUED, {"numbers": never_issued[:MOST_LISTED]}
    for kind, orders in (
        (FindingKind.ORDER_ELSEWHERE, facts.elsewhere),
        (FindingKind.PERSON_DOUBLED, facts.same_person),
    ):
        if orders:
            yield kind, {"orders": sorted(str(id) for id in orders)[:MOST_LISTED]}
    if facts.waiting != facts.entries:
        yield FindingKind.WAITING_MISCOUNTED, {"waiting": facts.waiting, "entries": facts.entries}
