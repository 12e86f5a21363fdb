"""The calls of the booking benchmark at each layer: the statement's arguments, use cases, and HTTP requests."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

import orjson
from uuid_utils.compat import uuid7

from bench.booking_world import FEE, Person, Place
from bench.home_page import GRAPHQL_PATH, http_request
from datasources.sealing import KeyRing
from datasources.sql.booking_statements import Attempt
from domain.booking.desk import BookingRequest
from domain.global_id import NodeKind, global_id
from domain.identity.access_tokens import AccessClaims, issue_access_token
from domain.identity.accounts import AccountKind

Pairs = Sequence[tuple[Person, Place]]
"""Who books what."""

CREATE_ORDER = """\
mutation CreateOrder($input: CreateOrderInput!) {
  createOrder(input: $input) {
    __typename
    ... on OrderCreated {
      replayed
      order {
        id orderNumber state number date halfDay fee { amount currency } lapsesAt cancelUntil fetchAddress
        hospitalName departmentName doctorName doctorTitle patientName createdAt
      }
    }
    ... on Problem { code message }
  }
}
"""
"""What a frontend asks when somebody presses the button."""

CREATED, SOLD_OUT = b'"OrderCreated"', b'"SlotSoldOut"'

_TEXTS = {
    "hospital": "测试医院b0",
    "hospital_address": "某路1号",
    "department": "科室0",
    "doctor": "林一鸣",
    "title": "主任医师",
}


def attempts(pairs: Pairs, now: datetime) -> list[Attempt]:
    """What the use case would hand to the ledger for these."""
    return [_attempt(person, place, now) for person, place in pairs]


def batches_of(attempts: Sequence[Attempt], size: int) -> Iterator[Sequence[Attempt]]:
    """The attempts, so many in each statement."""
    return (attempts[first : first + size] for first in range(0, len(attempts), size))


def as_argument(batch: Sequence[Attempt]) -> str:
    """As the datasource writes them."""
    return orjson.dumps([attempt.as_json() for attempt in batch]).decode()


def requests(pairs: Pairs) -> list[BookingRequest]:
    """These as the use case gets them."""
    return [
        BookingRequest(person.user_id, person.patient_id, place.schedule_id, secrets.token_hex(8), FEE)
        for person, place in pairs
    ]


def http_requests(ring: KeyRing, pairs: Pairs, now: datetime) -> list[bytes]:
    """These as HTTP requests, whole, with a fresh access token each."""
    return [
        http_request(
            "POST", GRAPHQL_PATH, graphql_body(person, place), authorization=f"Bearer {access_token(ring, person, now)}"
        )
        for person, place in pairs
    ]


def graphql_body(person: Person, place: Place) -> bytes:
    """The body of one mutation."""
    input = {
        "scheduleId": global_id(NodeKind.SCHEDULE, place.schedule_id),
        "patientId": global_id(NodeKind.PATIENT, person.patient_id),
        "idempotencyKey": secrets.token_hex(8),
        "expectedFee": str(FEE),
    }
    return orjson.dumps({"query": CREATE_ORDER, "variables": {"input": input}})


def access_token(ring: KeyRing, person: Person, now: datetime) -> str:
    """The person's token."""
    claims = AccessClaims(AccountKind.USER, person.user_id, person.session_id)
    return issue_access_token(ring, claims, now)[0].get_secret_value()


def _attempt(person: Person, place: Place, now: datetime) -> Attempt:
    return Attempt(
        id=uuid7(),
        order_number=f"{place.visit_date:%y%m%d}{secrets.randbelow(10**10):010d}",
        user_id=person.user_id,
        patient_id=person.patient_id,
        person=person.person,
        masked_patient_name="张**",
        schedule_id=place.schedule_id,
        hospital_code=place.hospital_code,
        department_code=place.department_code,
        visit_date=place.visit_date,
        half_day=place.half_day,
        state="AWAITING_PAYMENT",
        fee=FEE,
        lapses_at=now,
        cancel_until=datetime.combine(place.visit_date, time(7, 30), UTC),
        fetch_time=None,
        fetch_address="门诊楼3层",
        texts=_TEXTS,
        idempotency_key=secrets.token_hex(8),
        request_hash=secrets.token_bytes(32),
    )
