"""How long it takes to remind the owners of many orders, and that a second run reminds nobody: `make bench-reminders`.

The stores are servers of its own, as durable as in production.
"""

import argparse
import asyncio
import secrets
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.command_line import data_directory_of
from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.identity.sign_in import with_phone
from domain.messages.relay import RelayDesk, relay_due
from domain.messages.reminding import remind_of_visits
from server.embedded.data_lock import held_lock
from server.embedded.servers import embedded_servers
from server.migrate import migrate

VISIT = date(2031, 5, 6)
POLICY = BookingPolicy(ZoneInfo("Asia/Shanghai"))
EVENING = datetime(2031, 5, 5, 18, 0, tzinfo=POLICY.zone)
SESSION = "b0:1"
AT_ONCE = 1_000

_ORDERS = text("""
    WITH people AS (
        INSERT INTO patient (id, user_id, sealed_name, certificate_kind, sealed_certificate, certificate_index,
                             sealed_phone, sex, check_at_desk, created_at, updated_at)
        SELECT gen_random_uuid(), id, '-', '30', '-', decode(md5(id::text), 'hex'), '-', 'UNSTATED', false, :now, :now
          FROM user_account
        RETURNING id, user_id, certificate_index
    )
    INSERT INTO booking_order (id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id,
                               hospital_code, department_code, visit_date, half_day, number, state, fee, cancel_until,
                               fetch_address, texts, idempotency_key, request_hash, created_at, state_changed_at)
    SELECT gen_random_uuid(), md5(id::text), user_id, id, certificate_index, '张*', :session, 'b0', '1', :day, 'AM',
           row_number() OVER (), 'PAID', 9.67, :now, '门诊楼3层',
           '{"hospital": "长春测试医院", "department": "心内科", "title": "主任医师"}', id::text,
           sha256('x'), :now, :now
      FROM people
""")


async def measure(orders: int) -> int:
    """Print how long reminding took; how many were reminded by a second run, which should be none."""
    with data_directory_of(None) as directory, held_lock(directory):
        async with embedded_servers(directory, durable=True) as endpoints:
            await migrate(endpoints.database_url)
            stores = Stores.at(
                database_url=endpoints.database_url,
                mongodb_url=endpoints.mongodb_url,
                redis_url=endpoints.redis_url,
            )
            try:
                return await _measure(stores, orders)
            finally:
                await stores.close()


async def _measure(stores: Stores, orders: int) -> int:
    ring = KeyRing.of(secrets.token_bytes(32))
    await _fill(stores, ring, orders)
    desk = RelayDesk(stores, ring, POLICY.zone)
    # What the orders themselves have told is not what is measured.
    await _run(stores, "DELETE FROM outgoing_message")
    began = time.perf_counter()
    reminded = await remind_of_visits(stores.sql, POLICY, EVENING)
    written = time.perf_counter()
    told = 0
    while some := await relay_due(desk, EVENING):
        told += some
    done = time.perf_counter()
    again = await remind_of_visits(stores.sql, POLICY, EVENING + timedelta(minutes=1))
    second = time.perf_counter()
    _say(f"{reminded} reminders written in {written - began:.2f} s")
    _say(f"{told} told in the app and queued as SMS in {done - written:.2f} s, by one worker")
    _say(f"a second run reminded {again} in {second - done:.2f} s")
    return again


async def _fill(stores: Stores, ring: KeyRing, orders: int) -> None:
    now = datetime.now(UTC)
    async with stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code="b0", name="测试医院"))
        ledger = SlotLedger(
            schedule_id=SESSION,
            hospital_code="b0",
            department_code="1",
            external_id="1",
            visit_date=VISIT,
            half_day="AM",
            fee=Decimal("9.67"),
            capacity=orders,
            updated_at=now,
        )
        session.add(ledger)
    for first in range(0, orders, AT_ONCE):
        async with stores.sql.unit_of_work() as session:
            numbers = range(first, min(first + AT_ONCE, orders))
            session.add_all(with_phone(ring, uuid4(), f"+86138{number:08}") for number in numbers)
    async with stores.sql.unit_of_work() as session:
        values = {"now": now, "session": SESSION, "day": VISIT}
        await (await session.connection()).execute(_ORDERS, values)


async def _run(stores: Stores, statement: str) -> None:
    async with stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(text(statement))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="How long reminding many people takes.")
    arguments.add_argument("--orders", type=int, default=10_000)
    sys.exit(1 if asyncio.run(measure(arguments.parse_args().orders)) else 0)
