"""The sign-in that `make up` prints: one demo hospital's integration key, kept so that each start shows the same."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKeys
from domain.integration.keys import KeyProblem, issue_key
from domain.language import Language
from server.embedded.supervised import Report

HOSPITAL_CODE = "pumch"
LABEL = "demo"


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """What a demo hospital's own system would sign its pushes with."""

    hospital_code: str
    key_id: str
    secret: str


async def demo_sign_in(
    data_directory: Path,
    database: Database,
    ring: KeyRing,
    report: Report,
    *,
    hospital_code: str = HOSPITAL_CODE,
    file_name: str = "demo-hospital-key.json",
) -> DemoSignIn | None:
    """The kept key while it is live, else a new one; None, with a reported reason, when none can be issued.

    Its secret stands readable in the data directory, which is why only development does this.
    """
    file = data_directory / file_name
    kept = _read(file)
    async with database.unit_of_work() as session:
        if kept is not None and kept.key_id in await IntegrationKeys(session).live_ids(kept.hospital_code):
            return kept
        try:
            issued = await issue_key(session, ring, hospital_code, LABEL)
        except KeyProblem as problem:
            report(f"no demo sign-in: {problem.say(Language.ENGLISH)}")
            return None
    fresh = DemoSignIn(hospital_code, issued.key_id, issued.secret.get_secret_value())
    _write(file, fresh)
    return fresh


def _read(file: Path) -> DemoSignIn | None:
    try:
        return DemoSignIn(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None


def _write(file: Path, sign_in: DemoSignIn) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(asdict(sign_in), stream)
