"""`python -m server hospital …`: open hospitals' accounts, to which keys and pushes belong."""

import argparse
import sys
from typing import TextIO

from sqlalchemy.exc import IntegrityError

from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from domain.hospitals.accounts import is_hospital_code
from server.hospital_keys import Subparsers

COMMAND = "hospital"

_SHORTEST_NAME, _LONGEST_NAME = 2, 100


def add_commands(subparsers: Subparsers) -> None:
    """Add `hospital` and its verbs. The parsed arguments go to `run`."""
    parser = subparsers.add_parser(COMMAND, help="open hospitals' accounts")
    verbs = parser.add_subparsers(dest="account_verb", required=True, metavar="add")

    add = verbs.add_parser("add", help="open an account, online at once; the hospital shows once it has pushed itself")
    add.add_argument("hospital_code", metavar="hospital-code", help="the hospital's code on the platform")
    add.add_argument("name", help="its name, until it pushes its own")
    add.add_argument("--if-missing", action="store_true", help="leave an account that is there as it is")


async def run(
    arguments: argparse.Namespace, database: Database, *, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Do what the arguments say; the process's exit code: 0, or 1 when it can't be done, with the reason on `err`."""
    out, err = out or sys.stdout, err or sys.stderr
    code, name = arguments.hospital_code, arguments.name.strip()
    if not is_hospital_code(code):
        err.write("A hospital's code has 1 to 64 letters, digits, dots, hyphens or underscores.\n")
        return 1
    if not (_SHORTEST_NAME <= len(name) <= _LONGEST_NAME and name.isprintable()):
        err.write(f"A hospital's name has {_SHORTEST_NAME} to {_LONGEST_NAME} characters.\n")
        return 1
    if await opened(database, code, name):
        out.write(f"{code} added; issue its key: python -m server hospital-key issue {code}\n")
        return 0
    if arguments.if_missing:
        out.write(f"{code} is there\n")
        return 0
    err.write(f"There is a hospital with the code {code} already. Choose another code, or issue it a key.\n")
    return 1


async def opened(database: Database, code: str, name: str) -> bool:
    """Whether this call opened the account; False when the code is taken."""
    try:
        async with database.unit_of_work() as session:
            await HospitalAccounts(session).add(HospitalAccount(code=code, name=name))
    except IntegrityError:
        return False
    return True
