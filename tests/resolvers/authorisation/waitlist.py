"""Waiting for full sessions."""

from tests.resolvers.authorisation.rows import THE_OWNER, Owned, Row, Told, Way

TYPES: dict[str, Row] = {
    "WaitlistEntry": Owned(
        clear="id state peopleAhead joinedAt offeredAt offerUntil endedAt endedBecause",
        masked="patientName",
        leads_to="schedule order",
        at="Query.myWaitlist Query.node Query.nodes Query._entities Subscription.myWaitlist WaitlistJoined.entry"
        " WaitlistLeft.entry",
    ),
    "WaitlistJoined": Told(clear="replayed", leads_to="entry"),
    "WaitlistLeft": Told(leads_to="entry"),
    "WaitlistOfferAccepted": Told(clear="replayed", leads_to="order"),
    "WaitlistNotNeeded": Told(clear="message code scheduleId"),
    "AlreadyWaiting": Told(clear="message code entryId"),
    "TooManyWaits": Told(clear="message code most"),
    "OfferEnded": Told(clear="message code state"),
}

BY_ID = {"WaitlistEntry": THE_OWNER}

WAYS = [
    Way("myWaitlist", "WaitlistEntry", THE_OWNER),
    Way("myWaitlist {{ order … }}", "Order", THE_OWNER),
]
