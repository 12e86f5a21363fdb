"""The same promises as in `test_money`, before simulated providers that sign, prove and keep books of their own: at the
end what the platform believes is compared with those books."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from datasources.cache.nonces import Nonces
from datasources.payments import provider_http
from datasources.payments.channel import Provider
from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.payment import PaymentState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.cancelling import cancel_order
from domain.booking.lapsing import lapse_order
from domain.payments.notifying import take_notify
from server.sandbox_payments.presses import Press
from tests.domain.payments.money import NOW, matters_about, refund_rows
from tests.order_steps import row_of
from tests.payment_town import KilledError, Town
from tests.platform import SettableClock

FEE = Decimal("9.67")
PROVIDERS = (Provider.WECHAT_PAY, Provider.ALIPAY, Provider.WECHAT_PAY)
"""Where the payer of each order likes to pay; now and then they change their mind."""
MOST_GIVEN_UP = 3
"""After so many refunds that a provider gave up, people have to pay by hand, which is in no provider's books."""

PRESSES = (*[Press.PAY] * 3, Press.PAY_LOSE, Press.PAY_TWICE, Press.PAY_PROBE, Press.PAY_LATE, Press.PAY_LESS)
NOTIFIES = ("LOST", "TWICE", "LATE", "REORDERED", "WRONG_SIGNATURE")
ANSWERS = ("ERROR", "LOST", "HANGS", "LOST_HANGS")
REFUNDS = ("SLOW", "ABNORMAL", "CLOSED")
ACTS = (
    *("offer", "offer", "pay", "pay", "pay", "look", "look", "run", "run", "cancel", "cancel", "lapse"),
    *("later", "later", "later", "notifies", "answers", "answers", "refunds", "again", "forge"),
)
Act = tuple[str, int, int, int | None]
"""What, at which order, how, and after how many steps who does it is killed."""
storm = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 7), st.none() | st.integers(0, 9)),
    min_size=15,
    max_size=35,
)


class WireStorm:
    """Three orders whose payers and workers do what the storm says."""

    def __init__(self, town: Town, orders: list[BookingOrder]) -> None:
        self.town = town
        self.orders = orders
        self._given_up = 0

    async def act(self, name: str, which: int, how: int, killed_after: int | None) -> None:
        """One act; whoever does it is killed after so many steps."""
        await self.town.patient_unless_it_hangs()
        work: Callable[[int, int], Awaitable[None]] = getattr(self, name)
        await self.town.cut(lambda: work(which, how), killed_after)

    async def offer(self, which: int, how: int) -> None:
        provider = PROVIDERS[(which + (how == 7)) % 3]
        await self.town.begun(await row_of(self.town.stores, self.orders[which].id), provider, secrets.token_hex(8))

    async def pay(self, which: int, how: int) -> None:
        for payment in await self.town.payments(self.orders[which].id):
            await self.town.press(payment, PRESSES[how])
        await self.town.simulator.postman.send_due()

    async def look(self, which: int, how: int) -> None:
        await self._by_workers(self.town.look, which, how)

    async def run(self, which: int, how: int) -> None:
        await self._by_workers(self.town.run, which, how)

    async def cancel(self, which: int, _how: int) -> None:
        order, stores = self.orders[which], self.town.desk.stores
        actor = Actor("user", str(order.user_id), self.town.clock.now)
        await cancel_order(stores.sql, order.user_id, order.id, secrets.token_hex(8), "", actor)

    async def lapse(self, which: int, _how: int) -> None:
        order = await row_of(self.town.stores, self.orders[which].id)
        if order.lapses_at is not None:
            self.town.clock.now = max(self.town.clock.now, order.lapses_at)
            await lapse_order(self.town.desk.stores.sql, order.id, self.town.clock.now)

    async def later(self, _which: int, how: int) -> None:
        await self.town.later(seconds=(1, 20, 60, 90, 300, 300, 600, 1800)[how])

    async def notifies(self, which: int, how: int) -> None:
        await self.town.turn(PROVIDERS[which], "notifies", NOTIFIES[how % 5], 1 + how // 3)

    async def answers(self, which: int, how: int) -> None:
        # Two: the request and its repetition.
        await self.town.turn(PROVIDERS[which], "answers", ANSWERS[how % 4], 1 + how // 4)

    async def refunds(self, which: int, how: int) -> None:
        value = REFUNDS[how % 3]
        self._given_up += value == "CLOSED"
        if value != "CLOSED" or self._given_up <= MOST_GIVEN_UP:
            await self.town.turn(PROVIDERS[which], "refunds", value, 1)

    async def again(self, which: int, how: int) -> None:
        """Somebody who heard a message that was taken sends it once more."""
        await self._sent_again(which, how, b"")

    async def forge(self, which: int, how: int) -> None:
        """The same with something added."""
        await self._sent_again(which, how, b"&total_amount=0.01")

    async def settle_down(self) -> None:
        """The providers are well, time passes, and the workers run; people put right what needs people."""
        town = self.town
        await town.mend()
        await town.patient_unless_it_hangs()
        # What nobody has paid by now is given up, and only then come those who pay late.
        for which, order in enumerate(self.orders):
            await self.lapse(which, 0)
            await town.look(order.id)
        for _ in range(8):
            await town.later(hours=4)
            for which, order in enumerate(self.orders):
                await self.lapse(which, 0)
                await town.look(order.id)
                await town.run(order.id)
            await town.put_right()
            await town.later(seconds=30)

    async def _by_workers(self, work: Callable[[UUID], Awaitable[None]], which: int, how: int) -> None:
        """By one worker, or by several at once."""
        together = (work(self.orders[which].id) for _ in range(1 + how // 3))
        for ended in await asyncio.gather(*together, return_exceptions=True):
            if ended is not None and not isinstance(ended, KilledError):
                raise ended

    async def _sent_again(self, which: int, how: int, added: bytes) -> None:
        if not self.town.taken:
            return
        self.town.scissors.set(None)
        provider, headers, body = self.town.taken[-1 - (which + how) % len(self.town.taken)]
        before = [await row_of(self.town.stores, each.id) for each in self.orders]
        channel = self.town.desk.channels[provider]
        await take_notify(self.town.desk, channel, headers, body + added, self.town.clock.now)
        assert [await row_of(self.town.stores, each.id) for each in self.orders] == before


@pytest.fixture
async def town(folder: Path, nonces: Nonces, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """One on whose clock it is ten in the morning."""
    monkeypatch.setattr(provider_http, "PAUSE_SECONDS", 0)
    town = Town(folder, nonces, stores, SettableClock(NOW))
    yield town
    await town.close()


OFFERED: Act = ("offer", 0, 0, None)
PAID: Act = ("pay", 0, 0, None)
KNOWN: dict[str, list[Act]] = {
    "late, after the order has lapsed": [
        OFFERED,
        ("pay", 0, PRESSES.index(Press.PAY_LATE), None),
        ("lapse", 0, 0, None),
    ],
    "at both providers": [OFFERED, ("offer", 0, 7, None), PAID],
    "another amount": [OFFERED, ("pay", 0, PRESSES.index(Press.PAY_LESS), None), ("look", 0, 0, None)],
    "given up by the provider": [OFFERED, PAID, ("refunds", 0, 2, None), ("cancel", 0, 0, None), ("run", 0, 0, None)],
    "given back, and the answer lost": [
        OFFERED,
        PAID,
        ("cancel", 0, 0, None),
        ("answers", 0, 5, None),
        ("run", 0, 0, None),
        ("later", 0, 4, None),
        ("run", 0, 6, None),
    ],
}
"""Storms that are always gone through, whatever Hypothesis draws."""


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=storm)
@example(acts=KNOWN["late, after the order has lapsed"])
@example(acts=KNOWN["at both providers"])
@example(acts=KNOWN["another amount"])
@example(acts=KNOWN["given up by the provider"])
@example(acts=KNOWN["given back, and the answer lost"])
async def test_the_providers_books_say_what_the_orders_say(town: Town, acts: list[Act]) -> None:
    await town.mend()
    town.clock.now = NOW
    storm = WireStorm(town, [await town.order(FEE) for _ in PROVIDERS])
    for name, which, how, killed_after in acts:
        await storm.act(name, which, how, killed_after)

    await nothing_was_given_away(town, storm.orders)
    await storm.settle_down()

    await nothing_was_given_away(town, storm.orders)
    for order in storm.orders:
        await books_agree(town, order.id)


@pytest.mark.parametrize("provider", list(Provider))
async def test_a_process_killed_between_any_two_steps_loses_no_fen(town: Town, provider: Provider) -> None:
    """A whole life, of which one step after another is the last that the process did."""
    killed = 0
    while await _life_cut_after(town, provider, killed):
        killed += 1
    assert killed > 20, "the life has fewer steps than it should"


async def _life_cut_after(town: Town, provider: Provider, steps: int) -> bool:
    """Offered, paid, told, cancelled, given back; whoever was killed is followed by another. False if nobody was,
    because there are fewer steps."""
    town.clock.now = NOW
    order = await town.order(FEE)
    actor = Actor("user", str(order.user_id), NOW)

    async def cancelled() -> None:
        await cancel_order(town.desk.stores.sql, order.user_id, order.id, "cancel", "", actor)

    async def paid() -> None:
        for payment in await town.payments(order.id):
            await town.press(payment)
        await town.later(seconds=1)

    town.scissors.set(steps)
    await town.cut(lambda: town.begun(order, provider, "first"))
    await town.cut(lambda: town.begun(order, provider, "first"))
    await paid()
    town.clock.now += timedelta(minutes=2)
    await town.cut(lambda: town.look(order.id))
    await town.cut(cancelled)
    await town.cut(cancelled)
    for _ in range(3):
        await town.cut(lambda: town.run(order.id))
        await town.later(minutes=2)
    was_killed = not town.scissors.are_set
    town.scissors.set(None)
    for _ in range(2):
        await town.later(hours=1)
        await town.look(order.id)
        await town.run(order.id)
    assert (await row_of(town.stores, order.id)).state == OrderState.REFUNDED, f"killed after {steps} steps"
    await books_agree(town, order.id)
    return was_killed


async def nothing_was_given_away(town: Town, orders: list[BookingOrder]) -> None:
    """No trade gave back more than it received, and no order is paid without its money."""
    for each in orders:
        order, received = await row_of(town.stores, each.id), Decimal(0)
        for payment in await town.payments(each.id):
            paid = await town.received(payment)
            assert await town.given_back(payment) <= paid
            received += paid
        assert order.paid_amount <= received
        if order.state == OrderState.PAID:
            assert order.paid_amount >= order.fee


async def books_agree(town: Town, id: UUID) -> None:
    """In the end: by the providers' books and by ours each order has what its state says."""
    order, kept = await row_of(town.stores, id), Decimal(0)
    assert order.state in ("PAID", "CANCELLED", "EXPIRED", "REFUNDED")
    for payment in await town.payments(id):
        received, given_back = await town.received(payment), await town.given_back(payment)
        if payment.state == PaymentState.DISPUTED:
            # Another amount came: it belongs to nobody's order until people have looked.
            assert given_back == 0
            assert ("AMOUNT_DIFFERS", "OPEN") in {
                each[:2] for each in await matters_about(town.stores, payment.trade_number)
            }
            continue
        assert payment.state == (PaymentState.PAID if received else PaymentState.CLOSED)
        assert payment.refund_total == given_back
        kept += received - given_back
    wanted = order.fee if OrderState(order.state) in HOLDING else Decimal(0)
    assert (order.state, kept, order.paid_amount) == (order.state, wanted, wanted)
    assert {row.state for row in await refund_rows(town.stores, id)} <= {"DONE", "REPLACED"}
