"""`python -m server hospital-key`: what an administrator types and reads."""

import argparse
import io

import pytest

from datasources.stores import Stores
from server.hospital_keys import add_commands, run
from tests.domain.integration.hospitals import NOW, RING, new_hospital, new_key


async def typed(stores: Stores, *words: str) -> tuple[int, str, str]:
    """The exit code and what stands on standard output and error."""
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    out, err = io.StringIO(), io.StringIO()
    code = await run(parser.parse_args(["hospital-key", *words]), stores.sql, RING, clock=lambda: NOW, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


async def test_a_key_is_issued_listed_and_revoked(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    code, out, err = await typed(stores, "issue", hospital, "--label", "HIS \x1b[2J")
    assert code == 0
    issued = dict(line.split("=", 1) for line in out.splitlines())
    assert list(issued) == ["key_id", "secret"]
    assert "shown this once" in err
    assert issued["secret"] not in err

    code, out, _ = await typed(stores, "list", hospital)
    assert code == 0
    head, row = out.splitlines()
    assert head.split() == ["hospital", "key", "id", "created", "last", "used", "state", "label"]
    assert row.startswith(f"{hospital}  {issued['key_id']}  ")
    assert row.endswith("never      live   HIS [2J")
    assert issued["secret"] not in out

    assert (await typed(stores, "revoke", issued["key_id"]))[1].startswith(f"{issued['key_id']} revoked, ")
    assert "was revoked before" in (await typed(stores, "revoke", issued["key_id"]))[1]
    assert "  revoked 2026-" in (await typed(stores, "list"))[1]


async def test_what_cannot_be_done_says_why(stores: Stores) -> None:
    assert await typed(stores, "issue", "nowhere") == (
        1,
        "",
        "There is no hospital with the code nowhere. Check the code.\n",
    )
    assert (await typed(stores, "revoke", "hk_nobody"))[0] == 1
    hospital = await new_hospital(stores)
    assert (await typed(stores, "list", hospital))[1] == "no keys\n"
    await new_key(stores, hospital)
    await new_key(stores, hospital)
    code, out, err = await typed(stores, "issue", hospital)
    assert (code, out) == (1, "")
    assert "Revoke one first" in err


async def test_a_verb_is_needed(stores: Stores, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        await typed(stores)
    assert "issue | list | revoke" in capsys.readouterr().err
