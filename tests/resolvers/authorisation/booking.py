"""Orders and what stands in their way."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import (
    OWN_CLERK,
    OWN_MANAGER,
    OWN_SYSTEM,
    THE_OWNER,
    Owned,
    Part,
    Row,
    Told,
    Way,
    platform_staff,
)

READ_ORDERS = platform_staff(Permission.READ_ORDERS)
OWN_HOSPITAL = frozenset({OWN_SYSTEM, OWN_MANAGER, OWN_CLERK})

PROBLEMS = """SlotSoldOut/scheduleId SessionNotBookable/status HospitalNotBookable BookingNotOpen/opensAt
  BookingClosed/closedAt AlreadyBooked/orderId BookingLimitReached/period,most PatientBanned/until
  RealNameNeeded/verification AccountBeingDeleted FreshCodeNeeded AttemptInProgress SessionChanged"""
"""What stands in the way of a number, and what each says beyond its message and code."""


def _told(problem: str) -> tuple[str, Row]:
    name, _, more = problem.partition("/")
    return name, Told(clear=f"message code {more.replace(',', ' ')}".strip())


TYPES: dict[str, Row] = {
    **dict(_told(problem) for problem in PROBLEMS.split()),
    "FeeChanged": Told(clear="message code", leads_to="fee"),
    "BookingPreview": Told(
        clear="remaining cancelUntil payUntil checkInOpens checkInCloses fetchAddress ruleLines freshCodeNeeded",
        leads_to="schedule fee refundable",
    ),
    "OrderCreated": Told(clear="replayed", leads_to="order"),
    "Order": Owned(
        clear="id orderNumber state isLive number date halfDay lapsesAt cancelUntil isCancellable fetchTime"
        " fetchAddress hospitalRecordId hospitalCode departmentCode hospitalName hospitalAddress departmentName"
        " doctorName doctorTitle createdAt stateChangedAt checkedInAt checkInOpens checkInCloses peopleAhead"
        " calledAt room",
        relative="checkInCode checkInQrCode receiptUrl",
        masked="patientName",
        parts="history payments refunds cancellationPreview",
        leads_to="fee paid due refundable schedule hospital department patient",
        at="Query.node Query.nodes Query._entities OrderConnection.nodes OrderEdge.node OrderCreated.order"
        " Subscription.myOrders"
        " CheckedIn.order PatientCalled.order PatientPassedOver.order OrderCompleted.order"
        " WaitlistEntry.order WaitlistOfferAccepted.order OrderCancelled.order OrderRescheduled.order"
        " NoShowExcused.order HospitalEvent.order OrderAnswered.order PaymentsChecked.order",
    ),
    "HospitalEvent": Owned(
        clear="cursor sequence kind at by reason orderId orderNumber state departmentCode externalId date halfDay"
        " number",
        leads_to="fee paid order",
        owner=OWN_SYSTEM,
        at="HospitalEventConnection.nodes HospitalEventEdge.node Subscription.hospitalEvents WebhookDelivery.event",
    ),
    "HospitalWebhook": Owned(
        clear="url oldSecretUntil createdAt updatedAt",
        relative="waitingCount deadCount lastDeliveredAt lastFailedAt lastFault",
        owner=OWN_MANAGER,
        at="Query.hospitalWebhook WebhookSet.webhook",
    ),
    "WebhookDelivery": Owned(
        clear="sequence state attempts nextAt lastStatus lastFault settledAt",
        leads_to="event",
        owner=OWN_MANAGER,
        at="WebhookDeliveryConnection.nodes WebhookDeliveryEdge.node",
    ),
    "WebhookSet": Told(clear="secret", leads_to="webhook"),
    "WebhookSecretRotated": Told(clear="secret"),
    "WebhookRemoved": Told(clear="url"),
    "WebhookPinged": Told(clear="taken status fault milliseconds"),
    "WebhookDeliveriesReplayed": Told(clear="count"),
    "HospitalStatistics": Owned(
        clear="hospitalCode", parts="total days departments", owner=OWN_SYSTEM, at="Query.hospitalStatistics"
    ),
    "HospitalFigures": Part(
        relative="date departmentCode booked cancelled expired rejected noShow visited",
        leads_to="revenue",
        at="HospitalStatistics.total HospitalStatistics.days HospitalStatistics.departments",
    ),
    "SessionWithdrawal": Owned(
        clear="externalId",
        relative="status holdersLeft holdersEnded refundsUnderWay",
        owner=OWN_SYSTEM,
        at="Query.sessionWithdrawals",
    ),
    "OrderAnswered": Told(leads_to="order"),
    "OrderEvent": Part(clear="at event fromState toState actorKind reason", at="Order.history"),
}

LISTS = {
    "OrderConnection": "Query.myOrders Query.orders",
    "HospitalEventConnection": "Query.hospitalEventLog",
    "WebhookDeliveryConnection": "Query.webhookDeliveries",
}

BY_ID = {"Order": THE_OWNER | OWN_HOSPITAL | READ_ORDERS}

WAYS = [
    Way("myOrders", "Order", THE_OWNER),
    Way('orders(filter: {{text: "{order_number}"}})', "Order", OWN_HOSPITAL | READ_ORDERS),
    Way('orders(userId: "{User}")', "Order", OWN_HOSPITAL | READ_ORDERS),
    Way("hospitalEventLog", "HospitalEvent", OWN_HOSPITAL),
    Way('hospitalStatistics(from: "2026-11-20", to: "2026-11-30")', "HospitalStatistics", OWN_HOSPITAL),
    Way('sessionWithdrawals(externalIds: ["{order_session}"])', "SessionWithdrawal", OWN_HOSPITAL),
    Way("hospitalWebhook", "HospitalWebhook", frozenset({OWN_MANAGER})),
    Way("webhookDeliveries", "WebhookDelivery", frozenset({OWN_MANAGER})),
    Way("webhookDeliveries {{ nodes {{ event … }} }}", "HospitalEvent/of a webhook", frozenset({OWN_MANAGER})),
    Way("hospitalEventLog {{ nodes {{ order … }} }}", "Order", OWN_HOSPITAL),
]
