"""What an export of one's own data says about payments and refunds."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.sql.refund import RefundRow
from datasources.sql.refunds import Refunds
from domain.global_id import NodeKind, global_id

MOST_PAYMENTS = 10_000


async def export_payments(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """How the account's orders were paid or were to be paid, the newest first, and what went back."""
    payments = await Payments(session).of_user(user_id, MOST_PAYMENTS)
    refunds: dict[UUID, list[RefundRow]] = {}
    for of_one in (await Refunds(session).of_orders([payment.order_id for payment in payments])).values():
        for refund in of_one:
            refunds.setdefault(refund.payment_id, []).append(refund)
    return [_payment(payment, refunds.get(payment.id, [])) for payment in payments]


def _payment(payment: Payment, refunds: list[RefundRow]) -> dict[str, Any]:
    return {
        "number": payment.trade_number,
        "orderId": global_id(NodeKind.ORDER, payment.order_id),
        "provider": payment.channel,
        "providerNumber": payment.provider_number,
        "state": payment.state,
        "amount": str(payment.amount),
        "refunded": str(payment.refund_total),
        # As the provider names the payer to us, and by what means they paid.
        "payer": payment.payer,
        "means": payment.means,
        "createdAt": payment.created_at,
        "paidAt": payment.paid_at,
        "refunds": [
            {
                "number": refund.refund_number,
                "state": refund.state,
                "amount": str(refund.amount),
                "reason": refund.reason,
                "createdAt": refund.created_at,
                "finishedAt": refund.finished_at,
            }
            for refund in refunds
        ],
    }
