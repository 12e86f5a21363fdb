"""The electronic bill of an order: what was paid for it and what went back, for its owner to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.patient import Patients
from datasources.sql.payment import Payment, PaymentState
from datasources.sql.payments import Payments
from datasources.sql.refund import RefundRow
from datasources.sql.refunds import Refunds
from datasources.storage.signed_links import SignedLinks
from datasources.stores import Stores
from domain.language import Language
from domain.masking import mask_certificate
from domain.patients.sealed_details import read_details

PATH = "/receipts"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One order's money, in the order in which it moved."""

    order: BookingOrder
    patient_name: str
    masked_certificate: str | None
    """None once the patient was removed."""
    payments: list[Payment]
    refunds: list[RefundRow]

    @property
    def paid(self) -> Decimal:
        """All that was paid."""
        return sum((payment.amount for payment in self.payments), Decimal("0.00"))

    @property
    def given_back(self) -> Decimal:
        """All that went back, or is going to."""
        return sum((refund.amount for refund in self.refunds), Decimal("0.00"))


def receipt_link(links: SignedLinks, user_id: UUID, order_id: UUID, language: Language, now: datetime) -> str:
    """A link to the receipt for the order's owner, good for some minutes."""
    terms = {"order": str(order_id), "language": str(language)}
    return links.make("GET", PATH, terms, now=now, subject=f"user:{user_id}")


async def receipt_of(stores: Stores, ring: KeyRing, terms: Mapping[str, str]) -> Receipt | None:
    """The receipt that a link's terms promise; None where nothing was paid, or the order is not the subject's."""
    user_id, order_id = UUID(terms["subject"].removeprefix("user:")), UUID(terms["order"])
    async with stores.sql.read() as session:
        order = await BookingOrders(session).own(user_id, order_id)
        if order is None:
            return None
        payments = (await Payments(session).of_orders([order_id])).get(order_id, [])
        refunds = (await Refunds(session).of_orders([order_id])).get(order_id, [])
        patient = await Patients(session).own(user_id, order.patient_id)
    paid = [payment for payment in reversed(payments) if payment.state == PaymentState.PAID]
    if not paid:
        return None
    details = None if patient is None else read_details(ring, patient)
    return Receipt(
        order,
        order.masked_patient_name if details is None else details.name,
        None if details is None else mask_certificate(details.certificate.number),
        paid,
        refunds[::-1],
    )
