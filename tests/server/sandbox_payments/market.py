"""The channels before the simulator, and in the platform's place an endpoint that keeps what it is told."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from datasources.cache.nonces import Nonces
from datasources.payments.channel import (
    ClientKind,
    HowToPay,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    PaymentChannel,
    Provider,
    Refund,
)
from server.sandbox_payments.presses import Press
from server.sandbox_payments.simulator import PATH, PaymentSimulator
from server.sandbox_payments.switches import turn
from server.sandbox_payments.trades import Trade, trade
from tests.platform import SettableClock

SITE = "http://platform.test"
NUMBER, PRICE = "T000001", Decimal("9.67")


@dataclass
class Market:
    """One provider as the platform meets it."""

    provider: Provider
    folder: Path
    nonces: Nonces
    clock: SettableClock
    scale: float = 1.0
    told: list[Notice] = field(default_factory=list)
    refused: list[NotifyReason] = field(default_factory=list)
    is_deaf: bool = False
    """Whether the platform answers no notify."""

    def __post_init__(self) -> None:
        endpoint = httpx.MockTransport(self._take)
        self.simulator = PaymentSimulator(self.folder, self.clock, scale=self.scale, notify_transport=endpoint)
        self.channels = self.simulator.channels(self.nonces, SITE)

    @property
    def channel(self) -> PaymentChannel:
        """This provider's."""
        return self.channels[self.provider]

    async def _take(self, request: httpx.Request) -> httpx.Response:
        if self.is_deaf:
            return httpx.Response(503)
        reason = None
        try:
            self.told.append(await self.channel.parse_notify(request.headers, request.content))
        except NotifyRefusedError as refused:
            reason = refused.reason
            self.refused.append(reason)
        answer = self.channel.acknowledge(ok=reason is None, reason=reason)
        return httpx.Response(answer.status, content=answer.body)

    async def offer(
        self, number: str = NUMBER, amount: Decimal = PRICE, kind: ClientKind = ClientKind.SCAN, *, minutes: int = 15
    ) -> HowToPay:
        """A trade, as the platform offers it."""
        return await self.channel.create(
            number,
            amount,
            "预约挂号 测试医院",
            expires_at=self.clock.now + timedelta(minutes=minutes),
            notify_url=f"{SITE}/notify",
            client_kind=kind,
            return_url=f"{SITE}/orders",
            payer_address="203.0.113.7",
        )

    async def scan(self, number: str = NUMBER) -> httpx.Response:
        """Somebody opens what the code says."""
        return await self.visit("GET", f"{PATH}/cashier/{(await self.entry(number)).token}")

    async def press(self, button: Press = Press.PAY, number: str = NUMBER) -> None:
        """Somebody opens what the code says and presses a button."""
        await self.scan(number)
        path = f"{PATH}/cashier/{(await self.entry(number)).token}"
        pressed = await self.visit("POST", path, press=button)
        assert pressed.status_code == 303

    async def visit(self, method: str, path: str, **form: str) -> httpx.Response:
        """A browser at the simulator's pages."""
        transport = httpx.ASGITransport(self.simulator.application)
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as http:
            return await http.request(method, path.removeprefix(PATH), data=form)

    async def entry(self, number: str = NUMBER) -> Trade:
        """The trade in the books."""
        found = await self.simulator.books.do(lambda books: trade(books, self.provider, number))
        assert found is not None
        return found

    async def give_back(self, refund: str = "R000001", amount: Decimal = PRICE, number: str = NUMBER) -> Refund:
        """A refund, as the platform asks for it."""
        return await self.channel.refund(
            number, refund, amount, total=PRICE, reason="退号", notify_url=f"{SITE}/notify"
        )

    async def turn(self, name: str, value: str, uses: int | None = None) -> None:
        """Switch a fault on."""
        await self.simulator.books.do(lambda books: turn(books, self.provider, name, value, uses))

    async def later(self, **time: float) -> int:
        """Let time pass, and send what is due by then."""
        self.clock.now += timedelta(**time)
        return await self.simulator.postman.send_due()

    async def close(self) -> None:
        """Let go of the connections."""
        for channel in self.channels.values():
            await channel.close_connections()
