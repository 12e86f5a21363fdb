"""pgbench as the peer: PostgreSQL's own load generator, in C, running the very statement that the platform runs.

It comes in the same wheel as the server. Each call needs arguments of its own, which pgbench cannot make, so they
stand in a table, and a client reads some at once into variables (`\\gset`). Calls in which that happened are left out
of what is counted, and so is everything before the client has prepared its statements.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.measured import Measured
from server.embedded import wheels
from server.embedded.postgresql_place import BINARIES


class PgbenchError(Exception):
    """pgbench failed; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Calls:
    """One statement with three parameters: the first differs for each call, the others are the same for all."""

    statement: str
    """With `$1`, `$2` and `$3`."""
    arguments: Sequence[str]
    second: str
    third: str
    clients: int
    block: int
    """How many arguments a client reads at once. The statement is prepared so many times for each client."""


async def run_pgbench(database_url: str, calls: Calls) -> Measured:
    """Run every call once, the clients side by side. Raises PgbenchError."""
    per_client = len(calls.arguments) // calls.clients
    if per_client % calls.block or per_client < 2 * calls.block:
        raise ValueError("each client needs two or more whole blocks of calls")
    await _store_arguments(database_url, calls, per_client)
    with tempfile.TemporaryDirectory(prefix="htbooking-pgbench-") as name:
        directory = Path(name)
        script = directory / "script.sql"
        script.write_text(_script(calls))
        await _run(
            database_url,
            *("--no-vacuum", "--protocol=prepared", f"--client={calls.clients}", "--jobs=1"),
            *(f"--transactions={per_client}", f"--file={script}", "--log", f"--log-prefix={directory / 'log'}"),
            *(f"--define=second={calls.second}", f"--define=third={calls.third}"),
            *("--define=step=0", "--define=block=0"),
        )
        return _measured(_logged(directory), calls)


def _logged(directory: Path) -> str:
    [log] = directory.glob("log.*")
    return log.read_text()


def _script(calls: Calls) -> str:
    names = ", ".join(f"a{number}" for number in range(calls.block))
    lines = [
        "\\if :step = 0",
        f"SELECT {names} FROM bench_block WHERE client = :client_id AND block = :block \\gset",
        "\\set block :block + 1",
        "\\endif",
    ]
    statement = " ".join(calls.statement.split()).replace("$2", ":second").replace("$3", ":third")
    for number in range(calls.block):
        lines.append(f"\\{'elif' if number else 'if'} :step = {number}")
        lines.append(f"{statement.replace('$1', f':a{number}')};")
    return "\n".join([*lines, "\\endif", f"\\set step (:step + 1) % {calls.block}", ""])


async def _store_arguments(database_url: str, calls: Calls, per_client: int) -> None:
    names = [f"a{number}" for number in range(calls.block)]
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DROP TABLE IF EXISTS bench_block")
        columns = ", ".join(f"{name} text STORAGE EXTERNAL" for name in names)
        await connection.execute(
            f"CREATE UNLOGGED TABLE bench_block (client integer, block integer, {columns}, PRIMARY KEY (client, block))"
        )
        await connection.copy_records_to_table(
            "bench_block",
            records=(
                (client, block, *calls.arguments[first : first + calls.block])
                for client in range(calls.clients)
                for block in range(per_client // calls.block)
                for first in [client * per_client + block * calls.block]
            ),
            columns=["client", "block", *names],
        )
        await connection.execute("ANALYZE bench_block")
    finally:
        await connection.close()


def _measured(log: str, calls: Calls) -> Measured:
    latencies = []
    seen: dict[str, int] = {}
    for line in log.splitlines():
        client, _, microseconds, *_ = line.split()
        number = seen[client] = seen.get(client, -1) + 1
        if number >= calls.block and number % calls.block:
            latencies.append(int(microseconds) / 1e6)
    # Every client is always in some call, so their time is the sum of the calls' divided by their count.
    return Measured(elapsed=sum(latencies) / calls.clients, latencies=latencies)


async def _run(database_url: str, *arguments: str) -> None:
    parts = urlsplit(database_url)
    process = await asyncio.create_subprocess_exec(
        str(wheels.postgresql_package() / BINARIES / "pgbench"),
        *arguments,
        env={
            "PATH": os.defpath,
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
            "PGDATABASE": parts.path.removeprefix("/"),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise PgbenchError(output.decode(errors="replace"))
