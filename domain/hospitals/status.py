"""Whether a hospital can be booked: online or offline as it likes, or locked by the platform.

The account's row says so at once, and bookings are judged by it. What patients find in the catalogue follows through
the outbox of pushes, as everything there does, so a process that dies between the stores leaves no contradiction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind
from datasources.mongo.documents import HospitalDocument
from datasources.sql.audit_entry import AuditLog
from datasources.sql.catalogue_push import CataloguePush, CataloguePushes
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts, HospitalStatus
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.catalogue.outbox import apply_waiting
from domain.language import Words
from domain.messages.of_hospital import tell_of_lock
from domain.problems import FieldProblem, HospitalLocked, InvalidInput, NotFound, ProblemCode

LONGEST_REASON = 300
OPERATION = "changeStatus"

_NO_REASON = Words("请写明 1 至 {most} 字的原因。", "Give a reason of 1 to {most} characters.")
_OPEN = (HospitalStatus.ONLINE, HospitalStatus.OFFLINE)


@dataclass(frozen=True, slots=True)
class HospitalStatusChanged:
    """The hospital's account as it now is."""

    account: HospitalAccount
    changed: bool
    """False when it stood so before."""


StatusAnswer = HospitalStatusChanged | HospitalLocked | NotFound
LockAnswer = HospitalStatusChanged | InvalidInput | NotFound


@dataclass(frozen=True, slots=True)
class _Move:
    to: HospitalStatus
    from_states: Sequence[HospitalStatus]
    action: str
    reason: str | None = None


async def set_online(stores: Stores, hospital_code: str, *, online: bool, actor: Actor) -> StatusAnswer:
    """Take bookings, or take none for now. Orders stay, and pushes are taken in both."""
    to = HospitalStatus.ONLINE if online else HospitalStatus.OFFLINE
    move = _Move(to, [each for each in _OPEN if each is not to], f"HOSPITAL_{to}")
    answer = await _moved(stores, hospital_code, move, actor)
    if isinstance(answer, HospitalStatusChanged) and answer.account.status == HospitalStatus.LOCKED:
        return HospitalLocked(hospital_code)
    return answer


async def lock(stores: Stores, hospital_code: str, reason: str, actor: Actor) -> LockAnswer:
    """Refuse the hospital's pushes and take no bookings for it, until it is unlocked. Its orders stay, and its staff
    go on receiving patients."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON, {"most": LONGEST_REASON})])
    return await _moved(stores, hospital_code, _Move(HospitalStatus.LOCKED, _OPEN, "HOSPITAL_LOCKED", reason), actor)


async def unlock(stores: Stores, hospital_code: str, actor: Actor) -> LockAnswer:
    """End the lock. The hospital is offline then: what it has on sale is older than the lock, so it looks first."""
    move = _Move(HospitalStatus.OFFLINE, (HospitalStatus.LOCKED,), "HOSPITAL_UNLOCKED")
    return await _moved(stores, hospital_code, move, actor)


async def _moved(stores: Stores, hospital_code: str, move: _Move, actor: Actor) -> HospitalStatusChanged | NotFound:
    answer: HospitalStatusChanged | NotFound | None = None
    while answer is None:
        # The document is rewritten whole, so what waits for it must stand in it first.
        await apply_waiting(stores, hospital_code, actor.now)
        async with stores.sql.unit_of_work() as session:
            answer = await _move(session, hospital_code, move, actor)
    await apply_waiting(stores, hospital_code, actor.now)
    return answer


async def _move(
    session: AsyncSession, hospital_code: str, move: _Move, actor: Actor
) -> HospitalStatusChanged | NotFound | None:
    """What became of it; None when a push must reach MongoDB first."""
    pushes, accounts = CataloguePushes(session), HospitalAccounts(session)
    await pushes.lock_pushing(hospital_code)
    if await pushes.has_waiting(hospital_code):
        return None
    changed = await accounts.change_status(hospital_code, move.to, move.from_states, move.reason, actor.now)
    account = await accounts.get(hospital_code)
    if account is None:
        return NotFound()
    if not changed:
        return HospitalStatusChanged(account, changed=False)
    await _relist(session, hospital_code, listed=move.to is HospitalStatus.ONLINE)
    if move.to is HospitalStatus.LOCKED or move.from_states == (HospitalStatus.LOCKED,):
        await tell_of_lock(session, hospital_code, move.reason, actor.now)
    detail = {} if move.reason is None else {"reason": move.reason}
    await AuditLog(session).append(
        actor.act(move.action, "hospital", hospital_code, hospital_code=hospital_code, detail=detail)
    )
    return HospitalStatusChanged(account, changed=True)


async def _relist(session: AsyncSession, hospital_code: str, *, listed: bool) -> None:
    """Have the hospital's document say whether patients see it; nothing before its first push."""
    entry = await HospitalDocument.get(hospital_code)
    if entry is None:
        return
    numbered = await HospitalAccounts(session).next_push_revision(hospital_code)
    assert numbered is not None
    document = entry.model_dump(mode="json", exclude={"id", "revision", "revision_id", "updated_at"})
    change = DocumentChange(kind=DocumentKind.HOSPITAL, id=hospital_code, document=document | {"listed": listed})
    await CataloguePushes(session).add(
        CataloguePush(
            hospital_code=hospital_code,
            idempotency_key=f"status:{uuid4()}",
            operation=OPERATION,
            request_hash=bytes(32),
            revision=numbered[0],
            outcome={},
            documents=[dict(change)],
        )
    )
