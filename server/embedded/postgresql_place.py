"""Where PostgreSQL's data and binaries stand so that the user it runs as can reach them.

A normal user has both where they are. As root, PostgreSQL runs as somebody who may not look into, say, `/root`:
then the data moves to a directory of its own, named after the data directory, and the binaries are copied beside it.
"""

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

from server.embedded import wheels
from server.embedded.identity import Identity
from server.embedded.supervised import Report
from server.start_error import StartError

REACHABLE_ROOTS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  (our directory in it is 0711, its contents 0700)
BINARIES = Path("pginstall18") / "bin"


class NoReachablePlaceError(StartError):
    """No directory that the unprivileged user can reach may be written."""


def home_for(data_directory: Path, identity: Identity | None, report: Report) -> Path:
    """The directory for everything of PostgreSQL, made and owned as needed.

    `postgresql` in the data directory, or what that name links to.
    """
    name = data_directory / "postgresql"
    if identity is None:
        name.mkdir(mode=0o700, exist_ok=True)
        return name.resolve()
    if not name.exists():
        name.unlink(missing_ok=True)  # a link to a directory that is gone
        if identity.may_enter(data_directory):
            name.mkdir(mode=0o700)
        else:
            elsewhere = _reachable_directory(data_directory, identity)
            name.symlink_to(elsewhere)
            report(f"PostgreSQL runs as {identity.name}, who cannot reach {data_directory}: its data is in {elsewhere}")
    home = name.resolve()
    os.chown(home, identity.uid, identity.gid)
    return home


async def binaries_for(home: Path, identity: Identity | None, report: Report) -> Path:
    """The directory of `postgres` and `initdb`, as the identity can run them."""
    package = wheels.postgresql_package()
    if identity is None or await _runs(package / BINARIES / "postgres", identity):
        return package / BINARIES
    copy = home / "binaries"
    if not await _runs(copy / package.name / BINARIES / "postgres", identity):
        report(f"{identity.name} cannot run PostgreSQL from {package}: copying its binaries to {copy}")
        await asyncio.to_thread(_copy_binaries, package, copy, identity)
    return copy / package.name / BINARIES


def _reachable_directory(data_directory: Path, identity: Identity) -> Path:
    key = hashlib.sha256(os.fsencode(data_directory)).hexdigest()[:12]
    for root in REACHABLE_ROOTS:
        directory = root / f"htbooking-{key}"
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            continue
        if directory.stat().st_uid in {0, identity.uid} and identity.may_enter(root):
            return directory
    raise NoReachablePlaceError(
        f"none of {', '.join(map(str, REACHABLE_ROOTS))} can hold PostgreSQL's data: set DATABASE_URL, "
        "or put the checkout where every user can reach it"
    )


async def _runs(postgres: Path, identity: Identity) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            str(postgres),
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            user=identity.uid,
            group=identity.gid,
            extra_groups=[],
        )
    except OSError:
        return False
    return await process.wait() == 0


def _copy_binaries(package: Path, copy: Path, identity: Identity) -> None:
    """The libraries go along at the same relative place, where the binaries look for them."""
    shutil.rmtree(copy, ignore_errors=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / BINARIES.parts[0], copy / package.name / BINARIES.parts[0], symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o500 if path.is_dir() else 0o400))
