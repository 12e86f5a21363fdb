"""`make sample`: an older system's export goes into the platform that runs here, as its hospital would push it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.clock import system_clock
from domain.integration.keys import IssuedKey, KeyProblem, issue_key, revoke_key
from domain.language import Language
from server.embedded.data_lock import current_holder
from server.hospital_accounts import opened
from server.root_key import key_ring
from server.settings import Settings
from server.start_error import StartError

SDK = Path(__file__).parent.parent / "clients" / "hospital" / "sdk"
LABEL = "make sample"


class SampleError(StartError):
    """The sample can't be pushed; the message says why."""


async def push_sample(settings: Settings, folder: Path) -> int:
    """Push the folder by the published script, dates moved to today; the script's exit code.

    The hospital's account is opened if there is none. The key that it needs lives for the push only.
    """
    holder = current_holder(settings.data_directory)
    if holder is None or holder.url is None or holder.endpoints is None:
        raise SampleError(f"nothing runs in {settings.data_directory}: start it with `make up` and leave it running")
    code, name = _hospital(folder)
    database = Database(holder.endpoints.database_url, pool_size=1)
    try:
        await opened(database, code, name)
        async with _key_for_a_while(database, key_ring(settings), code) as key:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "htbooking_hospital.push_older_export"),
                *("--endpoint", f"{holder.url}/graphql", "--folder", str(folder), "--shift-to-today", "--again"),
                env={
                    **os.environ,
                    "PYTHONPATH": str(SDK),
                    "HTBOOKING_KEY_ID": key.key_id,
                    "HTBOOKING_SECRET": key.secret.get_secret_value(),
                },
            )
            return await process.wait()
    finally:
        await database.close()


@asynccontextmanager
async def _key_for_a_while(database: Database, ring: KeyRing, hospital_code: str) -> AsyncIterator[IssuedKey]:
    try:
        async with database.unit_of_work() as session:
            key = await issue_key(session, ring, hospital_code, LABEL)
    except KeyProblem as problem:
        raise SampleError(problem.say(Language.ENGLISH)) from problem
    try:
        yield key
    finally:
        async with database.unit_of_work() as session:
            await revoke_key(session, key.key_id, system_clock())


def _hospital(folder: Path) -> tuple[str, str]:
    """Code and name of the hospital that exported the folder."""
    file = folder / "hospital.json"
    try:
        row = json.loads(file.read_text("utf-8-sig"))
        return str(row["hoscode"]), str(row["hosname"])
    except OSError as error:
        raise SampleError(f"{file} can't be read: {error.strerror}. Name the folder: make sample FOLDER=…") from error
    except (ValueError, TypeError, KeyError) as error:
        raise SampleError(f"{file} must be a JSON object with hoscode and hosname") from error
