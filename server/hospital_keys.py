"""`python -m server hospital-key …`: issue, list and revoke hospitals' integration keys."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TextIO, TypeAlias

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.clock import Clock, system_clock
from domain.integration.keys import KeyProblem, KeySummary, issue_key, list_keys, revoke_key
from domain.language import Language

# What add_subparsers() returns has no public name.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001

COMMAND = "hospital-key"

SHOWN_ONCE = """\
The secret is shown this once and can't be read again: hand it over on a safe road, then forget it.
docs/integration-signature.md says how requests are signed with it.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Add `hospital-key` and its verbs. The parsed arguments go to `run`."""
    parser = subparsers.add_parser(COMMAND, help="issue, list and revoke hospitals' integration keys")
    verbs = parser.add_subparsers(dest="key_verb", required=True, metavar="issue | list | revoke")

    issue = verbs.add_parser("issue", help="make a key; its secret is printed once")
    issue.add_argument("hospital_code", metavar="hospital-code", help="the hospital's code on the platform")
    issue.add_argument("--label", default="", help="what the key is for, such as the system that will use it")

    listing = verbs.add_parser("list", help="show keys, without their secrets")
    listing.add_argument(
        "hospital_code", metavar="hospital-code", nargs="?", help="only this hospital's; everybody's when left out"
    )

    revoke = verbs.add_parser("revoke", help="end a key for good; every process refuses it within 5 seconds")
    revoke.add_argument("key_id", metavar="key-id", help="the key's id, hk_…")


async def run(
    arguments: argparse.Namespace,
    database: Database,
    ring: KeyRing,
    *,
    clock: Clock = system_clock,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Do what the arguments say; the process's exit code: 0, or 1 when it can't be done, with the reason on `err`."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        match arguments.key_verb:
            case "issue":
                async with database.unit_of_work() as session:
                    issued = await issue_key(session, ring, arguments.hospital_code, arguments.label)
                # A shell can eval these two lines; the advice goes beside them.
                out.write(f"key_id={issued.key_id}\nsecret={issued.secret.get_secret_value()}\n")
                err.write(SHOWN_ONCE)
            case "list":
                async with database.read() as session:
                    out.write(_table(await list_keys(session, arguments.hospital_code)))
            case "revoke":
                async with database.unit_of_work() as session:
                    ended = await revoke_key(session, arguments.key_id, clock())
                when = _time(ended.revoked_at)
                out.write(f"{ended.key_id} {'revoked' if ended.by_this_call else 'was revoked before'}, {when}\n")
    except KeyProblem as problem:
        err.write(problem.say(Language.ENGLISH) + "\n")
        return 1
    return 0


def _table(keys: Sequence[KeySummary]) -> str:
    if not keys:
        return "no keys\n"
    rows = [("hospital", "key id", "created", "last used", "state", "label")]
    rows += [
        (
            key.hospital_code,
            key.key_id,
            _time(key.created_at),
            _time(key.last_used_at) if key.last_used_at else "never",
            f"revoked {_time(key.revoked_at)}" if key.revoked_at else "live",
            # A label is free text: nothing in it may move the terminal's cursor.
            "".join(character for character in key.label if character.isprintable()),
        )
        for key in keys
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"


def _time(moment: datetime) -> str:
    """To the second, in the machine's own zone."""
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")
