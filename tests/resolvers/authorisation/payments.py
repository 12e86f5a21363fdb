"""Payments and refunds of orders."""

from tests.resolvers.authorisation.rows import Open, Part, Row, Told

TYPES: dict[str, Row] = {
    "Payment": Part(
        clear="number provider state expiresAt createdAt paidAt",
        relative="codeText qrCode qrImage link",
        leads_to="amount refunded",
        at="Order.payments PaymentStarted.payment",
    ),
    "Refund": Part(clear="number state reason createdAt finishedAt", leads_to="amount", at="Order.refunds"),
    "CancellationPreview": Part(
        clear="isPossible closesAt", leads_to="refund underWay", at="Order.cancellationPreview"
    ),
    "PaymentStarted": Told(parts="payment"),
    "PaymentsChecked": Told(leads_to="order"),
    "OrderNotPayable": Told(clear="message code state"),
    "PaymentEnded": Told(clear="message code"),
    "PaymentUnavailable": Told(clear="message code provider retryAfterSeconds"),
    "PaymentChannel": Open(clear="provider name isAvailable retryAfterSeconds"),
}

SAME_FOR_ALL = ["paymentChannels { provider name isAvailable retryAfterSeconds }"]
