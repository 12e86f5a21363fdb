"""Rows with sealed columns, as the platform's use cases store them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from pydantic import SecretBytes
from sqlmodel import select

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.integration_key import IntegrationKey
from datasources.sql.patient import Patient, Sex
from datasources.sql.user_account import UserAccount
from domain.certificates.kinds import Certificate
from domain.integration.keys import issue_key
from domain.patients.details import Contact, PatientDetails
from domain.patients.sealed_details import read_details, write_details

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def details_of(number: int) -> PatientDetails:
    return PatientDetails(
        name=f"张{number}",
        certificate=Certificate("30", f"E{number:08}"),
        sex=Sex.UNSTATED,
        birth_date=date(2000, 1, 1),
        phone="+8613800001234",
        emergency_contact=Contact("王五", "+8613900001111"),
    )


async def store_patients(database: Database, ring: KeyRing, count: int) -> None:
    """This many patients of one account, and the account with its phone sealed."""
    user_id = uuid4()
    phone = ring.seal("user_account.sealed_phone", str(user_id), SecretBytes(b"+8613800001234"))
    async with database.unit_of_work() as session:
        session.add(UserAccount(id=user_id, sealed_phone=phone))
        await session.flush()
        for number in range(count):
            row = Patient(
                id=UUID(int=number + 1), user_id=user_id, certificate_kind="30", created_at=NOW, updated_at=NOW
            )
            write_details(ring, row, details_of(number))
            session.add(row)


async def store_integration_key(database: Database, ring: KeyRing) -> None:
    """A hospital with a key, whose rows are named by text."""
    async with database.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code="h", name="测试医院"))
        await issue_key(session, ring, "h", "")


async def open_patients(database: Database, ring: KeyRing) -> list[str]:
    """The certificate number of every patient."""
    async with database.read() as session:
        rows = (await session.exec(select(Patient).order_by(Patient.id))).all()  # type: ignore[arg-type]
    return [read_details(ring, row).certificate.number for row in rows]


async def key_ids(database: Database) -> set[int]:
    """Which keys sealed the stored patients, phones and secrets."""
    ids: set[int] = set()
    async with database.read() as session:
        for model in (Patient, UserAccount, IntegrationKey):
            for row in (await session.exec(select(model))).all():
                records = [value for name, value in row.model_dump().items() if name.startswith("sealed_") and value]
                ids |= {int.from_bytes(record[1:3], "big") for record in records}
    return ids
