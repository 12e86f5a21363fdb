"""Showing a patient's details in clear: to the owner alone, who proves themselves anew, so often a day, on record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from datasources.cache.reveals import Reveals
from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.patient import Patients
from datasources.stores import Stores
from domain.patients.changes import Owner
from domain.patients.views import ClearPatient, clear_patient
from domain.problems import NotFound

MOST_REVEALS = 10
"""Per account and date of the platform."""

Unproved = TypeVar("Unproved")
Reproof = Callable[[], Awaitable[Unproved | None]]
"""Asks for the proof once more: None when it holds, else what is wrong with it."""


@dataclass(frozen=True, slots=True)
class TooManyReveals:
    """The account's owner has seen details in clear as often as they may on one date."""

    most: int = MOST_REVEALS


async def reveal_patient(
    stores: Stores, ring: KeyRing, owner: Owner, id: UUID, prove: Reproof[Unproved]
) -> ClearPatient | NotFound | TooManyReveals | Unproved:
    """The details of the owner's patient in clear, once the owner is proved.

    What isn't the owner's is not found before any proof is used up. The audit entry is committed before the answer
    leaves: nothing is shown that is not on record.
    """
    async with stores.sql.read() as session:
        if await Patients(session).own(owner.user_id, id) is None:
            return NotFound()
    unproved = await prove()
    if unproved is not None:
        return unproved
    if not await Reveals(stores.redis).take(owner.user_id, owner.today, most=MOST_REVEALS):
        return TooManyReveals()
    async with stores.sql.unit_of_work() as session:
        row = await Patients(session).own(owner.user_id, id)
        if row is None:
            return NotFound()
        clear = clear_patient(ring, row, owner.today)
        await AuditLog(session).append(owner.actor.act("PATIENT_REVEALED", "patient", id))
    return clear
