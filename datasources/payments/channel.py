"""What the platform asks of whoever takes money for it, whichever provider that is.

Amounts are Decimal yuan with two places; a provider's own unit, words and signatures stay behind the protocol. The
channel proves who speaks and that merchant and app are ours. Whether the amount is the order's, and whether the order
still wants it, only the caller can tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Provider(StrEnum):
    """Who takes the money."""

    WECHAT_PAY = "WECHAT_PAY"
    ALIPAY = "ALIPAY"


class ClientKind(StrEnum):
    """With what the payer pays."""

    SCAN = "SCAN"
    """A phone scans a picture."""
    BROWSER = "BROWSER"
    """The browser goes to the provider's own page, where there is one; else as SCAN."""
    PHONE = "PHONE"
    """A phone's browser goes to the provider's page for phones, which opens the provider's app."""


class TradeState(StrEnum):
    """How far a trade is, by the provider's word."""

    ABSENT = "ABSENT"
    """The provider knows no such trade: it was never made, or nobody has scanned its code yet. Nothing was paid."""
    NOT_PAID = "NOT_PAID"
    PAID = "PAID"
    REFUNDED = "REFUNDED"
    """It was paid, and some or all of it has gone back or is going back."""
    CLOSED = "CLOSED"
    """It was never paid and cannot be any more."""

    @property
    def was_paid(self) -> bool:
        """Whether the money arrived, whatever became of it."""
        return self in {TradeState.PAID, TradeState.REFUNDED}


class RefundState(StrEnum):
    """How far a refund is, by the provider's word."""

    ABSENT = "ABSENT"
    """The provider knows no such refund; asking for it with the same number is safe."""
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    CLOSED = "CLOSED"
    """It will not happen; the money is still ours, and another refund needs a new number."""
    ABNORMAL = "ABNORMAL"
    """The money left us and could not be credited; a person must act at the provider."""


@dataclass(frozen=True, slots=True)
class HowToPay:
    """What the payer needs, good until `expires_at`."""

    code_text: str | None
    """The text of the QR code exactly as the provider gave it; None where it gives only a page."""
    qr_text: str | None
    """What to draw as the QR picture: `code_text`, or in the sandbox the address of its cashier."""
    link: str | None
    """An address that a browser can open to pay; None where the provider has none."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade as the provider has it. What follows `state` is None until it is paid."""

    trade_number: str
    state: TradeState
    provider_number: str | None = None
    amount: Decimal | None = None
    """The trade's whole amount in yuan, before the provider's own coupons."""
    paid_at: datetime | None = None
    payer: str | None = None
    """Who paid, masked by the provider or by us; fit for a receipt."""
    means: str | None = None
    """By what, in the provider's code: a bank's, a balance's."""


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund as the provider has it."""

    trade_number: str
    refund_number: str
    state: RefundState
    provider_number: str | None = None
    amount: Decimal | None = None
    """Yuan of this refund; None where the message tells only the sum of all the trade's refunds (Alipay's notifies)."""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TradeNotice:
    """A proved message about a trade."""

    notice_id: str
    """The provider's number of this message; a repeated delivery has the same."""
    trade: Trade


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """A proved message about a refund."""

    notice_id: str
    refund: Refund


Notice = TradeNotice | RefundNotice


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What to answer to a notify, byte for byte."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class BillRow:
    """One movement of money on the provider's bill of a day: a payment, or a refund if `refund_number` is given."""

    trade_number: str
    provider_number: str
    amount: Decimal
    """Yuan, positive for payments and for refunds."""
    at: datetime
    refund_number: str | None = None
    provider_refund_number: str | None = None


class NotifyReason(StrEnum):
    """Why a notify is not believed."""

    SIGNATURE = "SIGNATURE"
    """It is not signed, or not by the provider."""
    STALE = "STALE"
    """It was signed too long ago, or in the future."""
    REPLAYED = "REPLAYED"
    """The same signed message came before."""
    OTHER_MERCHANT = "OTHER_MERCHANT"
    """It is genuine, but about another merchant or app."""
    UNREADABLE = "UNREADABLE"
    """It lacks what it must have, or cannot be decrypted."""
    NOT_OURS = "NOT_OURS"
    """It is genuine and about something that the platform does not do; acknowledge it as taken."""


class ChannelDownError(Exception):
    """The provider cannot be reached, is busy, or answers what nobody can read: whether it acted is unknown.

    Try again later with the same numbers.
    """


class SignatureWrongError(ChannelDownError):
    """An answer does not carry the provider's signature, so nothing in it counts."""


class ChannelRefusedError(Exception):
    """The provider understood and will not do it; the same request will be refused again.

    `code` is the provider's own, for logs and for people in finance; never for patients.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class BillNotReadyError(Exception):
    """The bill of that day has not been made yet; ask again later."""


class NotifyRefusedError(Exception):
    """A notify that changes nothing. Log it, and answer `acknowledge(ok=False, reason=...)`."""

    def __init__(self, reason: NotifyReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class PaymentChannel(Protocol):
    """One merchant's account at one provider. Make one per process and close it.

    Each call takes a few seconds at most and raises ChannelDownError or ChannelRefusedError. All calls are safe to
    repeat with the same numbers, and are tried twice by themselves where no answer came.
    """

    @property
    def provider(self) -> Provider:
        """Whose channel this is."""

    @property
    def is_reachable(self) -> bool:
        """Whether a call would be tried at all now."""

    @property
    def retry_after_seconds(self) -> int:
        """How long an unreachable provider is left alone, at most."""

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
        """Offer a trade to the payer. The same number with the same values gives the same trade.

        `trade_number` is 6 to 32 of `[0-9A-Za-z_]`. `return_url` is where the provider's page leads back to; that
        somebody comes back there proves nothing. `payer_address` is the IP address of a PHONE, which WeChat Pay wants
        to know; without it a PHONE is served as SCAN.
        """

    async def query(self, trade_number: str) -> Trade:
        """How far the trade is."""

    async def close(self, trade_number: str) -> None:
        """End an unpaid trade; one that is absent or closed already stays as it is.

        Query afterwards: it may have been paid meanwhile (which can also be the refusal's cause).
        """

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
        """Give back `amount` of a paid trade of `total`. The same `refund_number` gives back once."""

    async def query_refund(self, trade_number: str, refund_number: str) -> Refund:
        """How far the refund is."""

    async def parse_notify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The message, after proof of its sender, age, freshness and addressee. Raises NotifyRefusedError.

        Also raises what Redis raises when it cannot say whether the message came before; then nothing counts, and the
        provider repeats it.
        """

    def acknowledge(self, *, ok: bool, reason: NotifyReason | None = None) -> Acknowledgement:
        """What the provider wants to hear: taken, refused for a reason, or (neither) to be sent again."""

    async def fetch_bill(self, day: date) -> Sequence[BillRow]:
        """All movements of a day (Beijing). Raises BillNotReadyError before the provider has made it."""

    async def close_connections(self) -> None:
        """Let go of the connections."""


PaymentChannels = Mapping[Provider, PaymentChannel]
"""The channels that can be used; a provider without keys is not among them."""
