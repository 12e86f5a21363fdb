"""The staff that `make up` prints in development: an administrator and a hospital's manager, the same at each start."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.staff_account import StaffAccounts
from domain.permissions import Role
from domain.staff.passwords import generated_password
from server.demo_sign_in import HOSPITAL_CODE
from server.staff_accounts import NewAccount, made


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """What somebody signs in with who wants to look around."""

    sign_in_name: str
    password: str
    part: str


async def demo_staff(data_directory: Path, database: Database) -> list[DemoStaff]:
    """The kept sign-ins, each made once with a random password; empty once somebody removed the file.

    The passwords stand readable in the data directory, which is why only development does this.
    """
    file = data_directory / "demo-staff.json"
    kept = {each.sign_in_name: each for each in _read(file)}
    shown: list[DemoStaff] = []
    async with database.read() as session:
        hospital = await HospitalAccounts(session).get(HOSPITAL_CODE)
    wanted: list[tuple[str, str, Role, str | None]] = [
        ("demo-administrator", "演示管理员", Role.PLATFORM_ADMINISTRATOR, None)
    ]
    if hospital is not None:
        wanted.append((f"demo-{HOSPITAL_CODE}", "演示院方", Role.HOSPITAL_MANAGER, HOSPITAL_CODE))
    for sign_in_name, name, role, hospital_code in wanted:
        async with database.read() as session:
            there = await StaffAccounts(session).id_of(sign_in_name) is not None
        if there:
            shown += [kept[sign_in_name]] if sign_in_name in kept else []
            continue
        fresh = DemoStaff(sign_in_name, generated_password(), role.value)
        account = NewAccount(sign_in_name, name, role, fresh.password, False, hospital_code)
        if await made(database, account):
            shown.append(fresh)
    _write(file, shown)
    return shown


def _read(file: Path) -> list[DemoStaff]:
    try:
        return [DemoStaff(**each) for each in json.loads(file.read_text())]
    except FileNotFoundError:
        return []


def _write(file: Path, people: list[DemoStaff]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump([asdict(each) for each in people], stream)
