"""What an export of one's own data says about orders, the waitlist, and bans."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.booking_bans import BookingBans
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_order_reads import BookingOrderReads, OrderCriteria
from datasources.sql.order_event import OrderEventRow
from datasources.sql.waitlist_reads import WaitlistReads
from domain.global_id import NodeKind, global_id

MOST_ORDERS = 5_000
MOST_ENTRIES = 5_000
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


async def export_orders(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The account's orders with their history, the newest first."""
    reads = BookingOrderReads(session)
    orders = await reads.page(OrderCriteria(user_id=user_id), None, MOST_ORDERS)
    histories = await reads.histories([order.id for order in orders])
    return [_order(order, histories.get(order.id, [])) for order in orders]


async def export_waits(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The account's waitlist entries, the latest first."""
    shown = await WaitlistReads(session).of_user(user_id, ended_since=_EVER, limit=MOST_ENTRIES)
    return [
        {
            "scheduleId": global_id(NodeKind.SCHEDULE, each.entry.schedule_id),
            "patientId": global_id(NodeKind.PATIENT, each.entry.patient_id),
            "state": each.entry.state,
            "number": each.entry.number,
            "orderId": None if each.entry.order_id is None else global_id(NodeKind.ORDER, each.entry.order_id),
            "joinedAt": each.entry.joined_at,
            "offeredAt": each.entry.offered_at,
            "endedAt": each.entry.ended_at,
            "endedBecause": each.entry.ended_because,
        }
        for each in shown
    ]


async def export_bans(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The bans of the account's patients, the latest first."""
    return [
        {
            "patientId": global_id(NodeKind.PATIENT, patient_id),
            "year": ban.year,
            "noShows": ban.no_shows,
            "since": ban.since,
            "until": ban.until,
            "liftedAt": ban.lifted_at,
        }
        for ban, patient_id in await BookingBans(session).of_patients_of(user_id)
    ]


def _order(order: BookingOrder, history: list[OrderEventRow]) -> dict[str, Any]:
    return {
        "id": global_id(NodeKind.ORDER, order.id),
        "orderNumber": order.order_number,
        "patientId": global_id(NodeKind.PATIENT, order.patient_id),
        "scheduleId": global_id(NodeKind.SCHEDULE, order.schedule_id),
        "date": order.visit_date,
        "halfDay": order.half_day,
        "number": order.number,
        "state": order.state,
        "fee": str(order.fee),
        "paid": str(order.paid_amount),
        "hospitalRecordId": order.hospital_record_id,
        "texts": order.texts,
        "createdAt": order.created_at,
        "checkedInAt": order.checked_in_at,
        "history": [
            {
                "at": event.at,
                "event": event.event,
                "state": event.to_state,
                # Who among the staff is theirs, not the patient's.
                "by": "you" if event.actor_kind == "user" else event.actor_kind,
                "reason": event.reason,
                "note": event.detail.get("note"),
            }
            for event in history
        ],
    }
