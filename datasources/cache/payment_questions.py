"""Remembers in Redis that a provider was asked about an order's payment a moment ago."""

from redis.asyncio import Redis

SECONDS = 3


class PaymentQuestions:
    """However often somebody reloads a page, the provider is asked every few seconds at most."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def may_ask(self, trade_number: str) -> bool:
        """Whether to ask now; the next question then has to wait."""
        return bool(await self._redis.set(f"htbooking:payment-questions:{trade_number}", "1", ex=SECONDS, nx=True))
