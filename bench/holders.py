"""A session of which many numbers are sold, each to another person: for benchmarks of what happens to all of them.

The stores are servers of the benchmark's own, as durable as in production.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import text

from bench.command_line import data_directory_of
from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.identity.sign_in import with_phone
from server.embedded.data_lock import held_lock
from server.embedded.servers import embedded_servers
from server.migrate import migrate

VISIT = date(2031, 5, 6)
SESSION = "b0:1"
FEE = Decimal("9.67")
AT_ONCE = 1_000

_ORDERS = """
    WITH people AS (
        INSERT INTO patient (id, user_id, sealed_name, certificate_kind, sealed_certificate, certificate_index,
                             sealed_phone, sex, check_at_desk, created_at, updated_at)
        SELECT gen_random_uuid(), id, '-', '30', '-', decode(md5(id::text), 'hex'), '-', 'UNSTATED', false, :now, :now
          FROM user_account
        RETURNING id, user_id, certificate_index
    )
    INSERT INTO booking_order (id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id,
                               hospital_code, department_code, visit_date, half_day, number, state, fee, paid_amount,
                               cancel_until, fetch_address, texts, idempotency_key, request_hash, created_at,
                               state_changed_at)
    SELECT gen_random_uuid(), md5(id::text), user_id, id, certificate_index, '张*', :session, 'b0', '1', :day, 'AM',
           row_number() OVER (), 'PAID', :fee, :fee, :now, '门诊楼3层',
           '{"hospital": "长春测试医院", "department": "心内科", "title": "主任医师"}', id::text,
           sha256('x'), :now, :now
      FROM people
"""
_PAYMENTS = """
    INSERT INTO payment (id, order_id, channel, client_kind, trade_number, amount, state, expires_at, provider_number,
                         paid_at, created_at)
    SELECT gen_random_uuid(), id, 'WECHAT_PAY', 'SCAN', substr(order_number, 1, 32), fee, 'PAID', :now, order_number,
           :now, :now
      FROM booking_order
"""


@asynccontextmanager
async def own_stores() -> AsyncIterator[Stores]:
    """Stores with nothing in them; forgotten afterwards."""
    with data_directory_of(None) as directory, held_lock(directory):
        async with embedded_servers(directory, durable=True) as endpoints:
            await migrate(endpoints.database_url)
            stores = Stores.at(
                database_url=endpoints.database_url,
                mongodb_url=endpoints.mongodb_url,
                redis_url=endpoints.redis_url,
            )
            try:
                yield stores
            finally:
                await stores.close()


async def sell_out(stores: Stores, ring: KeyRing, orders: int) -> None:
    """The session, with so many numbers, all sold and paid."""
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
            fee=FEE,
            capacity=orders,
            taken=orders,
            next_number=orders + 1,
            updated_at=now,
        )
        session.add(ledger)
    for first in range(0, orders, AT_ONCE):
        async with stores.sql.unit_of_work() as session:
            numbers = range(first, min(first + AT_ONCE, orders))
            session.add_all(with_phone(ring, uuid4(), f"+86138{number:08}") for number in numbers)
    await run(stores, _ORDERS, now=now, session=SESSION, day=VISIT, fee=FEE)
    await run(stores, _PAYMENTS, now=now)


async def run(stores: Stores, statement: str, **values: object) -> None:
    """One statement."""
    async with stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(text(statement), values)


async def counted(stores: Stores, query: str) -> int:
    """The number that a query answers."""
    async with stores.sql.read() as session:
        found: int = (await (await session.connection()).execute(text(query))).scalar_one()
        return found
