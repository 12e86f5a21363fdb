"""What staff do about no-shows and bans: excuse the one, lift the other. Neither does the other by itself.

An excused visit is not counted when a later one is missed; a ban that it had brought stays until it is lifted.
"""

from dataclasses import dataclass
from uuid import UUID

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_bans import BookingBans
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.ledger_functions import lock_person
from datasources.sql.patient import Patients
from domain.audit.actor import Actor
from domain.booking.change_refused import OrderNotChangeable
from domain.booking.order_states import TRANSITIONS, OrderStep
from domain.booking.reasons import plain_note
from domain.booking.transitions import take_step
from domain.language import Words
from domain.messages.of_account import tell_of_lifted_ban
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

_NO_REASON = Words("请写明原因。", "Say why.")


@dataclass(frozen=True, slots=True)
class NoShowExcused:
    """The order, which counts as completed now."""

    order: BookingOrder


@dataclass(frozen=True, slots=True)
class BookingBanLifted:
    """The ban, lifted by this call or before."""

    ban: BookingBan


async def excuse_no_show(
    database: Database, hospital_code: str | None, order_id: UUID, because: str, actor: Actor
) -> NoShowExcused | OrderNotChangeable | NotFound | InvalidInput:
    """Take a no-show back: the visit counts as completed. A hospital's staff reach that hospital's orders alone;
    `hospital_code` is None for the platform's."""
    reason = plain_note(because)
    if not reason:
        return _no_reason()
    async with database.unit_of_work() as session:
        orders = BookingOrders(session)
        order = await orders.get(order_id)
        if order is None or hospital_code not in (None, order.hospital_code):
            return NotFound()
        if order.person is not None:
            await lock_person(session, order.person)
        order = await orders.get(order_id, for_change=True)
        if order is None:
            return NotFound()
        if (OrderState(order.state), OrderStep.EXCUSE) not in TRANSITIONS:
            return OrderNotChangeable(OrderState(order.state))
        excused = await take_step(session, order, OrderStep.EXCUSE, actor, detail={"note": reason})
        act = actor.act(
            "NO_SHOW_EXCUSED", "order", order_id, hospital_code=order.hospital_code, detail={"reason": reason}
        )
        await AuditLog(session).append(act)
    return NoShowExcused(excused)


async def lift_ban(
    database: Database, ban_id: UUID, because: str, actor: Actor
) -> BookingBanLifted | NotFound | InvalidInput:
    """Let a banned person book again. Lifting twice changes nothing."""
    reason = plain_note(because)
    if not reason:
        return _no_reason()
    async with database.unit_of_work() as session:
        bans = BookingBans(session)
        lifted = await bans.lift(ban_id, UUID(actor.id), reason, actor.now)
        if lifted is None:
            there = await bans.get(ban_id)
            return NotFound() if there is None else BookingBanLifted(there)
        owner = await Patients(session).owner_of(lifted.patient_id)
        if owner is not None:
            await tell_of_lifted_ban(session, owner, lifted, actor.now)
        act = actor.act("BOOKING_BAN_LIFTED", "patient", lifted.patient_id, detail={"reason": reason})
        await AuditLog(session).append(act)
    return BookingBanLifted(lifted)


def _no_reason() -> InvalidInput:
    return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON)])
