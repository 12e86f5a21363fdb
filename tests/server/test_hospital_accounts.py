"""`python -m server hospital add`: how a hospital comes to be known."""

import argparse
import io
import secrets

import pytest

from datasources.sql.hospital_account import HospitalAccounts, HospitalStatus
from datasources.stores import Stores
from server.hospital_accounts import add_commands, run


async def typed(stores: Stores, *words: str) -> tuple[int, str, str]:
    """The exit code and what stands on standard output and error."""
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    out, err = io.StringIO(), io.StringIO()
    code = await run(parser.parse_args(["hospital", *words]), stores.sql, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


async def test_an_account_is_opened_once(stores: Stores) -> None:
    code = f"1000_{secrets.token_hex(4)}"
    assert await typed(stores, "add", code, " 河湾医院 ") == (
        0,
        f"{code} added; issue its key: python -m server hospital-key issue {code}\n",
        "",
    )
    again = await typed(stores, "add", code, "另一家")
    assert again[0] == 1
    assert "already" in again[2]
    assert await typed(stores, "add", code, "另一家", "--if-missing") == (0, f"{code} is there\n", "")
    async with stores.sql.read() as session:
        account = await HospitalAccounts(session).get(code)
    assert account is not None
    assert (account.name, account.status) == ("河湾医院", HospitalStatus.ONLINE)


@pytest.mark.parametrize("code", ["", "a b", "a:b", "院", "x" * 65])
async def test_a_code_that_could_be_mistaken_is_refused(stores: Stores, code: str) -> None:
    assert (await typed(stores, "add", code, "河湾医院"))[0] == 1


@pytest.mark.parametrize("name", ["", "院", "x" * 101, "河湾\x1b[2J医院"])
async def test_a_name_that_is_none_is_refused(stores: Stores, name: str) -> None:
    code, out, err = await typed(stores, "add", "unused", name)
    assert (code, out) == (1, "")
    assert "characters" in err
