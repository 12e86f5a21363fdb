"""`python -m server legacy-key …`: hospitals' keys for the older form protocol (docs/legacy-adapter.md)."""

import argparse
import sys
from typing import TextIO

from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.clock import Clock, system_clock
from domain.integration.keys import KeyProblem
from domain.integration.legacy_keys import list_legacy_keys, remove_legacy_key, set_legacy_key
from domain.language import Language
from server.hospital_keys import Subparsers

COMMAND = "legacy-key"

SHOWN_ONCE = "Shown this once. It signs by MD5: docs/legacy-adapter.md says what that is worth. Then forget it.\n"


def add_commands(subparsers: Subparsers) -> None:
    """Add `legacy-key` and its verbs. The parsed arguments go to `run`."""
    parser = subparsers.add_parser(COMMAND, help="give hospitals keys for the older form protocol, or take them back")
    verbs = parser.add_subparsers(dest="legacy_verb", required=True, metavar="set | remove | list")
    setting = verbs.add_parser("set", help="make a key in place of the one there is; printed once")
    setting.add_argument("hospital_code", metavar="hospital-code", help="the hospital's code on the platform")
    setting.add_argument(
        "--from-stdin", action="store_true", help="take the key that the hospital's system has already, from one line"
    )
    removing = verbs.add_parser("remove", help="take the older protocol from a hospital, at once")
    removing.add_argument("hospital_code", metavar="hospital-code", help="the hospital's code on the platform")
    verbs.add_parser("list", help="show which hospitals have one, without the keys")


async def run(
    arguments: argparse.Namespace,
    database: Database,
    ring: KeyRing,
    *,
    clock: Clock = system_clock,
    given: TextIO | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Do what the arguments say; the exit code: 0, or 1 when it can't be done, with the reason on `err`."""
    given, out, err = given or sys.stdin, out or sys.stdout, err or sys.stderr
    try:
        match arguments.legacy_verb:
            case "set":
                theirs = SecretStr(given.readline().strip()) if arguments.from_stdin else None
                async with database.unit_of_work() as session:
                    key = await set_legacy_key(session, ring, arguments.hospital_code, theirs, clock())
                if theirs is None:
                    out.write(f"key={key.get_secret_value()}\n")
                    err.write(SHOWN_ONCE)
                else:
                    out.write(f"{arguments.hospital_code} signs with the key that was given\n")
            case "remove":
                async with database.unit_of_work() as session:
                    had_one = await remove_legacy_key(session, arguments.hospital_code)
                out.write(f"{arguments.hospital_code} {'has no key any more' if had_one else 'had no key'}\n")
            case "list":
                async with database.read() as session:
                    rows = await list_legacy_keys(session)
                for row in rows:
                    used = row.last_used_at.astimezone().isoformat(" ", "minutes") if row.last_used_at else "never"
                    out.write(f"{row.hospital_code}  since {row.created_at.astimezone():%Y-%m-%d}  last used {used}\n")
    except KeyProblem as problem:
        err.write(problem.say(Language.ENGLISH) + "\n")
        return 1
    return 0
