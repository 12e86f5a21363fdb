"""Ending entries, one or many: the ledger is told, and so is whoever watches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from domain.booking.waitlist.rules import WaitlistEnd
from domain.live.changes import note_order_change, note_slot_change
from domain.messages.of_waitlist import tell_of_end

_THEIR_OWN_DOING = frozenset({WaitlistEnd.LEFT, WaitlistEnd.DECLINED, WaitlistEnd.ACCOUNT_ERASED})
"""Ends that nobody has to be told of."""


async def end_entry(
    session: AsyncSession,
    ledger: SlotLedger,
    entry: WaitlistEntry,
    state: WaitlistState,
    because: WaitlistEnd,
    now: datetime,
) -> None:
    """End an open entry without an order; a number held for it goes back. The caller holds the ledger's row."""
    await WaitlistEntries(session).close(entry, state, because, now)
    if because not in _THEIR_OWN_DOING:
        await tell_of_end(session, ledger, entry, lapsed=because is WaitlistEnd.OFFER_LAPSED, now=now)
    note_entry_change(session, entry)
    note_slot_change(session, ledger.hospital_code, ledger.department_code, ledger.visit_date, ledger.schedule_id)


async def end_waits(session: AsyncSession, ledgers: Iterable[SlotLedger], because: WaitlistEnd, now: datetime) -> None:
    """End every open entry of these sessions, whose ledger rows the caller holds."""
    held: Mapping[str, SlotLedger] = {ledger.schedule_id: ledger for ledger in ledgers}
    if held:
        for entry in await WaitlistEntries(session).open_of_sessions(list(held)):
            await end_entry(session, held[entry.schedule_id], entry, WaitlistState.ENDED, because, now)


async def end_waits_of_patient(session: AsyncSession, patient_id: UUID, now: datetime) -> None:
    """End the entries of a patient who becomes somebody else: a place in line can't be handed on.

    The caller holds the patient's row, so none is added meanwhile.
    """
    found = await WaitlistEntries(session).open_of_patient(patient_id)
    await _end(session, found, WaitlistEnd.PATIENT_CHANGED, now)


async def remove_waits_of_patient(session: AsyncSession, patient_id: UUID, now: datetime) -> None:
    """End the entries of a patient who is being removed, and forget whom they were for."""
    await end_waits_of_patient(session, patient_id, now)
    await WaitlistEntries(session).forget_patient(patient_id)


async def erase_waits(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """End an account's entries and forget whom they were for. Repeating it changes nothing."""
    await _end(session, await WaitlistEntries(session).open_of_user(user_id), WaitlistEnd.ACCOUNT_ERASED, now)
    await WaitlistEntries(session).forget_user(user_id)


def note_entry_change(session: AsyncSession, entry: WaitlistEntry) -> None:
    """The entry changes with this transaction. Its owner watches it as they watch their orders."""
    note_order_change(session, entry.user_id, entry.id)


async def _end(session: AsyncSession, found: Sequence[WaitlistEntry], because: WaitlistEnd, now: datetime) -> None:
    entries, ids = WaitlistEntries(session), {entry.id for entry in found}
    for schedule_id in sorted({entry.schedule_id for entry in found}):
        ledger = await entries.lock_ledger(schedule_id)
        if ledger is not None:
            # Asked again under the lock: an offer may have been made meanwhile, or the entry ended.
            still_open = await entries.open_of_sessions([schedule_id])
            for entry in [each for each in still_open if each.id in ids]:
                await end_entry(session, ledger, entry, WaitlistState.ENDED, because, now)
