"""`python -m server up`, as a person runs it: from nothing to an answered query, and away again."""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.embedded.data_lock import current_holder
from server.embedded.leftovers import is_program, read_pid

pytestmark = pytest.mark.servers

LONGEST_START_SECONDS = 90.0
PARTS = ("postgresql", "mongodb", "valkey", "serve", "worker", "simulated-hospital")


@pytest.fixture
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="htbooking-up-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


async def start(directory: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "up"),
        stdout=PIPE,
        stderr=PIPE,
        env={"PATH": "/usr/bin:/bin", "DATA_DIRECTORY": str(directory), "PORT": "0"},
    )


async def first_answer(directory: Path) -> str:
    """The platform's address, once it has answered a query."""
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            holder = await asyncio.to_thread(current_holder, directory)
            if holder is not None and holder.url is not None:
                try:
                    answer = await client.post(f"{holder.url}/graphql", json={"query": "{ __typename }"})
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                assert answer.json() == {"data": {"__typename": "Query"}}
                return holder.url
            await asyncio.sleep(0.05)


async def test_it_starts_says_where_it_is_keeps_a_second_out_and_stops(directory: Path) -> None:
    process = await start(directory)
    assert process.stdout is not None
    async with asyncio.timeout(LONGEST_START_SECONDS):
        url = await first_answer(directory)

    said = ""
    async with asyncio.timeout(120):
        while "Ctrl-C stops everything" not in said:
            said += (await process.stdout.readline()).decode()
    assert f"{url}/graphql" in said
    sign_in = json.loads((directory / "demo-hospital-key.json").read_text())
    assert sign_in["key_id"] in said
    assert sign_in["secret"] in said
    assert "Simulated hospital moni" in said

    second = await start(directory)
    output, complaint = await second.communicate()
    assert second.returncode == 1
    assert output == b""
    assert f"in use by process {process.pid}, which serves {url}" in complaint.decode()

    pids = [read_pid(directory / "run" / f"{part}.pid") for part in PARTS]
    assert None not in pids
    process.send_signal(signal.SIGINT)
    rest, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert rest.decode().splitlines()[-1].endswith("everything is stopped")
    assert not any(is_program(pid, str(directory)) or is_program(pid, "server") for pid in pids if pid is not None)


async def test_what_a_killed_start_left_does_not_hinder_the_next(directory: Path) -> None:
    process = await start(directory)
    async with asyncio.timeout(LONGEST_START_SECONDS):
        url = await first_answer(directory)
    process.kill()
    await process.communicate()

    again = await start(directory)
    async with asyncio.timeout(2 * LONGEST_START_SECONDS):
        assert await first_answer(directory) == url
    again.send_signal(signal.SIGTERM)
    _, errors = await again.communicate()
    assert again.returncode == 0, errors.decode()
