"""Why somebody can't wait for a session, or can't take what was offered."""

import strawberry

from datasources.sql.waitlist_entry import WaitlistState
from domain.booking.waitlist import refused
from domain.global_id import NodeKind, global_id
from domain.problems import ProblemCode
from resolvers import waitlist_problems as words
from schema import enums as enums
from schema.binding import described_enum, of, on
from schema.problems import Problem, record_of

described_enum(
    WaitlistState,
    "Where a waitlist entry stands.",
    {
        "WAITING": "It waits for its turn.",
        "OFFERED": "A place is held for it until `offerUntil`; `acceptWaitlistOffer` takes it.",
        "ACCEPTED": "It became an order.",
        "LAPSED": "Nobody took the place in time; it passed on.",
        "LEFT": "Its owner left, or declined the place.",
        "ENDED": "It ended with the session's booking, or because the patient could not have booked; see "
        "`endedBecause`.",
    },
)


@strawberry.type(description="Numbers of the session are left: one may be taken at once, so nobody has to wait.")
class WaitlistNotNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_needed), description="What to do instead.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.WAITLIST_NOT_NEEDED), description="WAITLIST_NOT_NEEDED."
    )
    schedule_id: strawberry.ID = strawberry.field(
        resolver=of(lambda problem: global_id(NodeKind.SCHEDULE, problem.schedule_id)),
        description="The session, for `createOrder`.",
    )

    is_type_of = record_of(refused.WaitlistNotNeeded)


@strawberry.type(description="The person waits for the session already; nobody waits twice.")
class AlreadyWaiting(Problem):
    message: str = strawberry.field(resolver=on(words.of_already_waiting), description="Whose account waits.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ALREADY_WAITING), description="ALREADY_WAITING."
    )
    entry_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda problem: problem.entry_id and global_id(NodeKind.WAITLIST_ENTRY, problem.entry_id)),
        description="The entry, if it is the caller's own; null if another account waits for the same certificate.",
    )

    is_type_of = record_of(refused.AlreadyWaiting)


@strawberry.type(description="The person waits for as many sessions as anybody may.")
class TooManyWaits(Problem):
    message: str = strawberry.field(resolver=on(words.of_too_many), description="How many there may be.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.TOO_MANY_WAITS), description="TOO_MANY_WAITS."
    )
    most: int = strawberry.field(description="Sessions that one person may wait for at a time.")

    is_type_of = record_of(refused.TooManyWaits)


@strawberry.type(description="The entry has no offer that could be accepted: not yet, or no longer.")
class OfferEnded(Problem):
    message: str = strawberry.field(resolver=on(words.of_offer_ended), description="What there is to do.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.OFFER_ENDED), description="OFFER_ENDED.")
    state: WaitlistState = strawberry.field(description="Where the entry stands.")

    is_type_of = record_of(refused.OfferEnded)
