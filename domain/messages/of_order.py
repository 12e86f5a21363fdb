"""What messages about an order are made of."""

from datasources.sql.booking_order import BookingOrder
from domain.messages.kinds import MessageKind
from domain.messages.telling import Message, Subject, ToUser


def about_order(kind: MessageKind, order: BookingOrder, occasion: str, **more: str) -> Message:
    """A message to the order's owner. `occasion` is what this happens once for, within the order and the kind."""
    return Message(
        kind,
        ToUser(order.user_id),
        order_variables(order) | more,
        dedupe_key=f"{kind}:{order.id}:{occasion}",
        subject=Subject("order", str(order.id)),
    )


def order_variables(order: BookingOrder) -> dict[str, str]:
    """What templates may say of an order, as text."""
    texts = order.texts
    return {
        "hospital": str(texts.get("hospital", "")),
        "department": str(texts.get("department", "")),
        "doctor": str(texts.get("doctor", "")),
        "title": str(texts.get("title", "")),
        "patient": order.masked_patient_name,
        "date": order.visit_date.isoformat(),
        "half_day": order.half_day,
        "number": str(order.number),
        "order_number": order.order_number,
        "fee": str(order.fee),
        "cancel_until": order.cancel_until.isoformat(),
        "address": order.fetch_address or str(texts.get("hospital_address", "")),
    }
