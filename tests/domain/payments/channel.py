"""A provider of the tests' own, which keeps the protocol's promises and has books that tests read."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from datasources.payments.channel import (
    Acknowledgement,
    BillNotReadyError,
    BillRow,
    ChannelDownError,
    ChannelRefusedError,
    ClientKind,
    HowToPay,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    Provider,
    Refund,
    RefundNotice,
    RefundState,
    Trade,
    TradeNotice,
    TradeState,
)

SIGNATURE = "x-test-signature"


@dataclass
class TestProvider:
    """One merchant's account. `down` makes every call fail before it does anything."""

    __test__ = False

    provider: Provider = Provider.WECHAT_PAY
    is_reachable: bool = True
    retry_after_seconds: int = 5
    down: bool = False
    mute: bool = False
    """Refunds are done, and the answers lost."""
    refuses: str | None = None
    """The code with which refunds are refused."""
    refund_states: list[RefundState] = field(default_factory=list)
    """How the next refunds stand when they are taken; PROCESSING once these are used up."""
    refund_calls: int = 0
    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    bills: dict[date, list[BillRow]] = field(default_factory=dict)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

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
        """Take a refund, once per number, and no more of a trade than was paid."""
        self._answer()
        self.refund_calls += 1
        if self.refuses is not None:
            raise ChannelRefusedError(self.refuses, "refused")
        known = self.refunds.get(refund_number)
        if known is None:
            trade = self.trades.get(trade_number)
            if trade is None:
                raise ChannelRefusedError("ORDER_NOT_EXIST", "never heard of it")
            assert trade.state.was_paid
            assert trade.amount == total
            assert reason
            assert notify_url
            if self.given_back(trade_number) + amount > total:
                raise ChannelRefusedError("NOT_ENOUGH", "more than was paid")
            self.trades[trade_number] = replace(trade, state=TradeState.REFUNDED)
            state = self.refund_states.pop(0) if self.refund_states else RefundState.PROCESSING
            known = Refund(trade_number, refund_number, state, f"R{refund_number}", amount)
            self.refunds[refund_number] = known
        assert (known.trade_number, known.amount) == (trade_number, amount)
        if self.mute:
            raise ChannelDownError("it was done, and the answer was lost")
        return known

    async def query_refund(self, trade_number: str, refund_number: str) -> Refund:
        """How far the refund is."""
        self._answer()
        return self.refunds.get(refund_number) or Refund(trade_number, refund_number, RefundState.ABSENT)

    def finish(self, refund_number: str, at: datetime, state: RefundState = RefundState.SUCCEEDED) -> Refund:
        """The refund comes to this end."""
        done = replace(self.refunds[refund_number], state=state, finished_at=at)
        self.refunds[refund_number] = done
        return done

    def received(self, trade_number: str) -> Decimal:
        """What the payer has paid, by the provider's own books."""
        trade = self.trades.get(trade_number)
        return trade.amount or Decimal(0) if trade is not None and trade.state.was_paid else Decimal(0)

    def given_back(self, trade_number: str) -> Decimal:
        """What went back or is going back, by the provider's own books."""
        never = RefundState.CLOSED
        return sum(
            (
                each.amount or Decimal(0)
                for each in self.refunds.values()
                if each.trade_number == trade_number and each.state is not never
            ),
            Decimal(0),
        )

    def notice(self, about: Trade | Refund, *, id: str | None = None) -> tuple[dict[str, str], bytes]:
        """Headers and body of a message about this, as the provider sends it."""
        refund = about if isinstance(about, Refund) else None
        said = {
            "id": id or secrets.token_hex(8),
            "trade": about.trade_number,
            "refund": None if refund is None else refund.refund_number,
            "state": str(about.state),
            "number": about.provider_number,
            "amount": str(about.amount),
        }
        body = json.dumps(said).encode()
        return {SIGNATURE: self._signature(body)}, body

    async def parse_notify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A message that was signed here."""
        if headers.get(SIGNATURE) != self._signature(body):
            raise NotifyRefusedError(NotifyReason.SIGNATURE)
        said = json.loads(body)
        if said["state"] == "STALE":
            raise NotifyRefusedError(NotifyReason.STALE)
        amount, at = Decimal(said["amount"]), datetime(2026, 11, 20, 3, tzinfo=UTC)
        if said["refund"] is not None:
            state = RefundState(said["state"])
            refund = Refund(said["trade"], said["refund"], state, said["number"], amount, at)
            return RefundNotice(said["id"], refund)
        trade = Trade(said["trade"], TradeState(said["state"]), said["number"], amount, at)
        return TradeNotice(said["id"], trade)

    def acknowledge(self, *, ok: bool, reason: NotifyReason | None = None) -> Acknowledgement:
        """Taken or not."""
        return Acknowledgement(204 if ok else 400 if reason else 500, str(reason or "").encode(), "text/plain")

    async def fetch_bill(self, day: date) -> Sequence[BillRow]:
        """What this day's bill was said to hold."""
        self._answer()
        rows = self.bills.get(day)
        if rows is None:
            raise BillNotReadyError(str(day))
        return rows

    async def close_connections(self) -> None:
        """There are none."""

    def _signature(self, body: bytes) -> str:
        return hashlib.sha256(self.secret + body).hexdigest()

    def _answer(self) -> None:
        if self.down:
            raise ChannelDownError("down")
