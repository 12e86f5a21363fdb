"""Where a telephone keeps what it must not lose: its token, and its journal."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT = Path.home() / ".htbooking-sms"


@dataclass(frozen=True)
class Enrolment:
    """How the platform is reached, and what proves who calls."""

    server: str
    """`https://example.org`, without a path."""
    token: str
    name: str
    ca_file: str = ""
    """A private authority's certificate (PEM); empty: those that the system trusts."""

    @property
    def graphql(self) -> str:
        """Where queries are sent."""
        return f"{self.server}/graphql"

    @property
    def socket(self) -> str:
        """Where the line is opened."""
        return self.graphql.replace("http", "ws", 1)


def enrolment_in(folder: Path) -> Enrolment | None:
    """What `enroll` stored; None before."""
    try:
        return Enrolment(**json.loads((folder / "enrolment.json").read_text("utf-8")))
    except FileNotFoundError:
        return None


def keep_enrolment(folder: Path, enrolment: Enrolment) -> None:
    """Store it for this user's eyes alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / "enrolment.json.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(enrolment), file)
    fresh.replace(folder / "enrolment.json")
