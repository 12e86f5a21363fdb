"""Leaving the waitlist, or declining what was offered."""

from datetime import datetime
from uuid import UUID

from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import OPEN, WaitlistState
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.booking.waitlist.ending import end_entry
from domain.booking.waitlist.offering import serve_waitlist
from domain.booking.waitlist.rules import WaitlistEnd
from domain.problems import NotFound


async def leave_waitlist(
    stores: Stores, policy: BookingPolicy, user_id: UUID, entry_id: UUID, now: datetime
) -> UUID | NotFound:
    """End one of the account's entries; a place that was offered to it passes on at once.

    An entry that is over already stays as it is, so the same call may be repeated.
    """
    async with stores.sql.unit_of_work() as session:
        entries = WaitlistEntries(session)
        found = await entries.own(user_id, entry_id)
        if found is None:
            return NotFound()
        ledger = await entries.lock_ledger(found.schedule_id)
        entry = await entries.own(user_id, entry_id)
        if ledger is None or entry is None or entry.state not in OPEN:
            return entry_id
        declined = entry.state == WaitlistState.OFFERED
        because = WaitlistEnd.DECLINED if declined else WaitlistEnd.LEFT
        await end_entry(session, ledger, entry, WaitlistState.LEFT, because, now)
    if declined:
        await serve_waitlist(stores, policy, ledger.schedule_id, now)
    return entry_id
