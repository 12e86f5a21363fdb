"""`python -m server staff …`: make the platform's first administrator, or one who is let in again."""

import argparse
import getpass
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from sqlalchemy.exc import IntegrityError

from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from domain.audit.actor import Actor
from domain.clock import Clock, system_clock
from domain.language import Language
from domain.permissions import Role
from domain.staff.entry import LONGEST_NAME, entry_problems
from domain.staff.password_policy import password_problem
from domain.staff.passwords import generated_password, password_hash
from server.hospital_keys import Subparsers

COMMAND = "staff"

SHOWN_ONCE = "The password is shown this once. It has to be changed at the first sign-in.\n"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that a command makes. A generated password has to be changed at the first sign-in."""

    sign_in_name: str
    name: str
    role: Role
    password: str
    must_change_password: bool
    hospital_code: str | None = None


def add_commands(subparsers: Subparsers) -> None:
    """Add `staff` and its verbs. The parsed arguments go to `run`."""
    parser = subparsers.add_parser(COMMAND, help="make an administrator")
    verbs = parser.add_subparsers(dest="staff_verb", required=True, metavar="create-administrator")

    create = verbs.add_parser(
        "create-administrator", help="make a platform administrator; without --prompt, with a password printed once"
    )
    create.add_argument("sign_in_name", metavar="sign-in-name", help="the name to sign in with")
    create.add_argument("--name", default="", help="the person's name; the sign-in name if left out")
    create.add_argument("--prompt", action="store_true", help="ask for the password instead of making one")


async def run(
    arguments: argparse.Namespace,
    database: Database,
    *,
    clock: Clock = system_clock,
    out: TextIO | None = None,
    err: TextIO | None = None,
    ask: Callable[[str], str] = getpass.getpass,
) -> int:
    """Do what the arguments say; the process's exit code: 0, or 1 when it can't be done, with the reason on `err`."""
    out, err = out or sys.stdout, err or sys.stderr
    sign_in_name = arguments.sign_in_name.strip()
    name = arguments.name.strip() or sign_in_name[:LONGEST_NAME]
    problems = entry_problems(sign_in_name, name, [Role.PLATFORM_ADMINISTRATOR])
    password = generated_password()
    if arguments.prompt and not problems:
        password = ask("Password: ")
        problem = password_problem(password, sign_in_name, "password")
        problems = [] if problem is None else [problem]
        if not problems and ask("The same again: ") != password:
            err.write("The two passwords differ; nothing was made.\n")
            return 1
    if problems:
        err.writelines(f"{each.say(Language.ENGLISH)}\n" for each in problems)
        return 1
    account = NewAccount(
        sign_in_name, name, Role.PLATFORM_ADMINISTRATOR, password, must_change_password=not arguments.prompt
    )
    if not await made(database, account, clock=clock):
        err.write(f"There is a staff member with the sign-in name {sign_in_name} already. Choose another.\n")
        return 1
    if not arguments.prompt:
        out.write(f"password={password}\n")
        err.write(SHOWN_ONCE)
    err.write(f"{sign_in_name} is a platform administrator.\n")
    return 0


async def made(database: Database, new: NewAccount, *, clock: Clock = system_clock) -> bool:
    """Whether this call made the account; False when the sign-in name is taken."""
    account = StaffAccount(
        id=uuid.uuid4(),
        sign_in_name=new.sign_in_name,
        name=new.name,
        hospital_code=new.hospital_code,
        roles=[new.role.value],
        password_hash=await password_hash(new.password),
        must_change_password=new.must_change_password,
    )
    act = Actor.system("command line", clock()).act(
        "STAFF_CREATED",
        "staff",
        account.id,
        hospital_code=new.hospital_code,
        detail={"sign_in_name": new.sign_in_name, "roles": account.roles},
    )
    try:
        async with database.unit_of_work() as session:
            await StaffAccounts(session).add(account)
            await AuditLog(session).append(act)
    except IntegrityError:
        return False
    return True
