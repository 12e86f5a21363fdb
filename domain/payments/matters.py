"""Telling people in finance what the platform cannot put right by itself."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider
from datasources.sql.finance_item import FinanceItem, FinanceItemState, FinanceKind
from datasources.sql.finance_items import FinanceItems
from domain.audit.actor import Actor

_log = structlog.get_logger(component="payments")


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing about one trade or refund that does not fit. Amounts are yuan: by our books, by the provider's word."""

    kind: FinanceKind
    provider: Provider
    trade_number: str
    refund_number: str = ""
    order_id: UUID | None = None
    expected: Decimal | None = None
    found: Decimal | None = None
    detail: str = ""


async def note_matter(session: AsyncSession, matter: Matter, actor: Actor) -> bool:
    """Put it on finance's worklist, unless it stands there open; whether it was put there."""
    item = FinanceItem(
        kind=matter.kind,
        channel=matter.provider,
        trade_number=matter.trade_number,
        refund_number=matter.refund_number,
        order_id=matter.order_id,
        expected=matter.expected,
        found=matter.found,
        detail=matter.detail,
        state=FinanceItemState.OPEN,
        found_at=actor.now,
    )
    noted = await FinanceItems(session).note(item)
    if noted:
        _log.error(
            "payment_needs_finance",
            kind=str(matter.kind),
            trade=matter.trade_number,
            refund=matter.refund_number,
            detail=matter.detail,
        )
    return noted
