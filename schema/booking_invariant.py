"""Whether ledger, orders, waitlist and catalogue agree, as the platform's own check found."""

from collections.abc import Awaitable
from datetime import datetime

import strawberry

from datasources.sql.invariant_run import CheckScope, FindingState
from datasources.sql.invariant_run import InvariantFinding as FindingRow
from datasources.sql.invariant_run import InvariantRun as RunRow
from domain.booking.invariant.findings import FindingKind
from domain.global_id import NodeKind, global_id
from domain.permissions import Permission
from resolvers import booking_invariant
from schema.binding import Context, answers, described_enum, of
from schema.permissions import may

described_enum(
    CheckScope,
    "What a run of the check looks at.",
    {
        "RECENT": "Sessions that changed since the last run, and those that something is wrong with.",
        "WHOLE": "Every session and every session's texts.",
    },
)
described_enum(
    FindingState,
    "What became of a finding.",
    {"OPEN": "It is so.", "REPAIRED": "The check mended it.", "GONE": "A later run did not find it any more."},
)
described_enum(
    FindingKind,
    "What is wrong with a session. The last three are drift: shown wrongly, but promised to nobody.",
    {
        "TAKEN_MISCOUNTED": "The ledger counts other than the orders and offers that hold numbers.",
        "NUMBER_DOUBLED": "A number is held twice, or is held and for sale.",
        "NUMBER_LOST": "A number was issued and is neither held nor for sale.",
        "NUMBER_NEVER_ISSUED": "A number is held or for sale that was never issued.",
        "ORDER_ELSEWHERE": "An order tells another hospital, department, date or half-day than its session.",
        "PERSON_DOUBLED": "A person has two orders of the session.",
        "WAITING_MISCOUNTED": "The ledger counts other than the waitlist's entries that wait; counted again.",
        "TEXT_MISSING": "The catalogue has no texts for the session; its hospital has to push it again.",
        "TEXT_ORPHANED": "The catalogue has texts for a session that is not there; deleted.",
    },
)


@strawberry.type(description="One run of the check.")
class InvariantRun:
    scope: CheckScope = strawberry.field(
        resolver=of(lambda run: CheckScope(run.scope)), description="What it looked at."
    )
    began_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime = strawberry.field(description="When it ended.")
    sessions_checked: int = strawberry.field(description="How many sessions it looked at.")
    texts_checked: bool = strawberry.field(
        description="Whether it compared the catalogue too; not while MongoDB is down."
    )
    breaches: int = strawberry.field(description="How many breaches it found.")
    drifts: int = strawberry.field(description="How much drift it found.")
    repaired: int = strawberry.field(description="How much of that it mended.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, RunRow)


@strawberry.type(description="One particular of a finding.")
class InvariantDetail:
    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="Its value, as JSON.")


@strawberry.type(description="Something that the check found wrong with a session.")
class InvariantFinding:
    kind: FindingKind = strawberry.field(
        resolver=of(lambda finding: FindingKind(finding.kind)), description="What is wrong."
    )
    is_breach: bool = strawberry.field(
        description="Whether a promise may be broken: then a person has to look at it, as no program may."
    )
    state: FindingState = strawberry.field(
        resolver=of(lambda finding: FindingState(finding.state)), description="What became of it."
    )
    hospital_code: str = strawberry.field(description="Code of the session's hospital.")
    schedule_id: strawberry.ID = strawberry.field(
        resolver=of(lambda finding: global_id(NodeKind.SCHEDULE, finding.schedule_id)),
        description="Global id of the session.",
    )
    detail: list[InvariantDetail] = strawberry.field(
        resolver=of(booking_invariant.details), description="Counts, numbers and orders; nothing of a person."
    )
    first_seen_at: datetime = strawberry.field(description="When it was first found.")
    last_seen_at: datetime = strawberry.field(description="When it was last found, or found to be gone.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, FindingRow)


@strawberry.type(description="What the platform's own check of booking looked at and found.")
class BookingInvariantReport:
    last_run: InvariantRun | None = strawberry.field(description="The last run; null before the first.")
    last_whole_run: InvariantRun | None = strawberry.field(
        description="The last run that looked at everything, as one does each night."
    )
    open_breaches: int = strawberry.field(description="Breaches that last; anything but 0 is an alarm.")
    open_drifts: int = strawberry.field(description="Drift that lasts.")
    open_findings: list[InvariantFinding] = strawberry.field(
        description="What is wrong: breaches first, then the latest; at most 50."
    )
    ended_findings: list[InvariantFinding] = strawberry.field(
        description="What was wrong and was mended or is gone, the latest first; at most 50."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, booking_invariant.InvariantReport)


@strawberry.type
class BookingInvariantQuery:
    @answers(
        BookingInvariantReport,
        "Whether sold numbers, orders, the waitlist and the catalogue agree: what the platform's own check found.",
        only=may(Permission.READ_CHECKS),
    )
    def booking_invariant_report(self, info: Context) -> Awaitable[booking_invariant.InvariantReport]:
        return booking_invariant.report(info.context)
