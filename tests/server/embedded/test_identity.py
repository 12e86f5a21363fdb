"""PostgreSQL runs as us, or, when we are root, as somebody who is not."""

import os
from pathlib import Path

import pytest

from server.embedded import identity as module
from server.embedded.identity import Identity, NoUnprivilegedUserError, identity_for

STRANGER = Identity("stranger", 4_000_001, 4_000_001)


def test_a_normal_user_stays_who_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert identity_for(tmp_path) is None


def test_root_becomes_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(module, "UNPRIVILEGED_USERS", ("no-such-user-here", "nobody"))

    chosen = identity_for(tmp_path / "no data yet")

    assert chosen is not None
    assert chosen.name == "nobody"
    assert chosen.uid != 0


def test_root_without_any_such_user_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(module, "UNPRIVILEGED_USERS", ())

    with pytest.raises(NoUnprivilegedUserError, match="set DATABASE_URL"):
        identity_for(tmp_path / "no data yet")


def test_a_directory_is_out_of_reach_below_a_private_one(tmp_path: Path) -> None:
    # Not pytest's directory, whose parents are private themselves.
    assert STRANGER.may_enter(Path("/tmp"))
    private = tmp_path / "private"
    below = private / "open"
    below.mkdir(parents=True)
    private.chmod(0o700)
    below.chmod(0o755)

    assert not STRANGER.may_enter(below)
