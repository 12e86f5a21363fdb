"""What a webhook is sent: an event with the names that it has in the graph, as JSON."""

from datetime import datetime

import orjson

from domain.global_id import NodeKind, global_id
from domain.hospitals.events import HospitalEvent

PING = "PING"


def event_body(id: str, event: HospitalEvent) -> bytes:
    """An event. `id` names this delivery, the same at each try."""
    return orjson.dumps(
        {
            "id": id,
            "kind": event.kind,
            "hospitalCode": event.hospital_code,
            "sequence": event.sequence,
            "cursor": event.cursor,
            "at": event.at.isoformat(),
            "by": event.by,
            "reason": event.reason,
            "orderId": global_id(NodeKind.ORDER, event.order_id),
            "orderNumber": event.order_number,
            "state": event.state,
            "departmentCode": event.department_code,
            "externalId": event.external_id,
            "date": event.date.isoformat(),
            "halfDay": event.half_day,
            "number": event.number,
            "fee": str(event.fee.amount),
            "paid": str(event.paid.amount),
        }
    )


def ping_body(id: str, hospital_code: str, now: datetime) -> bytes:
    """A try that tells of nothing."""
    return orjson.dumps({"id": id, "kind": PING, "hospitalCode": hospital_code, "at": now.isoformat()})
