"""What every use case of payments works with."""

from dataclasses import dataclass, field
from uuid import UUID

from datasources.payments.channel import PaymentChannel, PaymentChannels, Provider
from datasources.stores import Stores
from domain.global_id import NodeKind, global_id

NOTIFY_PATH = "/payments/notify"
"""Where providers send their messages, each to its own name below this."""
PROVIDER_NAMES = {Provider.WECHAT_PAY: "wechat-pay", Provider.ALIPAY: "alipay"}
"""Providers' names in addresses."""


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    """The stores, the providers that can be used, and the addresses of the platform."""

    stores: Stores
    channels: PaymentChannels = field(default_factory=dict)
    site_url: str = ""
    """Where browsers reach it. Without a slash at the end."""
    providers_url: str = ""
    """Where providers reach it, if by another address."""

    def channel(self, provider: str) -> PaymentChannel | None:
        """The provider's channel; None where this installation has no account there."""
        return self.channels.get(Provider(provider))

    async def close(self) -> None:
        """Let go of the providers' connections."""
        for channel in self.channels.values():
            await channel.close_connections()

    def page_of(self, order_id: UUID) -> str | None:
        """Where a payer who left for the provider's page comes back to: the order's own, in the portal."""
        return f"{self.site_url}/orders/{global_id(NodeKind.ORDER, order_id)}/pay" if self.site_url else None

    def notify_url(self, provider: str) -> str:
        """Where this provider is to send its messages."""
        return f"{self.providers_url or self.site_url}{NOTIFY_PATH}/{PROVIDER_NAMES[Provider(provider)]}"
