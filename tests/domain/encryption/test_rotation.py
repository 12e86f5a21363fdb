"""Everything sealed comes to the new key, whatever happens meanwhile, and nothing else changes."""

import asyncio
import os
import signal
import sys
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.key_rotation import KeyRotation
from datasources.sql.patient import Patient
from datasources.sql.sealed_columns import SealedRows, sealed_tables
from datasources.sql.tables import METADATA
from domain.encryption.rotation import TableRotated, is_rotated, rotate
from domain.patients.sealed_details import write_details
from server.embedded.data_lock import Endpoints
from tests.domain.encryption.databases import own_database
from tests.domain.encryption.killed_rotation import MOMENTS, NEW, OLD
from tests.domain.encryption.sealed_rows import (
    details_of,
    key_ids,
    open_patients,
    store_integration_key,
    store_patients,
)
from tests.platform import SettableClock

BEFORE = KeyRing.of(OLD)
BOTH = KeyRing({1: OLD, 2: NEW}, active=2)
AFTER = KeyRing({2: NEW}, active=2)
CLOCK = SettableClock()
PER_PATIENT = 5  # name, certificate, birth date, phone, emergency contact
NUMBERS = [f"E{number:08}" for number in range(25)]


async def run(database: Database, batch: int = 500) -> dict[str, TableRotated]:
    return {each.table: each for each in await rotate(database, BOTH, CLOCK, batch=batch)}


def test_every_sealed_column_is_known() -> None:
    fields = {sealed.field(column) for sealed in sealed_tables(METADATA) for column in sealed.columns}
    assert {
        "integration_key.sealed_secret",
        "user_account.sealed_phone",
        "user_account.sealed_name",
        "staff_account.sealed_totp_secret",
        "key_canary.sealed_text",
        "patient.sealed_certificate",
        "patient.sealed_guardian",
        "verification_request.sealed_name",
        "verification_request.sealed_certificate",
    } <= fields


async def test_everything_comes_to_the_active_key_and_opens_without_the_old_one(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await store_patients(database, BEFORE, 25)
        await store_integration_key(database, BEFORE)
        assert not await is_rotated(database, BOTH)
        done = await run(database, batch=10)
        assert done["patient"] == TableRotated("patient", 25 * PER_PATIENT, 0)
        assert (done["user_account"].resealed, done["integration_key"].resealed) == (1, 1)
        assert await key_ids(database) == {2}
        assert await open_patients(database, AFTER) == NUMBERS
        assert await is_rotated(database, BOTH)


async def test_a_second_run_changes_nothing_but_takes_what_came_late(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await store_patients(database, BEFORE, 3)
        await run(database)
        async with database.read() as session:
            before = (await session.exec(select(Patient))).all()
        assert (await run(database))["patient"].resealed == 3 * PER_PATIENT
        async with database.unit_of_work() as session:
            assert (await session.exec(select(Patient))).all() == before
            row = await session.get(Patient, UUID(int=2))
            assert row is not None
            write_details(BEFORE, row, details_of(1))
        assert (await run(database))["patient"].resealed == 4 * PER_PATIENT
        assert await key_ids(database) == {2}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_rotation_that_was_killed_goes_on_where_it_was(endpoints: Endpoints, moment: str) -> None:
    async with own_database(endpoints.database_url) as (url, database):
        await store_patients(database, BEFORE, 25)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.domain.encryption.killed_rotation",
            moment,
            "10",
            env=os.environ | {"DATABASE_URL": url},
        )
        assert await process.wait() == -signal.SIGKILL
        committed = 20 if moment == MOMENTS[2] else 10
        async with database.read() as session:
            progress = (await session.exec(select(KeyRotation).where(KeyRotation.table_name == "patient"))).one()
        assert (progress.resealed, progress.finished_at) == (committed * PER_PATIENT, None)
        assert progress.last_row == str(UUID(int=committed))
        assert await key_ids(database) == {1, 2}
        assert await open_patients(database, BOTH) == NUMBERS
        assert (await run(database, batch=10))["patient"] == TableRotated("patient", 25 * PER_PATIENT, 0)
        assert await key_ids(database) == {2}
        assert await open_patients(database, AFTER) == NUMBERS


async def test_several_at_once_take_turns(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await store_patients(database, BEFORE, 25)
        await asyncio.gather(*(run(database, batch=4) for _ in range(3)))
        assert (await run(database))["patient"] == TableRotated("patient", 25 * PER_PATIENT, 0)
        assert await open_patients(database, AFTER) == NUMBERS


async def test_what_an_owner_changes_meanwhile_is_theirs(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await store_patients(database, BEFORE, 2)
        stale = SealedRows.stale

        async def changed_after_it_was_read(self: SealedRows, *args: object, **more: object) -> object:
            found = await stale(self, *args, **more)  # type: ignore[arg-type]
            async with database.unit_of_work() as session:
                row = await session.get(Patient, UUID(int=1))
                assert row is not None
                if row.sealed_name is not None and row.sealed_name[1:3] == b"\0\1":
                    write_details(BOTH, row, details_of(77))
            return found

        monkeypatch.setattr(SealedRows, "stale", changed_after_it_was_read)
        await run(database)
        assert await open_patients(database, AFTER) == ["E00000077", NUMBERS[1]]


async def test_a_record_that_does_not_open_is_counted_and_left(
    endpoints: Endpoints, caplog: pytest.LogCaptureFixture
) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await store_patients(database, BEFORE, 3)
        async with database.unit_of_work() as session:
            moved = await session.get(Patient, UUID(int=1))
            assert moved is not None
            broken = moved.sealed_certificate
            await session.exec(update(Patient).where(col(Patient.id) == UUID(int=2)).values(sealed_certificate=broken))
        assert (await run(database))["patient"] == TableRotated("patient", 3 * PER_PATIENT - 1, 1)
        assert f"patient.sealed_certificate:{UUID(int=2)}" in caplog.text
        assert "E0000" not in caplog.text
        async with database.read() as session:
            left = await session.get(Patient, UUID(int=2))
        assert left is not None
        assert left.sealed_certificate == broken
