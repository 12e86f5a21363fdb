"""A provider of the tests' own, which keeps the protocol's promises and has books that tests read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from datasources.payments.channel import (
    Acknowledgement,
    BillRow,
    ChannelDownError,
    ClientKind,
    HowToPay,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    Provider,
    Refund,
    RefundState,
    Trade,
    TradeState,
)


@dataclass
class TestProvider:
    """One merchant's account. `down` makes every call fail before it does anything."""

    __test__ = False

    provider: Provider = Provider.WECHAT_PAY
    is_reachable: bool = True
    retry_after_seconds: int = 5
    down: bool = False
    trades: dict[str, Trade] = field(default_factory=dict)

    async def create(
        self,
        trade_number: str,
        amount: Decimal,
        description: str,
        *,
        expires_at: datetime,
        notify_url: str,
        client_kind: ClientKind = ClientKind.SCAN,
        return_url: str | None = None,
        payer_address: str | None = None,
    ) -> HowToPay:
        """Offer a trade."""
        self._answer()
        trade = Trade(trade_number, TradeState.NOT_PAID, amount=amount)
        assert self.trades.setdefault(trade_number, trade).amount == amount
        assert description
        assert notify_url
        assert return_url is None or client_kind
        assert payer_address is None or client_kind is ClientKind.PHONE
        return HowToPay(f"test:{trade_number}", f"test:{trade_number}", None, expires_at)

    async def query(self, trade_number: str) -> Trade:
        """How far the trade is."""
        self._answer()
        return self.trades.get(trade_number) or Trade(trade_number, TradeState.ABSENT)

    async def close(self, trade_number: str) -> None:
        """End it unless it was paid."""
        self._answer()
        trade = self.trades.get(trade_number)
        if trade is not None and trade.state is TradeState.NOT_PAID:
            self.trades[trade_number] = replace(trade, state=TradeState.CLOSED)

    def pay(self, trade_number: str, at: datetime, amount: Decimal | None = None) -> Trade:
        """The payer pays, whatever the platform thinks of it."""
        trade = self.trades[trade_number]
        paid = replace(
            trade,
            state=TradeState.PAID,
            provider_number=f"P{trade_number}",
            amount=amount or trade.amount,
            paid_at=at,
        )
        self.trades[trade_number] = paid
        return paid

    async def refund(
        self,
        trade_number: str,
        refund_number: str,
        amount: Decimal,
        *,
        total: Decimal,
        reason: str,
        notify_url: str,
    ) -> Refund:
        """Not asked for by these tests."""
        raise ChannelDownError(f"{trade_number} {refund_number} {amount} {total} {reason} {notify_url}")

    async def query_refund(self, trade_number: str, refund_number: str) -> Refund:
        """None was asked for."""
        return Refund(trade_number, refund_number, RefundState.ABSENT)

    async def parse_notify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Nothing here is signed."""
        raise NotifyRefusedError(NotifyReason.SIGNATURE, f"{len(headers)} {len(body)}")

    def acknowledge(self, *, ok: bool, reason: NotifyReason | None = None) -> Acknowledgement:
        """Taken or not."""
        return Acknowledgement(204 if ok else 400, str(reason or "").encode(), "text/plain")

    async def fetch_bill(self, day: date) -> Sequence[BillRow]:
        """No movements."""
        assert day
        return []

    async def close_connections(self) -> None:
        """There are none."""

    def _answer(self) -> None:
        if self.down:
            raise ChannelDownError("down")
