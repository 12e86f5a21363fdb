"""Whom and what the booking benchmark books: people who may, and sessions that can be, in stores of its own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from pydantic import SecretBytes

from datasources.keys import department_key, schedule_key
from datasources.sealing import KeyRing
from datasources.sql.consent import ConsentKind
from datasources.sql.slot_ledger import HalfDay
from datasources.stores import Stores
from domain.patients.consent import CURRENT_VERSIONS
from domain.patients.sealed_details import INDEX_KIND

HOSPITALS, DEPARTMENTS, DAYS = 10, 50, 10
PLACES_IN_A_SESSION = 20
FEE = Decimal("10.00")
HISTORY = "b0:history"
"""A session long past, at which everybody was once: nobody's first order goes into an empty table."""
RULE = {"cycle": 30, "release_time": "00:00", "stop_time": "11:30", "quit_day": -1, "quit_time": "15:30", "rules": []}
COPY_TIMEOUT_SECONDS = 120.0
CERTIFICATE_KIND = "10"


class Person(NamedTuple):
    """An account that may book, with its one patient and a session that is signed in."""

    user_id: UUID
    patient_id: UUID
    session_id: UUID
    person: bytes


class Place(NamedTuple):
    """A session of which numbers are taken."""

    schedule_id: str
    hospital_code: str
    department_code: str
    visit_date: date
    half_day: str


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, and everything that they book."""

    people: Sequence[Person]
    hot: Place
    spread: Sequence[Place]


async def fill(stores: Stores, ring: KeyRing, today: date, people: int, spread: int) -> World:
    """Write so many people and sessions into empty stores."""
    places = _places(today, spread + 1)
    bookers = [Person(uuid4(), uuid4(), uuid4(), secrets.token_bytes(16)) for _ in range(people)]
    await _write_texts(stores, places)
    async with stores.sql.engine.begin() as connection:
        # Begins SQLAlchemy's transaction on the driver's connection, which from here on speaks for itself.
        await connection.exec_driver_sql("SELECT 1")
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await _write_sessions(driver, places, today, people)
        await _write_people(driver, ring, bookers)
        await driver.execute(_HISTORY, today - timedelta(days=200), HISTORY, timeout=COPY_TIMEOUT_SECONDS)
    return World(bookers, places[0], places[1:])


async def reset(connection: asyncpg.Connection, world: World, *, hot_places: int, sold_out: bool) -> None:
    """Nobody has booked anything yet, and the hot session has so many places, all of them taken if it is sold out."""
    await connection.execute("TRUNCATE order_event, hospital_event CASCADE")
    await connection.execute("DELETE FROM booking_order WHERE state <> 'COMPLETED'")
    await connection.execute(
        "UPDATE slot_ledger SET taken = 0, next_number = 1, last_number = 0"
        " WHERE taken > 0 AND schedule_id NOT IN ($1, $2)",
        HISTORY,
        world.hot.schedule_id,
    )
    await connection.execute(
        "UPDATE slot_ledger SET capacity = $2, taken = $3, next_number = $3 + 1, last_number = $3"
        " WHERE schedule_id = $1",
        world.hot.schedule_id,
        hot_places,
        hot_places if sold_out else 0,
    )
    for table in ("booking_order", "order_event", "slot_ledger"):
        await connection.execute(f"VACUUM (ANALYZE) {table}")


async def booked(connection: asyncpg.Connection) -> int:
    """How many orders were made since the reset. Raises RuntimeError if the ledger counts otherwise."""
    orders: int = await connection.fetchval("SELECT count(*) FROM booking_order WHERE state <> 'COMPLETED'")
    wrong: int = await connection.fetchval(
        """
        SELECT count(*) FROM slot_ledger l
         WHERE l.taken <> (SELECT count(*) FROM booking_order o WHERE o.schedule_id = l.schedule_id)
           AND NOT (l.taken = l.capacity AND NOT EXISTS (
                    SELECT FROM booking_order o WHERE o.schedule_id = l.schedule_id))
        """
    )
    if wrong:
        raise RuntimeError(f"{wrong} sessions count other numbers than their orders have")
    return orders


_HISTORY = """
    INSERT INTO booking_order (
        id, order_number, user_id, patient_id, person, masked_patient_name, schedule_id, hospital_code,
        department_code, visit_date, half_day, number, state, fee, cancel_until, texts, idempotency_key, request_hash,
        fetch_address, created_at, state_changed_at)
    SELECT gen_random_uuid(), lpad(place::text, 16, '0'), user_id, id, certificate_index, '张*', $2, 'b0', '0',
           $1::date, 'AM', place, 'COMPLETED', 10.00, $1::date, '{}', 'history', '\\x00', '', $1::date, $1::date
      FROM (SELECT p.*, row_number() OVER () AS place FROM patient p) AS everybody
"""


def _places(today: date, count: int) -> list[Place]:
    def place(number: int) -> Place:
        rest, half = divmod(number, 2)
        rest, day = divmod(rest, DAYS)
        rest, department = divmod(rest, DEPARTMENTS)
        round_, hospital = divmod(rest, HOSPITALS)
        code = f"b{hospital}"
        return Place(
            schedule_key(code, f"{department}-{day}-{half}-{round_}"),
            code,
            str(department),
            today + timedelta(days=2 + day),
            (HalfDay.AM, HalfDay.PM)[half].value,
        )

    return [place(number) for number in range(count)]


async def _write_texts(stores: Stores, places: Sequence[Place]) -> None:
    at = datetime.now(UTC)
    words = {"pinyin": "ceshi", "initials": "cs", "revision": 0, "updated_at": at}
    hospitals = sorted({place.hospital_code for place in places})
    departments = sorted({(place.hospital_code, place.department_code) for place in places})
    database = stores.catalogue.database
    await database["hospital"].insert_many(
        {
            "_id": code,
            "code": code,
            "name": f"测试医院{code}",
            "address": "某路1号",
            "listed": True,
            "booking_rule": RULE,
            **words,
        }
        for code in hospitals
    )
    await database["department"].insert_many(
        {
            "_id": department_key(hospital, code),
            "hospital_code": hospital,
            "code": code,
            "name": f"科室{code}",
            "address": "门诊楼3层",
            "is_leaf": True,
            **words,
        }
        for hospital, code in departments
    )
    await database["schedule"].insert_many(
        {
            "_id": place.schedule_id,
            "hospital_code": place.hospital_code,
            "external_id": place.schedule_id.partition(":")[2],
            "doctor_name": "林一鸣",
            "doctor_title": "主任医师",
            "notice": "请在就诊前30分钟到达，持有效证件取号。",
            "updated_at": at,
        }
        for place in places
    )


async def _write_sessions(driver: Any, places: Sequence[Place], today: date, people: int) -> None:
    codes = sorted({place.hospital_code for place in places})
    await driver.copy_records_to_table(
        "hospital_account", records=[(code, f"测试医院{code}", "ONLINE") for code in codes], columns=_ACCOUNT
    )
    rows = [
        (*place, place.schedule_id.partition(":")[2], "BOOKABLE", FEE, PLACES_IN_A_SESSION, 0, 1) for place in places
    ]
    past = (HISTORY, "b0", "0", today - timedelta(days=200), "AM", "history", "BOOKABLE", FEE, people, people)
    await driver.copy_records_to_table("slot_ledger", records=[*rows, (*past, people + 1)], columns=_LEDGER)


async def _write_people(driver: Any, ring: KeyRing, people: Sequence[Person]) -> None:
    at = datetime.now(UTC)
    copy = driver.copy_records_to_table
    await copy(
        "user_account",
        records=[(each.user_id, "", "", "ACTIVE", "VERIFIED", "") for each in people],
        columns=("id", "masked_phone", "nickname", "status", "verification", "masked_name"),
        timeout=COPY_TIMEOUT_SECONDS,
    )
    kind = ConsentKind.HEALTH_DATA
    await copy(
        "consent",
        records=[(uuid4(), each.user_id, kind, CURRENT_VERSIONS[kind], at) for each in people],
        columns=("id", "user_id", "kind", "version", "given_at"),
        timeout=COPY_TIMEOUT_SECONDS,
    )
    # Only the name is opened when a number is taken; what nobody opens needs no seal of its own.
    unopened = ring.seal("patient.sealed_phone", INDEX_KIND, SecretBytes(b"+8613800005678"))
    name = SecretBytes("张三丰".encode())
    await copy(
        "patient",
        records=[
            (
                *(each.patient_id, each.user_id),
                ring.seal("patient.sealed_name", str(each.patient_id), name),
                *(CERTIFICATE_KIND, unopened, each.person, False, unopened, "FEMALE", unopened, at, at),
            )
            for each in people
        ],
        columns=_PATIENT,
        timeout=COPY_TIMEOUT_SECONDS,
    )
    await copy(
        "sign_in_session",
        records=[
            (each.session_id, each.user_id, "", "", each.session_id.bytes * 2, at, at + timedelta(days=1))
            for each in people
        ],
        columns=("id", "user_id", "device", "address", "refresh_hash", "created_at", "expires_at"),
        timeout=COPY_TIMEOUT_SECONDS,
    )


_ACCOUNT = ("code", "name", "status")
_LEDGER = (
    *Place._fields,
    *("external_id", "status", "fee", "capacity", "taken", "next_number"),
)
_PATIENT = (
    *("id", "user_id", "sealed_name", "certificate_kind", "sealed_certificate", "certificate_index", "check_at_desk"),
    *("sealed_birth_date", "sex", "sealed_phone", "created_at", "updated_at"),
)
