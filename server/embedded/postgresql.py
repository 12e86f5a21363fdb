"""PostgreSQL 18 from its wheel. As root it runs as an unprivileged user, with its data where that user can reach it."""

import asyncio
import os
import secrets
import signal
import tempfile
from pathlib import Path

import asyncpg

from server.embedded.identity import Identity, identity_for
from server.embedded.leash import die_with_parent
from server.embedded.leftovers import is_program, read_pid
from server.embedded.ports import LOOPBACK
from server.embedded.postgresql_place import binaries_for, home_for
from server.embedded.supervised import Program, Report
from server.start_error import StartError

USER = "htbooking"
DATABASE = "htbooking"
PROBE_TIMEOUT_SECONDS = 3

CONNECTIONS = 120
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": str(CONNECTIONS),
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class InitdbError(StartError):
    """initdb could not make the data directory."""


class Postgresql:
    """One PostgreSQL on the loopback address, with a password of its own."""

    name = "PostgreSQL"
    key = "postgresql"

    def __init__(self, data_directory: Path, *, durable: bool, report: Report) -> None:
        self._data_directory = data_directory
        self._durable = durable
        self._report = report
        self._identity: Identity | None = None
        self._binaries = Path()
        self._password = ""
        self._home = data_directory / self.key
        self._data = self._home

    async def prepare(self) -> None:
        """Find its user, its place and its binaries, and make its data directory at the first start."""
        self._identity = identity_for(self._data_directory / self.key)
        self._home = home_for(self._data_directory, self._identity, self._report)
        self._data = self._home / "data"
        self._binaries = await binaries_for(self._home, self._identity, self._report)
        self._password = _kept_password(self._data_directory / "postgresql.password")
        if not (self._data / "PG_VERSION").exists():
            await self._initdb()
        self._forget_reused_pid()

    def url(self, port: int) -> str:
        """Where clients find it."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{port}/{DATABASE}"

    def program(self, port: int) -> Program:
        """How to run it on this port."""

        async def ready() -> bool:
            return await self._has_database(port)

        settings = {**SETTINGS, "port": str(port), **({} if self._durable else NOT_DURABLE)}
        return Program(
            name=self.name,
            arguments=(
                str(self._binaries / "postgres"),
                *("-D", str(self._data)),
                *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            ),
            directory=self._data,
            ready=ready,
            environment=_environment(),
            log=self._data_directory / "log" / f"{self.key}.log",
            identity=self._identity,
            # "Fast": ends open sessions instead of waiting for them.
            stop_signal=signal.SIGINT,
        )

    async def _initdb(self) -> None:
        """Made beside and then renamed, so that a half-made directory is never taken for a database."""
        with tempfile.TemporaryDirectory(prefix="initdb-", dir=self._home) as draft_name:
            draft = Path(draft_name)
            password_file = draft / "password"
            password_file.write_text(self._password)
            if self._identity is not None:
                for path in (draft, password_file):
                    os.chown(path, self._identity.uid, self._identity.gid)
            await self._run_initdb(draft / "data", password_file)
            (draft / "data").rename(self._data)

    async def _run_initdb(self, data: Path, password_file: Path) -> None:
        identity = self._identity
        process = await asyncio.create_subprocess_exec(
            str(self._binaries / "initdb"),
            *("--pgdata", str(data)),
            *("--username", USER, "--pwfile", str(password_file), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(() if self._durable else ("--no-sync",)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._home,
            env=_environment(),
            preexec_fn=die_with_parent(signal.SIGKILL),
            user=None if identity is None else identity.uid,
            group=None if identity is None else identity.gid,
            extra_groups=None if identity is None else [],
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise InitdbError(f"initdb failed:\n{output.decode(errors='replace')}")

    def _forget_reused_pid(self) -> None:
        """PostgreSQL will not start while the process in its lock file lives, even if that is a stranger by now."""
        lock_file = self._data / "postmaster.pid"
        pid = read_pid(lock_file)
        if pid is not None and Path(f"/proc/{pid}").exists() and not is_program(pid, str(self._data)):
            lock_file.unlink()

    async def _has_database(self, port: int) -> bool:
        try:
            connection = await asyncpg.connect(
                host=LOOPBACK,
                port=port,
                user=USER,
                password=self._password,
                database="postgres",
                ssl=False,
                timeout=PROBE_TIMEOUT_SECONDS,
            )
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()
        return True


def _environment() -> dict[str, str]:
    """Nothing of ours that would change PostgreSQL's defaults (PGDATA, PGPORT, LC_…)."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _kept_password(file: Path) -> str:
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(24))
    return file.read_text()
