"""The platform before the simulated providers, by their wire: payers with phones, messages that are lost or sent again,
and workers that are killed between any two steps."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.cache.nonces import Nonces
from datasources.payments.channel import ClientKind, Provider
from datasources.payments.provider_http import ANSWER_SECONDS, ProviderHttp
from datasources.sql.booking_order import BookingOrder
from datasources.sql.database import Database
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.storage.circuit_breaker import CircuitBreaker
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.payments.desk import NOTIFY_PATH, PROVIDER_NAMES, PaymentDesk
from domain.payments.looking import look_at_payment
from domain.payments.notifying import take_notify
from domain.payments.paying import PaymentStarted, PayRequest, pay_order
from domain.payments.refunding import run_refund
from server.sandbox_payments.presses import Press, pressed
from server.sandbox_payments.refunds import Refund, RefundStep
from server.sandbox_payments.simulator import PaymentSimulator
from server.sandbox_payments.switches import turn
from server.sandbox_payments.trades import Trade, TradeStep, see, trade
from tests.domain.payments.money import new_order, refund_rows
from tests.platform import SettableClock

SITE = "http://platform.test"
SHORT_PATIENCE_SECONDS = 0.05


class KilledError(BaseException):
    """The process ended here, as by kill -9: nothing after this step was done."""


class Scissors:
    """Cut what a process does after so many of its steps; a step is a transaction, or a request to a provider."""

    def __init__(self) -> None:
        self._left: int | None = None

    def set(self, steps: int | None) -> None:
        """Cut at the end of the next step (0), or later; None: never."""
        self._left = steps

    @property
    def are_set(self) -> bool:
        """Whether they have not cut yet."""
        return self._left is not None

    def step(self) -> None:
        """One boundary between two steps. Raises KilledError where they cut; they cut once."""
        if self._left == 0:
            self._left = None
            raise KilledError
        if self._left is not None:
            self._left -= 1


class CuttableDatabase(Database):
    """The same pool, in a process that may be killed before and after each transaction."""

    def __init__(self, whole: Database, scissors: Scissors) -> None:
        self.__dict__.update(whole.__dict__)
        self._scissors = scissors

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """One transaction between two boundaries."""
        self._scissors.step()
        async with super().unit_of_work() as session:
            yield session
        self._scissors.step()


class CuttableTransport(httpx.ASGITransport):
    """To the simulator, in a process that may be killed before a request and before its answer."""

    def __init__(self, simulator: PaymentSimulator, scissors: Scissors) -> None:
        super().__init__(simulator.application)
        self._scissors = scissors

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request between two boundaries."""
        self._scissors.step()
        answer = await super().handle_async_request(request)
        self._scissors.step()
        return answer


class Town:
    """Both providers, the platform that they send their messages to, and payers."""

    def __init__(self, folder: Path, nonces: Nonces, stores: Stores, clock: SettableClock) -> None:
        self.clock = clock
        self.scissors = Scissors()
        self.taken: list[tuple[Provider, httpx.Headers, bytes]] = []
        """Messages of which the platform said that it has them."""
        self.simulator = PaymentSimulator(folder, clock, notify_transport=httpx.MockTransport(self._take))
        channels = self.simulator.channels(nonces, SITE)
        self._wires = [self._wire() for _ in channels]
        for channel, wire in zip(channels.values(), self._wires, strict=True):
            channel._http = wire  # type: ignore[attr-defined]
        self.stores = stores
        self.desk = PaymentDesk(replace(stores, sql=CuttableDatabase(stores.sql, self.scissors)), channels, SITE)

    def _wire(self) -> ProviderHttp:
        # A provider that failed is left alone for a while by this clock, and not by the real one.
        breaker = CircuitBreaker(clock=lambda: self.clock.now.timestamp())
        return ProviderHttp("sandbox", transport=CuttableTransport(self.simulator, self.scissors), breaker=breaker)

    async def _take(self, sent: httpx.Request) -> httpx.Response:
        provider = next(each for each, name in PROVIDER_NAMES.items() if sent.url.path == f"{NOTIFY_PATH}/{name}")
        try:
            answer = await take_notify(
                self.desk, self.desk.channels[provider], sent.headers, sent.content, self.clock.now
            )
        except KilledError as killed:
            raise httpx.ReadError("the platform was killed") from killed
        if answer.status in (200, 204) and answer.body != b"fail":
            self.taken.append((provider, sent.headers, sent.content))
        return httpx.Response(answer.status, content=answer.body)

    async def close(self) -> None:
        """Let go of the connections."""
        await self.desk.close()

    async def order(self, fee: Decimal, minutes: int = 15) -> BookingOrder:
        """One that may be paid for so long."""
        order = await new_order(self.stores, fee)
        async with self.stores.sql.unit_of_work() as session:
            await (await session.connection()).execute(
                text("UPDATE booking_order SET lapses_at = :at WHERE id = :id"),
                {"at": self.clock.now + timedelta(minutes=minutes), "id": order.id},
            )
        return order

    async def begun(self, order: BookingOrder, provider: Provider, key: str) -> object:
        """The owner opens the page on which the order is paid."""
        request = PayRequest(order.user_id, order.id, provider, ClientKind.SCAN, key)
        return await pay_order(self.desk, request, Actor("user", str(order.user_id), self.clock.now))

    async def offered(self, fee: Decimal, provider: Provider) -> tuple[BookingOrder, Payment]:
        """An order that can be paid now, and its payment."""
        order = await self.order(fee)
        answer = await self.begun(order, provider, "k")
        assert isinstance(answer, PaymentStarted), answer
        return order, answer.payment

    async def payments(self, order_id: UUID) -> list[Payment]:
        """What the order has been, or may be, paid by."""
        async with self.stores.sql.read() as session:
            return list((await Payments(session).of_orders([order_id])).get(order_id, []))

    async def press(self, payment: Payment, button: Press = Press.PAY) -> None:
        """The payer scans the code and presses a button, whatever the platform thinks of it by now."""
        found = await self.trade(payment)
        if found is None:
            return
        token, now = found.token, self.clock.now.timestamp()
        await self.simulator.books.do(lambda books: see(books, token))
        await self.simulator.books.do(lambda books: pressed(books, self.simulator.happenings, token, button, now))

    async def turn(self, provider: Provider, name: str, value: str, uses: int | None = None) -> None:
        """Switch a fault on."""
        await self.simulator.books.do(lambda books: turn(books, provider, name, value, uses))

    async def mend(self) -> None:
        """Switch all faults off."""
        await self.simulator.books.do(lambda books: books.execute("DELETE FROM switch"))

    async def later(self, **time: float) -> None:
        """Time passes, and what the providers have to say by then is said."""
        self.clock.now += timedelta(**time)
        await self.simulator.postman.send_due()

    async def patient_unless_it_hangs(self) -> None:
        """Wait for answers as long as ever, and hardly at all while none come."""
        hangs = await self.simulator.books.do(
            lambda books: books.execute("SELECT 1 FROM switch WHERE value LIKE '%HANGS'").fetchone()
        )
        for wire in self._wires:
            wire._answer_seconds = ANSWER_SECONDS if hangs is None else SHORT_PATIENCE_SECONDS

    async def cut(self, work: Callable[[], Awaitable[object]], after: int | None = None) -> None:
        """Have a process do this; killed after so many steps, if it comes so far."""
        if after is not None:
            self.scissors.set(after)
        with suppress(KilledError):
            await work()
        if after is not None:
            self.scissors.set(None)

    async def look(self, order_id: UUID) -> None:
        """The worker asks about the order's payments."""
        for payment in await self.payments(order_id):
            await look_at_payment(self.desk, payment, self.clock.now)

    async def run(self, order_id: UUID) -> None:
        """The worker asks for the order's refunds."""
        for refund in await refund_rows(self.stores, order_id):
            await run_refund(self.desk, refund, self.clock.now)

    async def put_right(self) -> None:
        """People at the providers see to it that money which did not arrive does."""
        now, happenings = self.clock.now.timestamp(), self.simulator.happenings

        def pay_out(books: sqlite3.Connection) -> None:
            rows = books.execute("SELECT * FROM refund WHERE state = ?", (RefundStep.ABNORMAL,)).fetchall()
            for refund in map(Refund.of, rows):
                happenings.pay_out(books, refund.provider, refund.number, now)

        await self.simulator.books.do(pay_out)

    async def trade(self, payment: Payment) -> Trade | None:
        """The trade in the provider's books."""
        provider, number = Provider(payment.channel), payment.trade_number
        return await self.simulator.books.do(lambda books: trade(books, provider, number))

    async def refunds(self, payment: Payment) -> list[Refund]:
        """What the provider was asked to give back of it."""
        where = (payment.channel, payment.trade_number)
        rows = await self.simulator.books.do(
            lambda books: books.execute("SELECT * FROM refund WHERE provider = ? AND trade = ?", where).fetchall()
        )
        return [Refund.of(row) for row in rows]

    async def received(self, payment: Payment) -> Decimal:
        """What the payer has paid, by the provider's own books."""
        found = await self.trade(payment)
        return Decimal(found.paid_amount or 0) / 100 if found and found.state is TradeStep.PAID else Decimal(0)

    async def given_back(self, payment: Payment) -> Decimal:
        """What went back or is going back, by the provider's own books."""
        gone = [each.amount for each in await self.refunds(payment) if each.state is not RefundStep.CLOSED]
        return Decimal(sum(gone)) / 100
