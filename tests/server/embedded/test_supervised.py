"""A supervised program is ready when started, comes back when it dies, and ends with its supervisor."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from server.embedded import supervised
from server.embedded.leftovers import end_leftover, is_program
from server.embedded.supervised import Program, ProgramError, SupervisedProcess

READY = "import pathlib, time; pathlib.Path('ready').touch(); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + READY
BROKEN = "import sys; sys.exit('no such database')"


@pytest.fixture
def reports() -> list[str]:
    return []


async def always() -> bool:
    return True


def program(directory: Path, code: str) -> Program:
    async def ready() -> bool:
        return await asyncio.to_thread((directory / "ready").exists)

    return Program(
        name="Sleeper",
        arguments=(sys.executable, "-c", code),
        directory=directory,
        ready=ready,
        log=directory / "sleeper.log",
        pid_file=directory / "sleeper.pid",
        start_seconds=10,
    )


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while True:
            outcome = condition()
            if outcome if isinstance(outcome, bool) else await outcome:
                return
            await asyncio.sleep(0.02)


async def test_a_killed_program_comes_back(tmp_path: Path, reports: list[str]) -> None:
    process = SupervisedProcess(program(tmp_path, READY), reports.append)
    await process.start()
    first = process.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await until(lambda: "Sleeper is back" in reports)

    assert process.pid != first
    assert reports[0].startswith("Sleeper ended (killed by SIGKILL); starting it again")
    await process.stop()


async def test_a_program_that_dies_at_once_is_named_with_its_last_words(tmp_path: Path, reports: list[str]) -> None:
    with pytest.raises(ProgramError, match=r"Sleeper ended while starting \(exit code 1\)[\s\S]*no such database"):
        await SupervisedProcess(program(tmp_path, BROKEN), reports.append).start()


async def test_a_program_that_never_gets_ready_is_given_up_and_ended(tmp_path: Path, reports: list[str]) -> None:
    async def never() -> bool:
        return False

    process = SupervisedProcess(replace(program(tmp_path, READY), ready=never, start_seconds=0.2), reports.append)
    with pytest.raises(ProgramError, match="was not ready"):
        await process.start()

    assert process.pid is not None
    assert not is_program(process.pid, "pathlib")


async def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, reports: list[str]) -> None:
    process = SupervisedProcess(replace(program(tmp_path, DEAF), stop_seconds=0.2), reports.append)
    await process.start()
    await process.stop()

    assert reports == ["Sleeper did not stop in 0 s; killing it"]


async def test_the_pauses_between_restarts_grow(
    tmp_path: Path, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervised, "FIRST_PAUSE_SECONDS", 0.01)
    process = SupervisedProcess(replace(program(tmp_path, "pass"), ready=always), reports.append)
    await process.start()
    await until(lambda: sum("starting it again" in line for line in reports) >= 4)
    await process.stop()

    pauses = [float(line.split()[-2]) for line in reports if "starting it again" in line]
    assert pauses == sorted(pauses)
    assert pauses[3] > pauses[0]


async def test_a_program_dies_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    supervisor = f"""
import asyncio, pathlib, sys
from server.embedded.supervised import Program, SupervisedProcess
async def ready(): return pathlib.Path("ready").exists()
async def main():
    program = Program("Sleeper", (sys.executable, "-c", {READY!r}), pathlib.Path.cwd(), ready,
        pid_file=pathlib.Path("sleeper.pid"))
    await SupervisedProcess(program, print).start()
    pathlib.Path("started").touch()
    await asyncio.sleep(60)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", supervisor, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    await until(lambda: (tmp_path / "started").exists())
    pid = int((tmp_path / "sleeper.pid").read_text())
    assert is_program(pid, "pathlib")

    process.kill()
    await process.wait()

    await until(lambda: not is_program(pid, "pathlib"))


async def test_a_leftover_is_ended(tmp_path: Path) -> None:
    leftover = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path))
    pid_file = tmp_path / "leftover.pid"
    pid_file.write_text(f"{leftover.pid}\n")

    await asyncio.gather(end_leftover(pid_file, str(tmp_path)), leftover.wait())

    assert leftover.returncode == -signal.SIGTERM
    assert not pid_file.exists()


async def test_a_stranger_with_a_reused_id_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "leftover.pid"
    pid_file.write_text(f"{os.getpid()}\n")

    await end_leftover(pid_file, str(tmp_path))

    assert not pid_file.exists()
