"""`python -m server staff create-administrator`: the only way in while there is nobody."""

import argparse
import io
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from datasources.sql.staff_account import StaffAccount
from datasources.stores import Stores
from domain.staff.passwords import is_password
from server.demo_staff import demo_staff
from server.staff_accounts import add_commands, run


async def typed(stores: Stores, *words: str, answers: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """The exit code and what stands on standard output and error."""
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    out, err = io.StringIO(), io.StringIO()
    left: Iterator[str] = iter(answers)
    arguments = parser.parse_args(["staff", "create-administrator", *words])
    code = await run(arguments, stores.sql, out=out, err=err, ask=lambda _: next(left))
    return code, out.getvalue(), err.getvalue()


async def account_of(stores: Stores, name: str) -> StaffAccount | None:
    async with stores.sql.read() as session:
        return (await session.exec(select(StaffAccount).where(StaffAccount.sign_in_name == name))).one_or_none()


async def test_a_generated_password_is_printed_once_and_must_be_changed(stores: Stores) -> None:
    name = f"a{secrets.token_hex(5)}"
    code, out, err = await typed(stores, name)
    assert code == 0
    account = await account_of(stores, name)
    assert account is not None
    assert (account.roles, account.must_change_password) == (["PLATFORM_ADMINISTRATOR"], True)
    assert await is_password(account.password_hash, out.removeprefix("password=").strip())
    assert "shown this once" in err
    again = await typed(stores, name.upper())
    assert (again[0], again[1]) == (1, "")
    assert "already" in again[2]


async def test_a_password_of_ones_own_is_asked_for_twice(stores: Stores) -> None:
    name = f"a{secrets.token_hex(5)}"
    differs = await typed(stores, name, "--prompt", answers=("seven green boats", "seven green boat"))
    assert (differs[0], await account_of(stores, name)) == (1, None)
    code, out, _ = await typed(stores, name, "--prompt", answers=("seven green boats", "seven green boats"))
    assert (code, out) == (0, "")
    account = await account_of(stores, name)
    assert account is not None
    assert not account.must_change_password


@pytest.mark.parametrize("password", ["short", "password1234", "aaaaaaaaaaaaaa"])
async def test_a_weak_password_is_refused(stores: Stores, password: str) -> None:
    name = f"a{secrets.token_hex(5)}"
    code, out, err = await typed(stores, name, "--prompt", answers=(password, password))
    assert (code, out) == (1, "")
    assert err
    assert await account_of(stores, name) is None


async def test_a_name_that_is_none_is_refused(stores: Stores) -> None:
    assert (await typed(stores, "a b"))[0] == 1


async def test_the_demos_staff_stay_the_same_at_each_start(stores: Stores, tmp_path: Path) -> None:
    first = await demo_staff(tmp_path, stores.sql)
    assert [each.part for each in first][:1] == ["PLATFORM_ADMINISTRATOR"]
    assert await demo_staff(tmp_path, stores.sql) == first
    assert (tmp_path / "demo-staff.json").stat().st_mode & 0o077 == 0
    account = await account_of(stores, "demo-administrator")
    assert account is not None
    assert await is_password(account.password_hash, first[0].password)
