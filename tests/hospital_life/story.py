"""The steps. Each says what it does and what came of it; an assertion fails where a promise is broken."""

import asyncio
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from datasources.sql.hospital_account import BookingMode
from domain.integration.keys import issue_key, revoke_key
from htbooking_hospital import (
    BookingRule,
    Department,
    Hospital,
    KeyRefusedError,
    NotFoundError,
    OrderStateError,
    Schedule,
)
from htbooking_hospital.errors import InvalidInputError
from tests.booking import Booker, OpenSession, booked, new_bookers
from tests.chaos.house import House
from tests.clients.hospital.served import Account, new_account
from tests.hospital_life.hospital import PATIENCE_SECONDS, HospitalProgram, hospital_program, run
from tests.platform import Hospital as KnownHospital

Say = Callable[[str], None]
PAY = """mutation ($input: PayOrderInput!) { payOrder(input: $input) { __typename
  ... on PaymentStarted { payment { codeText link } } ... on Problem { code message } } }"""
ORDER = """query ($id: ID!) { node(id: $id) { ... on Order { state hospitalRecordId fetchTime fetchAddress
  paid { amount } refunds { state amount { amount } } } } }"""
DEPARTMENTS = "query ($code: String!) { hospital(code: $code) { name departments { nodes { code name } } } }"
ALL_DAY = BookingRule(cycle=7, release_time="00:00", stop_time="23:59", quit_day=0, quit_time="23:59")


@dataclass
class Life:
    """The platform, its two hospitals and what tells of them."""

    house: House
    zone: ZoneInfo
    say: Say
    ours: Account
    other: Account
    program: HospitalProgram
    steps: int = 0

    def step(self, line: str) -> None:
        """Begin another."""
        self.steps += 1
        self.say(f"\n{self.steps:2}. {line}")

    @property
    def today(self) -> date:
        """The platform's date."""
        return datetime.now(self.zone).date()

    async def booker(self) -> Booker:
        """Somebody known by real name, signed in."""
        platform = self.house.platform
        [booker] = await new_bookers(platform.stores, platform.ring, 1, now=platform.clock())
        return booker

    def session(self, account: Account, id: str) -> OpenSession:
        """A session as patients book in it."""
        return OpenSession(KnownHospital(account.code, account.client()), id)

    async def order(self, booker: Booker, id: str) -> dict[str, Any]:
        """The order as its patient sees it."""
        found: dict[str, Any] = (await self.house.platform.data(ORDER, {"id": id}, bearer=booker.token))["node"]
        return found

    async def until(self, booker: Booker, id: str, *states: str) -> dict[str, Any]:
        """Wait until the order stands so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (found := await self.order(booker, id))["state"] not in states:  # noqa: ASYNC110 - others act
                await asyncio.sleep(0.2)
        return found

    async def pay(self, booker: Booker, id: str) -> None:
        """Pay at the payment sandbox, by its page's own button."""
        given = {"orderId": id, "provider": "WECHAT_PAY", "idempotencyKey": secrets.token_hex(8)}
        answer = (await self.house.platform.data(PAY, {"input": given}, bearer=booker.token))["payOrder"]
        assert answer["__typename"] == "PaymentStarted", answer
        address = answer["payment"]["link"] or answer["payment"]["codeText"]
        async with httpx.AsyncClient(trust_env=False) as browser:
            pressed = await browser.post(address, data={"press": "pay"})
            assert pressed.status_code == 303, pressed.text
        await self.until(booker, id, "PAID")


async def tell(house: House, zone: ZoneInfo, say: Say, *, sessions: int) -> None:
    """The whole life."""
    endpoint = f"{house.url}/graphql"
    ours = await new_account(house.platform, endpoint, BookingMode.CONFIRM)
    other = await new_account(house.platform, endpoint)
    with tempfile.TemporaryDirectory(prefix="htbooking-life-") as folder:
        async with hospital_program(ours, Path(folder) / "his.sqlite", zone.key) as program:
            life = Life(house, zone, say, ours, other, program)
            life.step("Two hospitals are on the platform, each with a key of its own")
            say(f"    {ours.code} (it answers each order) with {ours.key_id}; {other.code} with {other.key_id}")
            await _push(life)
            await _visit(life)
            await _withdrawal(life)
            await _strangers(life)
            await _rotation(life)
            await _death(life)
            await _many(life, sessions)
            await _events_add_up(life)
            await _farewell(life)


async def _push(life: Life) -> None:
    life.step("The first one's system starts and pushes its catalogue; the second has the same department codes")
    await life.program.until("SELECT 1 FROM push WHERE what = 'sessions'")
    for what, items, refused in life.program.rows("SELECT what, items, refused FROM push ORDER BY id"):
        life.say(f"    {what}: {items} sent, {refused} refused")
    async with life.other.async_client() as client:
        await client.push_hospital(Hospital("东岸医院", booking_rule=ALL_DAY))
        await client.push_departments([Department("0101", "中医科"), Department("03", "针灸科")])
        await client.push_schedules([Schedule("d1", "0101", life.today + timedelta(days=2), "AM", 20, "9.67")])
    for account in (life.ours, life.other):
        seen = (await life.house.platform.data(DEPARTMENTS, {"code": account.code}))["hospital"]
        names = "、".join(f"{each['code']} {each['name']}" for each in seen["departments"]["nodes"])
        life.say(f"    {seen['name']}: {names}")


async def _visit(life: Life) -> None:
    life.step("A patient books; the hospital's system confirms with its record, a time and a place")
    booker = await life.booker()
    now = datetime.now(life.zone)
    day = life.today if now.hour < 17 else life.today + timedelta(days=1)
    half_day = "AM" if day > life.today or now.hour < 11 else "PM"
    session = life.session(life.ours, f"d2-{day:%Y%m%d}-{half_day}")
    order = await booked(life.house.platform, booker, session)
    confirmed = await life.until(booker, order["id"], "AWAITING_PAYMENT")
    life.say(
        f"    order {order['orderNumber']}, number {order['number']} on {order['date']} {half_day}: record "
        f"{confirmed['hospitalRecordId']}, {confirmed['fetchTime']}, {confirmed['fetchAddress']}"
    )
    life.step("The patient pays at the payment sandbox")
    await life.pay(booker, order["id"])
    life.say(f"    paid {(await life.order(booker, order['id']))['paid']['amount']}")
    life.step("At the counter the hospital's system checks the patient in, and ends the visit")
    async with life.ours.async_client() as client:
        try:
            there = await client.check_in(order["orderNumber"])
        except OrderStateError as early:
            life.say(
                f"    not now ({early.code}): check-in is from 07:00 to the half-day's end on the day of the visit"
            )
            return
        life.say(f"    checked in: number {there.queue_number}, {there.people_ahead} ahead, {there.room}")
        assert (await client.complete_order(order["id"])).state == "COMPLETED"
        life.say("    completed")


async def _withdrawal(life: Life) -> None:
    life.step("Another patient has paid for a session that the hospital then withdraws (停诊)")
    booker = await life.booker()
    session = life.session(life.ours, f"d1-{life.today + timedelta(days=3):%Y%m%d}-AM")
    order = await booked(life.house.platform, booker, session)
    await life.until(booker, order["id"], "AWAITING_PAYMENT")
    await life.pay(booker, order["id"])
    async with life.ours.async_client() as client:
        await client.withdraw_schedules([session.external_id])
        since = asyncio.get_running_loop().time()
        ended = await life.until(booker, order["id"], "REFUNDED")
    refunds = ", ".join(f"{each['amount']['amount']} {each['state']}" for each in ended["refunds"])
    assert len(ended["refunds"]) == 1
    life.say(f"    {ended['state']} after {asyncio.get_running_loop().time() - since:.1f} s: {refunds}")


async def _strangers(life: Life) -> None:
    life.step("The first hospital's key can do nothing to the second")
    booker = await life.booker()
    order = await booked(life.house.platform, booker, life.session(life.other, "d1"))
    async with life.ours.async_client() as client:
        tries = (
            ("confirm its order", client.confirm_order(order["id"])),
            ("check its patient in", client.check_in(order["orderNumber"])),
            ("put its entry", client.push_hospital(Hospital("东岸医院", code=life.other.code))),
        )
        for what, attempt in tries:
            try:
                await attempt
            except (NotFoundError, InvalidInputError) as refused:
                life.say(f"    {what}: {refused.code}")
            else:
                raise AssertionError(f"it could {what}")
        assert await client.order(order["id"]) is None
        life.say("    read its order: nothing")


async def _rotation(life: Life) -> None:
    life.step("A second key is issued, put to use, and the first revoked; events go on without a gap")
    platform = life.house.platform
    async with platform.stores.sql.unit_of_work() as session:
        issued = await issue_key(session, platform.ring, life.ours.code, "second")
    first, second = (
        life.ours,
        Account(life.ours.code, life.ours.endpoint, issued.key_id, issued.secret.get_secret_value()),
    )
    await life.program.stop()
    life.program.account = life.ours = second
    await life.program.start()
    async with platform.stores.sql.unit_of_work() as session:
        await revoke_key(session, first.key_id, platform.clock())
    life.say(f"    {first.key_id} → {second.key_id}")
    async with asyncio.timeout(PATIENCE_SECONDS), first.async_client() as client:
        while True:
            try:
                await client.push_departments([Department("0101", "心血管内科门诊", parent_code="01")])
            except KeyRefusedError as refused:
                life.say(f"    the first key now: {refused.code}")
                return
            await asyncio.sleep(0.5)


async def _death(life: Life) -> None:
    life.step("The hospital's system is killed (signal 9) while patients book, and started again")
    await life.program.stop(kill=True)
    orders = []
    for number in range(3):
        booker = await life.booker()
        session = life.session(life.ours, f"d3-{life.today + timedelta(days=2 + number):%Y%m%d}-AM")
        orders.append((booker, (await booked(life.house.platform, booker, session))["id"]))
    await life.program.start()
    for booker, id in orders:
        await life.until(booker, id, "AWAITING_PAYMENT")
    life.say(f"    {len(orders)} orders that came meanwhile are confirmed")


async def _many(life: Life, count: int) -> None:
    life.step(f"The second hospital pushes {count} sessions from a generator, in calls of 1,000")
    async with life.other.async_client() as client:
        await client.push_departments(Department(code, f"{code} 科") for code in ("0102", "0201"))
    process = await run(life.other, "push", "--count", str(count), "--run", "a year")
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    life.say(f"    {out.decode().strip()}")
    assert f"{count} new, 0 replaced, 0 refused" in out.decode()


async def _events_add_up(life: Life) -> None:
    life.step("What the hospital's system holds is what happened, once each")
    async with life.ours.async_client() as client:
        told = [event.sequence async for event in client.event_log()]
    await life.program.until(f"SELECT 1 FROM event WHERE sequence = {told[-1]}")
    kept = [sequence for (sequence,) in life.program.rows("SELECT sequence FROM event ORDER BY sequence")]
    assert kept == told == list(range(1, len(told) + 1))
    life.say(f"    {len(kept)} events, numbered 1 to {told[-1]} without a gap")


async def _farewell(life: Life) -> None:
    life.step("Both go offline: patients find them no more, and what was booked stays")
    for account in (life.ours, life.other):
        async with account.async_client() as client:
            status = await client.set_online(False)
        seen = (await life.house.platform.data(DEPARTMENTS, {"code": account.code}))["hospital"]
        assert seen is None, seen
        life.say(f"    {account.code}: {status}")
