"""What people in finance see."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import Owned, Row, Told, Way, platform_staff

READ_FINANCE = platform_staff(Permission.READ_FINANCE)
NOT_A_PATIENTS = "finance"

TYPES: dict[str, Row] = {
    "FinancePayment": Owned(
        clear="number provider providerNumber state createdAt paidAt orderId orderNumber hospitalCode hospitalName",
        leads_to="amount refunded",
        owner=NOT_A_PATIENTS,
        at="FinancePaymentConnection.nodes FinancePaymentEdge.node",
    ),
    "FinanceRefund": Owned(
        clear="number paymentNumber provider providerNumber state reason problem attempts createdAt finishedAt orderId"
        " orderNumber hospitalCode hospitalName",
        leads_to="amount",
        owner=NOT_A_PATIENTS,
        at="FinanceRefundConnection.nodes FinanceRefundEdge.node",
    ),
    "FinanceItem": Owned(
        clear="id kind state provider paymentNumber refundNumber orderId detail foundAt resolvedAt resolvedBy"
        " resolution note",
        leads_to="expected found",
        owner=NOT_A_PATIENTS,
        at="FinanceItemConnection.nodes FinanceItemEdge.node FinanceItemResolved.item",
    ),
    "FinanceTotal": Owned(
        relative="day hospitalCode hospitalName payments refunds",
        leads_to="paid refunded net",
        owner=NOT_A_PATIENTS,
        at="Query.financeTotals",
    ),
    "ReconciledDay": Owned(
        relative="provider day reconciledAt billRows differences",
        leads_to="paid refunded",
        owner=NOT_A_PATIENTS,
        at="Query.reconciledDays",
    ),
    "FinanceItemResolved": Told(leads_to="item"),
    "ReconciliationRequested": Told(clear="provider day"),
    "FinanceExportReady": Told(clear="url expiresAt"),
}

LISTS = {
    "FinancePaymentConnection": "Query.financePayments",
    "FinanceRefundConnection": "Query.financeRefunds",
    "FinanceItemConnection": "Query.financeItems",
}

WAYS = [
    Way('financePayments(filter: {{number: "{payment_number}"}})', "FinancePayment", READ_FINANCE),
    Way('financeRefunds(filter: {{number: "{payment_number}"}})', "FinanceRefund", READ_FINANCE),
    Way('financeItems(filter: {{number: "{payment_number}"}})', "FinanceItem", READ_FINANCE),
    Way('financeTotals(fromDay: "2026-11-01", toDay: "2026-12-31")', "FinanceTotal", READ_FINANCE),
    Way("reconciledDays", "ReconciledDay", READ_FINANCE),
]
"""How finance comes to each. Nobody else does, the orders' owners not either."""
