"""The simulated hospital that `make up` runs: its account, its key, and its program, which knows nothing of ours."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.hospital_account import BookingMode, HospitalAccount, HospitalAccounts
from server.demo_sign_in import DemoSignIn, demo_sign_in
from server.embedded.ports import LOOPBACK, is_open, remembered_ports
from server.embedded.supervised import Program, Report
from server.settings import Mode, Settings

NAME = "simulated-hospital"
MARKER = "simulated_hospital\0run"
CODE = "moni"
TITLE = "HTBooking 模拟医院"
PROGRAMS = Path(__file__).parent.parent / "clients" / "hospital"


@dataclass(frozen=True, slots=True)
class SimulatedHospital:
    """Who it is, and the port of its status page."""

    sign_in: DemoSignIn
    port: int

    @property
    def page_url(self) -> str:
        """Where its status page is."""
        return f"http://{LOOPBACK}:{self.port}/"


async def prepared(settings: Settings, database: Database, ring: KeyRing, report: Report) -> SimulatedHospital | None:
    """Its account and key, each made once; None where it is not wanted or its program isn't there."""
    wanted = settings.simulated_hospital
    if not (settings.mode is Mode.DEVELOPMENT if wanted is None else wanted):
        return None
    if not (PROGRAMS / "simulated").is_dir():
        report("no simulated hospital: clients/hospital is not here")
        return None
    async with database.unit_of_work() as session:
        accounts = HospitalAccounts(session)
        if await accounts.get(CODE) is None:
            await accounts.add(HospitalAccount(code=CODE, name=TITLE, booking_mode=BookingMode.CONFIRM))
    directory = settings.data_directory
    sign_in = await demo_sign_in(
        directory, database, ring, report, hospital_code=CODE, file_name="simulated-hospital-key.json"
    )
    if sign_in is None:
        return None
    return SimulatedHospital(sign_in, remembered_ports([directory / "run" / "simulated-hospital.port"])[0])


def program(hospital: SimulatedHospital, url: str, *, directory: Path, log: Path, pid_file: Path) -> Program:
    """Its program, which is given its key and the platform's address, and keeps its database in the directory."""

    async def ready() -> bool:
        return await is_open(hospital.port)

    return Program(
        name="simulated hospital",
        arguments=(
            *(sys.executable, "-m", "simulated_hospital", "run"),
            *("--data", str(directory / "simulated-hospital.sqlite"), "--name", TITLE, "--port", str(hospital.port)),
        ),
        directory=PROGRAMS,
        environment={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(str(PROGRAMS / each) for each in ("sdk", "simulated")),
            "HTBOOKING_ENDPOINT": f"{url}/graphql",
            "HTBOOKING_KEY_ID": hospital.sign_in.key_id,
            "HTBOOKING_SECRET": hospital.sign_in.secret,
        },
        log=log,
        pid_file=pid_file,
        ready=ready,
    )
