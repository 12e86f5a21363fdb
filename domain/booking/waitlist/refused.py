"""What keeps somebody from waiting, or from taking what was offered, beside the refusals of the booking rule."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.waitlist_entry import WaitlistState


@dataclass(frozen=True, slots=True)
class WaitlistNotNeeded:
    """Numbers are left: one may be taken at once."""

    schedule_id: str


@dataclass(frozen=True, slots=True)
class AlreadyWaiting:
    """The person waits for this session already."""

    entry_id: UUID | None
    """The entry, if it is the caller's own; None: somebody else's account waits for the same certificate."""


@dataclass(frozen=True, slots=True)
class TooManyWaits:
    """The person waits for as many sessions as anybody may."""

    most: int


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """The entry has no offer that could be accepted: not yet, or no longer."""

    state: WaitlistState
