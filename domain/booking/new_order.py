"""An order in the making: what a number is asked for with."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import SecretBytes
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.booking_facts import BookingFacts
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_statements import Attempt
from datasources.sql.hospital_account import BookingMode
from domain.booking.deadlines import cancel_until, pay_until
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.judgement import BookableSession
from domain.booking.session_texts import SessionTexts
from domain.masking import mask_name


@dataclass(frozen=True, slots=True)
class JudgedSession:
    """A session of which a number may be asked for, with its texts."""

    session: BookableSession
    texts: SessionTexts


def attempt_of(
    desk: BookingDesk, request: BookingRequest, facts: BookingFacts, judged: JudgedSession, now: datetime
) -> Attempt:
    """The order that this request makes if a number is left. The hospital's way and the fee decide where it begins."""
    session, texts, policy = judged.session, judged.texts, desk.policy
    if facts.booking_mode == BookingMode.CONFIRM:
        state, lapses_at = OrderState.PENDING_HOSPITAL, now + timedelta(seconds=facts.confirm_seconds or 0)
    elif session.fee > 0:
        state, lapses_at = OrderState.AWAITING_PAYMENT, pay_until(session.visit_date, session.half_day, now, policy)
    else:
        state, lapses_at = OrderState.PAID, None
    assert facts.person is not None  # person_refusal has looked
    return Attempt(
        id=uuid7(),
        order_number=new_order_number(session),
        user_id=request.user_id,
        patient_id=request.patient_id,
        person=facts.person,
        masked_patient_name=masked_name(desk.ring, request.patient_id, facts.sealed_name),
        schedule_id=session.schedule_id,
        hospital_code=session.hospital_code,
        department_code=session.department_code,
        visit_date=session.visit_date,
        half_day=str(session.half_day),
        state=str(state),
        fee=session.fee,
        lapses_at=lapses_at,
        cancel_until=cancel_until(texts.rule, session.visit_date, policy),
        fetch_time=None,
        fetch_address=texts.fetch_address,
        texts=texts.as_stored(),
        idempotency_key=request.idempotency_key,
        request_hash=request.digest,
    )


def order_of(attempt: Attempt, number: int, now: datetime) -> BookingOrder:
    """The order that the ledger has made of an attempt, as it would be read."""
    return BookingOrder(
        **attempt._asdict(), number=number, paid_amount=Decimal("0.00"), created_at=now, state_changed_at=now
    )


def new_order_number(session: BookableSession) -> str:
    """Sixteen digits: the visit's date, and ten that nobody can guess."""
    return f"{session.visit_date:%y%m%d}{secrets.randbelow(10**10):010d}"


def masked_name(ring: KeyRing, patient_id: UUID, sealed: bytes | None) -> str:
    """What an order or a waitlist entry shows of the patient's name; empty when it is erased."""
    if sealed is None:
        return ""
    opened: SecretBytes = ring.open("patient.sealed_name", str(patient_id), sealed)
    return mask_name(opened.get_secret_value().decode())
