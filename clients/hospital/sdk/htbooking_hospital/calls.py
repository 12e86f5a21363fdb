"""Every call that the clients make: its GraphQL document, its variables, and how its answer is read.

Nothing here touches the network, so both clients share it, and a test holds each document against the platform's graph.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field has the name
from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar

from htbooking_hospital.answers import (
    Batch,
    CheckedIn,
    HospitalEvent,
    Order,
    read_batch,
    read_checked_in,
    read_event,
    read_order,
)
from htbooking_hospital.errors import problem
from htbooking_hospital.items import Hospital, as_input, as_json, graph_name

T = TypeVar("T")
PAGE = 100


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call. It can be made any number of times: the platform does it once."""

    document: str
    variables: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], T]
    """Makes the answer's data into what the caller wants, or raises a ProblemError."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list."""

    items: list[T]
    after: str | None
    """Where the next page begins; None: this was the last."""


class OrderFilter(TypedDict, total=False):
    """Which orders to list; what is left out asks for nothing."""

    states: Sequence[str]
    department_code: str
    from_date: Date
    """Visits on this date or later."""
    to_date: Date
    text: str
    """Part of a department's or doctor's name, or the whole order number."""


_PROBLEM = "... on Problem { code message } ... on InvalidInput { fields { field code message } }"
_ORDER = """id orderNumber state number date halfDay departmentCode doctorName patientName
  fee { amount } paid { amount } lapsesAt fetchTime fetchAddress hospitalRecordId createdAt"""
_CHECKED_IN = f"queueNumber room peopleAhead order {{ {_ORDER} }}"
_EVENT = """cursor sequence kind at by reason orderId orderNumber state departmentCode externalId date halfDay number
  fee { amount } paid { amount }"""

UPSERT_HOSPITAL = f"""mutation ($input: UpsertHospitalInput!) {{ answer: upsertHospital(input: $input) {{
  __typename ... on HospitalUpserted {{ hospital {{ code }} }} {_PROBLEM} }} }}"""

SET_ONLINE = f"""mutation ($input: SetHospitalOnlineInput!) {{ answer: setHospitalOnline(input: $input) {{
  __typename ... on HospitalStatusChanged {{ account {{ status }} }} {_PROBLEM} }} }}"""

_ORDER_ANSWER = f"... on OrderAnswered {{ order {{ {_ORDER} }} }} ... on OrderNotChangeable {{ state }}"
_CHECK_IN = """... on CheckInNotOpen { opensAt } ... on CheckInClosed { closedAt } ... on NotPaid { state lapsesAt }
  ... on OrderEnded { state } ... on TooManyMisses { retryAfterSeconds }"""

ORDERS = f"""query ($filter: OrderFilter, $first: Int!, $after: String) {{
  answer: orders(filter: $filter, first: $first, after: $after) {{
    nodes {{ {_ORDER} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ORDER = f"query ($id: ID!) {{ answer: node(id: $id) {{ ... on Order {{ {_ORDER} }} }} }}"
EVENT_LOG = f"""query ($first: Int!, $after: String) {{ answer: hospitalEventLog(first: $first, after: $after) {{
  nodes {{ {_EVENT} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
EVENTS = f"subscription ($after: String) {{ answer: hospitalEvents(after: $after) {{ {_EVENT} }} }}"


def _batch_of(name: str, kind: str) -> str:
    return f"""mutation ($input: {kind}!) {{ answer: {name}(input: $input) {{ __typename
      ... on CataloguePushed {{ created replaced removed replayed refused {{ index field code message }} }}
      ... on InvalidBatch {{ items {{ index field code message }} }} {_PROBLEM} }} }}"""


def _of_order(name: str, answer: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {kind}!) {{ answer: {name}(input: $input) {{ __typename {answer} {_PROBLEM} }} }}"


PUSHES = {
    **{
        name: _batch_of(name, f"U{name[1:]}Input") for name in ("upsertDepartments", "upsertDoctors", "upsertSchedules")
    },
    **{
        name: _batch_of(name, "CodesInput")
        for name in ("removeDepartments", "removeDoctors", "removeSchedules", "withdrawSchedules")
    },
}
"""Each batch operation's document."""
ANSWERS = {
    **{
        name: _of_order(name, _ORDER_ANSWER)
        for name in ("acknowledgeOrder", "confirmOrder", "rejectOrder", "markNoShow")
    },
    "completeOrder": _of_order(
        "completeOrder", f"... on OrderCompleted {{ order {{ {_ORDER} }} }} ... on NotInQueue {{ state }}"
    ),
}
"""What can be said of an order, each with its document."""
CHECK_INS = {
    "checkInByCode": _of_order("checkInByCode", f"... on CheckedIn {{ {_CHECKED_IN} }} {_CHECK_IN}"),
    "checkInByCertificate": _of_order(
        "checkInByCertificate", f"... on PatientCheckedIn {{ visits {{ {_CHECKED_IN} }} }} {_CHECK_IN}"
    ),
}
"""The two ways to check in, each with its document."""


def upsert_hospital(entry: Hospital | Mapping[str, Any], key: str) -> Call[str]:
    """Put the hospital's own entry; its code."""
    return Call(UPSERT_HOSPITAL, _input(idempotencyKey=key, hospital=as_input(entry)), _hospital_code)


def set_online(online: bool) -> Call[str]:
    """Have the hospital take bookings, or none for now; how it stands then."""
    return Call(SET_ONLINE, _input(online=online), _status)


def push(
    operation: str, body: Sequence[Any], *, key: str, all_or_nothing: bool, number: int, first: int
) -> Call[Batch]:
    """One batch of items, or of codes, of which the first has this place in all that is given."""
    items = "items" if operation.startswith("upsert") else "codes"
    variables = _input(idempotencyKey=key, allOrNothing=all_or_nothing, **{items: list(body)})

    def read(data: Mapping[str, Any]) -> Batch:
        answer = data["answer"]
        if answer["__typename"] != "CataloguePushed":
            raise problem(answer, first)
        return read_batch(answer, number, len(body), first)

    return Call(PUSHES[operation], variables, read)


def answer_order(operation: str, order_id: str, **said: object) -> Call[Order]:
    """Say something of an order; what is None isn't said."""
    return Call(ANSWERS[operation], _input(orderId=order_id, **said), _order_answered)


def said_of(
    operation: str, order_id: str, record_id: str | None, fetch_time: datetime | None, fetch_place: str | None
) -> Call[Order]:
    """Acknowledge or confirm an order, with what the hospital keeps of it."""
    return answer_order(operation, order_id, recordId=record_id, fetchTime=fetch_time, fetchPlace=fetch_place)


def check_in_by_code(code: str) -> Call[CheckedIn]:
    """Check in by the order's QR code or number."""
    return Call(CHECK_INS["checkInByCode"], _input(code=code), _checked_in)


def check_in_by_certificate(number: str, kind: str) -> Call[list[CheckedIn]]:
    """Check in all that a patient has today."""
    variables = _input(certificateNumber=number, certificateKind=kind)
    return Call(CHECK_INS["checkInByCertificate"], variables, _visits)


def orders(wanted: OrderFilter, after: str | None) -> Call[Page[Order]]:
    """A page of the hospital's orders, the newest first."""
    given = {graph_name(name): as_json(value) for name, value in wanted.items()}
    return Call(ORDERS, {"filter": given, "first": PAGE, "after": after}, lambda data: _page(data, read_order))


def order(order_id: str) -> Call[Order | None]:
    """One order of the hospital."""
    return Call(ORDER, {"id": order_id}, lambda data: read_order(data["answer"]) if data["answer"] else None)


def event_log(after: str | None) -> Call[Page[HospitalEvent]]:
    """A page of the hospital's events, the oldest first."""
    return Call(EVENT_LOG, {"first": PAGE, "after": after}, lambda data: _page(data, read_event))


def _input(**values: object) -> dict[str, Any]:
    return {"input": _said(**values)}


def _said(**values: object) -> dict[str, Any]:
    return {name: as_json(value) for name, value in values.items() if value is not None}


def _page(data: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> Page[T]:
    answer = data["answer"]
    info = answer["pageInfo"]
    return Page([read(each) for each in answer["nodes"]], info["endCursor"] if info["hasNextPage"] else None)


def _hospital_code(data: Mapping[str, Any]) -> str:
    return str(_taken(data, "HospitalUpserted")["hospital"]["code"])


def _status(data: Mapping[str, Any]) -> str:
    return str(_taken(data, "HospitalStatusChanged")["account"]["status"])


def _order_answered(data: Mapping[str, Any]) -> Order:
    return read_order(_taken(data, "OrderAnswered", "OrderCompleted")["order"])


def _checked_in(data: Mapping[str, Any]) -> CheckedIn:
    return read_checked_in(_taken(data, "CheckedIn"))


def _visits(data: Mapping[str, Any]) -> list[CheckedIn]:
    return [read_checked_in(each) for each in _taken(data, "PatientCheckedIn")["visits"]]


def _taken(data: Mapping[str, Any], *kinds: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = data["answer"]
    if answer["__typename"] not in kinds:
        raise problem(answer)
    return answer
