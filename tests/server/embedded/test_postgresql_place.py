"""PostgreSQL's data and binaries stand where the user it runs as can reach them."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.embedded import postgresql_place, wheels
from server.embedded.identity import Identity
from server.embedded.postgresql_place import NoReachablePlaceError, binaries_for, home_for


@dataclass(frozen=True, slots=True)
class LockedOut(Identity):
    """Ourselves, kept out of one directory, so that the test needs no root."""

    forbidden: Path = Path("/root")

    def may_enter(self, directory: Path) -> bool:
        return not directory.is_relative_to(self.forbidden)


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A data directory that the user may not look into."""
    directory = tmp_path / "private" / ".data"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def locked_out(private: Path) -> LockedOut:
    return LockedOut("ourselves", os.geteuid(), os.getegid(), private.parent)


@pytest.fixture
def reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "var-lib"
    root.mkdir()
    monkeypatch.setattr(postgresql_place, "REACHABLE_ROOTS", (tmp_path / "missing", root))
    return root


def test_a_normal_users_data_is_in_the_data_directory(tmp_path: Path) -> None:
    reports: list[str] = []

    assert home_for(tmp_path, None, reports.append) == tmp_path / "postgresql"
    assert (tmp_path / "postgresql").stat().st_mode & 0o777 == 0o700
    assert reports == []


def test_out_of_reach_it_moves_says_so_and_stays_there(private: Path, locked_out: LockedOut, reachable: Path) -> None:
    reports: list[str] = []

    home = home_for(private, locked_out, reports.append)

    assert home.parent == reachable
    assert (private / "postgresql").readlink() == home
    assert reports == [f"PostgreSQL runs as ourselves, who cannot reach {private}: its data is in {home}"]
    assert home_for(private, locked_out, reports.append) == home
    assert len(reports) == 1


def test_two_checkouts_get_two_places(private: Path, locked_out: LockedOut, reachable: Path) -> None:
    other = private.parent / "other"
    other.mkdir()

    homes = {home_for(directory, locked_out, lambda _line: None) for directory in (private, other)}

    assert len(homes) == 2
    assert {home.parent for home in homes} == {reachable}


def test_without_any_place_the_message_says_what_to_do(
    private: Path, locked_out: LockedOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_place, "REACHABLE_ROOTS", (private.parent / "missing",))

    with pytest.raises(NoReachablePlaceError, match="set DATABASE_URL"):
        home_for(private, locked_out, lambda _line: None)


async def test_binaries_out_of_reach_are_copied_once_with_their_libraries(
    tmp_path: Path, locked_out: LockedOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "server_package"
    for file in ("server_package/pginstall18/bin/postgres", "server_package.libs/libssl.so"):
        (package.parent / file).parent.mkdir(parents=True, exist_ok=True)
        (package.parent / file).touch()

    async def runs(postgres: Path, _identity: Identity) -> bool:
        return await asyncio.to_thread(postgres.exists) and not postgres.is_relative_to(package)

    monkeypatch.setattr(wheels, "postgresql_package", lambda: package)
    monkeypatch.setattr(postgresql_place, "_runs", runs)
    reports: list[str] = []

    binaries = await binaries_for(tmp_path, locked_out, reports.append)

    assert binaries == tmp_path / "binaries" / "server_package" / "pginstall18" / "bin"
    assert (binaries / "postgres").exists()
    assert (tmp_path / "binaries" / "server_package.libs" / "libssl.so").exists()
    assert await binaries_for(tmp_path, locked_out, reports.append) == binaries
    assert len(reports) == 1
