"""Running a session's queue (叫号): calling the next, passing over who is not there, ending visits."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from datasources.sql.session_queues import QueuePlace, SessionQueues
from datasources.sql.slot_ledger import HalfDay
from datasources.sql.slot_ledger_reads import SlotLedgerReads
from domain.audit.actor import Actor
from domain.booking.check_in import place_before, those_waiting
from domain.booking.once import bad_key, in_one_go
from domain.booking.order_states import OrderStep
from domain.booking.queue_order import absence_index
from domain.booking.transitions import take_step
from domain.language import Words
from domain.live.changes import note_order_change, note_queue_change
from domain.problems import FieldProblem, IdempotencyKeyReused, InvalidInput, NotFound, ProblemCode

LONGEST_ROOM = 40
CALL_NEXT = "callNextPatient"

_ROOM = Words("诊室名称至多 {most} 个字符。", "A room's name has at most {most} characters.")


@dataclass(frozen=True, slots=True)
class NextCall:
    """Somebody of a hospital calls the next of a session, to a room."""

    hospital_code: str
    schedule_id: str
    room: str
    key: str
    actor: Actor

    @property
    def caller(self) -> str:
        """Whose key it is."""
        return f"{self.actor.kind}:{self.actor.id}"

    @property
    def digest(self) -> bytes:
        """What must be equal in a call that repeats this one."""
        return hashlib.sha256(f"{self.schedule_id}\0{self.room}".encode()).digest()


@dataclass(frozen=True, slots=True)
class PatientCalled:
    """Somebody was called, by this call or by the same one before."""

    order: BookingOrder
    place: QueuePlace


@dataclass(frozen=True, slots=True)
class PatientPassedOver:
    """Somebody who was called and was not there waits again, behind the next few."""

    order: BookingOrder
    place: QueuePlace


@dataclass(frozen=True, slots=True)
class VisitCompleted:
    """The visit is over, by this call or before."""

    order: BookingOrder


@dataclass(frozen=True, slots=True)
class QueueEmpty:
    """Nobody waits for this session now."""


@dataclass(frozen=True, slots=True)
class NotCalled:
    """The patient was not called yet, so nobody can say that they were not there."""


@dataclass(frozen=True, slots=True)
class NotInQueue:
    """The patient is not checked in, or the visit is over."""

    state: OrderState


CallAnswer = PatientCalled | QueueEmpty | NotFound | InvalidInput | IdempotencyKeyReused
PassAnswer = PatientPassedOver | NotCalled | NotInQueue | NotFound
CompleteAnswer = VisitCompleted | NotInQueue | NotFound


async def call_next(sql: Database, call: NextCall) -> CallAnswer:
    """Call whoever is first of those who wait for a session. The same call again calls nobody else."""
    problem = bad_key(call.key)
    if problem is not None:
        return problem
    if len(call.room) > LONGEST_ROOM:
        return InvalidInput([FieldProblem("room", ProblemCode.TOO_LONG, _ROOM, {"most": LONGEST_ROOM})])

    async def change(session: AsyncSession) -> CallAnswer:
        ledger = (await SlotLedgerReads(session).by_ids([call.schedule_id])).get(call.schedule_id)
        if ledger is None or ledger.hospital_code != call.hospital_code:
            return NotFound()
        queues = SessionQueues(session)
        await queues.lock(call.schedule_id)
        records = IdempotencyRecords(session)
        earlier = await records.get(call.caller, CALL_NEXT, call.key)
        if earlier is not None:
            if earlier.request_hash != call.digest:
                return IdempotencyKeyReused(call.key)
            return await _called(session, UUID(earlier.subject_id))
        waiting = those_waiting(await queues.of_session(call.schedule_id))
        if not waiting:
            return QueueEmpty()
        order_id = waiting[0].order_id
        await queues.call(order_id, call.actor.now, call.caller, call.room)
        await records.add(
            IdempotencyRecord(
                caller=call.caller,
                operation=CALL_NEXT,
                idempotency_key=call.key,
                request_hash=call.digest,
                subject_id=str(order_id),
                created_at=call.actor.now,
            )
        )
        answer = await _called(session, order_id)
        _note_moved(session, answer.order)
        await _record(session, "PATIENT_CALLED", answer.order, call.actor, {"room": call.room})
        return answer

    return await in_one_go(sql, change)


async def pass_over(sql: Database, hospital_code: str, order_id: UUID, actor: Actor) -> PassAnswer:
    """Let somebody who was called and is not there wait behind the next few. Once more changes nothing."""
    async with sql.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        if order is None:
            return NotFound()
        if order.state != OrderState.CHECKED_IN:
            return NotInQueue(OrderState(order.state))
        queues = SessionQueues(session)
        await queues.lock(order.schedule_id)
        queued = await queues.of_session(order.schedule_id)
        own = next((each for each in queued if each.order_id == order_id), None)
        if own is None or own.times_called == 0:
            return NotCalled()
        if own.called_at is not None:
            others = those_waiting(queued)
            place = place_before(queued, others, absence_index(len(others)))
            await queues.put_back(order.schedule_id, order_id, place)
            _note_moved(session, order)
            await _record(session, "PATIENT_PASSED_OVER", order, actor)
        return PatientPassedOver(order, (await queues.places([order_id]))[order_id])


async def complete_visit(sql: Database, hospital_code: str, order_id: UUID, actor: Actor) -> CompleteAnswer:
    """End the visit of somebody who is checked in. Once more changes nothing."""
    async with sql.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        if order is None:
            return NotFound()
        if order.state == OrderState.COMPLETED:
            return VisitCompleted(order)
        if order.state != OrderState.CHECKED_IN:
            return NotInQueue(OrderState(order.state))
        completed = await take_step(session, order, OrderStep.COMPLETE, actor)
        await _record(session, "VISIT_COMPLETED", completed, actor)
        return VisitCompleted(completed)


async def _called(session: AsyncSession, order_id: UUID) -> PatientCalled:
    order = (await BookingOrders(session).by_ids([order_id]))[order_id]
    return PatientCalled(order, (await SessionQueues(session).places([order_id]))[order_id])


async def _record(
    session: AsyncSession, action: str, order: BookingOrder, actor: Actor, detail: dict[str, Any] | None = None
) -> None:
    act = actor.act(action, "order", order.id, hospital_code=order.hospital_code, detail=detail or {})
    await AuditLog(session).append(act)


def _note_moved(session: AsyncSession, order: BookingOrder) -> None:
    note_order_change(session, order.user_id, order.id)
    note_queue_change(session, order.hospital_code, order.department_code, order.visit_date, HalfDay(order.half_day))
