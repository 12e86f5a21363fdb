"""Days at the simulated providers, by their wire, and what their bills make of our books: agreeing, missing on either
side, or another amount; and what people in finance then do."""

import secrets
import sqlite3
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from datasources.cache.nonces import Nonces
from datasources.payments.channel import Provider
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.payment import Payment
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.payments.finance_exports import export_of
from domain.payments.reconciling import Reconciled, reconcile_day
from domain.payments.worklist import MatterResolved, Resolution, resolve_matter
from server.sandbox_payments.presses import Press, pressed
from server.sandbox_payments.trades import trade
from tests.domain.payments.money import FEE, matters_about
from tests.order_steps import row_of, step
from tests.payment_town import SITE, Town
from tests.platform import SettableClock

THREE = Decimal("3.00")


@pytest.fixture
async def town(folder: Path, nonces: Nonces, open_stores: Stores) -> AsyncIterator[Town]:
    """On a day of its own: bills are compared by days, and other tests pay on theirs."""
    morning = datetime(2031, 1, 1, 2, tzinfo=UTC) + timedelta(days=secrets.randbelow(20_000))
    town = Town(folder, nonces, open_stores, SettableClock(morning))
    yield town
    await town.close()


async def paid(town: Town, provider: Provider, fee: Decimal = FEE) -> tuple[BookingOrder, Payment]:
    """An order whose payer paid, and of which the provider told."""
    order, payment = await town.offered(fee, provider)
    await town.press(payment)
    await town.later(seconds=1)
    assert (await row_of(town.stores, order.id)).state == OrderState.PAID
    return order, payment


async def given_back(town: Town, order: BookingOrder) -> None:
    """The order is cancelled, and its money arrives where it came from."""
    await step(town.stores, order.id, OrderStep.CANCEL_PAID, town.clock.now)
    for _ in range(3):
        await town.run(order.id)
        await town.later(minutes=2)
    assert (await row_of(town.stores, order.id)).state == OrderState.REFUNDED


async def compared(town: Town, provider: Provider) -> Reconciled:
    """The morning after: the bill is fetched and compared."""
    day = town.clock.now.date()
    town.clock.now += timedelta(days=1, hours=3)
    found = await reconcile_day(town.desk, provider, day, town.clock.now)
    assert found is not None
    return found


@pytest.mark.parametrize("provider", list(Provider))
async def test_the_bill_of_a_day_agrees_to_the_fen_though_a_message_was_lost(town: Town, provider: Provider) -> None:
    await paid(town, provider)
    order, _ = await paid(town, provider, THREE)
    await given_back(town, order)
    unknown, payment = await town.offered(Decimal("0.05"), provider)
    await town.press(payment, Press.PAY_LOSE)

    day = (await compared(town, provider)).day

    assert (day.bill_rows, day.differences) == (4, 0)
    assert (day.paid, day.refunded) == (Decimal("12.72"), THREE)
    after = await row_of(town.stores, unknown.id)
    assert (after.state, after.paid_amount) == (OrderState.PAID, Decimal("0.05")), "the bill told of it"


@pytest.mark.parametrize("provider", list(Provider))
async def test_what_is_missing_here_or_there_or_differs_is_for_people_once(town: Town, provider: Provider) -> None:
    (_, differs), (_, right), (_, gone) = [await paid(town, provider) for _ in range(3)]
    day = town.clock.now.date()
    stranger = f"T{secrets.token_hex(12)}"
    await _sell_without_us(town, provider, stranger)
    await town.simulator.books.do(lambda books: _alter(books, differs, gone))

    first = (await compared(town, provider)).day
    matters = {
        differs.trade_number: await matters_about(town.stores, differs.trade_number),
        gone.trade_number: await matters_about(town.stores, gone.trade_number),
        stranger: await matters_about(town.stores, stranger),
    }
    assert (first.bill_rows, first.differences) == (3, 3)
    assert {number: [(kind, state) for kind, state, _ in found] for number, found in matters.items()} == {
        differs.trade_number: [("BILL_AMOUNT_DIFFERS", "OPEN")],
        gone.trade_number: [("BILL_MISSING_THERE", "OPEN")],
        stranger: [("BILL_MISSING_HERE", "OPEN")],
    }
    assert await matters_about(town.stores, right.trade_number) == []

    # Somebody looks at one; the provider mends another; and the day is compared again, twice.
    finance = await _somebody_in_finance(town)
    id = await _id_of_matter(town.stores, stranger)
    resolved = await resolve_matter(town.stores.sql, id, Resolution.NO_ACTION, "线下收款，已核对", finance)
    assert isinstance(resolved, MatterResolved)
    await town.simulator.books.do(lambda books: _mend(books, differs))
    for _ in range(2):
        await reconcile_day(town.desk, provider, day, town.clock.now)

    after = [(number, await matters_about(town.stores, number)) for number in matters]
    assert [(number, [(kind, state) for kind, state, _ in found]) for number, found in after] == [
        (differs.trade_number, [("BILL_AMOUNT_DIFFERS", "RESOLVED")]),
        (gone.trade_number, [("BILL_MISSING_THERE", "OPEN")]),
        (stranger, [("BILL_MISSING_HERE", "RESOLVED")]),
    ]
    assert await _exported(town) == [
        ("BILL_AMOUNT_DIFFERS", differs.trade_number, 9.67, 9.68, "RESOLVED", "CAME_RIGHT"),
        ("BILL_MISSING_HERE", stranger, None, 9.67, "RESOLVED", "NO_ACTION"),
        ("BILL_MISSING_THERE", gone.trade_number, 9.67, None, "OPEN", None),
    ]


async def _sell_without_us(town: Town, provider: Provider, number: str) -> None:
    """Somebody takes money by the merchant's account, and the platform knows nothing of it."""
    await town.desk.channels[provider].create(
        number,
        FEE,
        "复印费",
        expires_at=town.clock.now + timedelta(minutes=15),
        notify_url=f"{SITE}/elsewhere",
    )
    now = town.clock.now.timestamp()

    def pay(books: sqlite3.Connection) -> None:
        found = trade(books, provider, number)
        assert found is not None
        pressed(books, town.simulator.happenings, found.token, Press.PAY_LOSE, now)

    await town.simulator.books.do(pay)


def _alter(books: sqlite3.Connection, differs: Payment, gone: Payment) -> None:
    books.execute("UPDATE trade SET paid_amount = paid_amount + 1 WHERE number = ?", (differs.trade_number,))
    books.execute("DELETE FROM trade WHERE number = ?", (gone.trade_number,))


def _mend(books: sqlite3.Connection, differs: Payment) -> None:
    books.execute("UPDATE trade SET paid_amount = amount WHERE number = ?", (differs.trade_number,))


async def _somebody_in_finance(town: Town) -> Actor:
    account = StaffAccount(
        id=uuid.uuid4(),
        sign_in_name=f"f{secrets.token_hex(6)}",
        name="财务",
        roles=[],
        password_hash="-",
    )
    async with town.stores.sql.unit_of_work() as session:
        await StaffAccounts(session).add(account)
    return Actor("staff", str(account.id), town.clock.now)


async def _id_of_matter(stores: Stores, trade_number: str) -> int:
    async with stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text("SELECT id FROM finance_item WHERE trade_number = :number"), {"number": trade_number}
        )
        id: int = found.scalar_one()
        return id


async def _exported(town: Town) -> list[tuple[object, ...]]:
    """The worklist of the morning after, as finance takes it away."""
    day = town.clock.now.date().isoformat()
    terms = {"kind": "ITEMS", "from": day, "to": day, "language": "zh-CN"}
    _, content = await export_of(town.stores, terms, ZoneInfo("Asia/Shanghai"))
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    heads = [str(each) for each in rows[0]]
    columns = [heads.index(each) for each in ("种类", "支付单号", "我方金额", "渠道金额", "状态", "处理方式")]
    return sorted((tuple(row[each] for each in columns) for row in rows[1:]), key=str)
