"""A child process that is started, watched, started again when it dies, and stopped."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server.embedded.identity import Identity
from server.embedded.leash import die_with_parent
from server.start_error import StartError

Report = Callable[[str], None]

POLL_SECONDS = 0.05
REMINDER_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
LOG_TAIL_LINES = 15
LOG_KEPT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to tell that it works."""

    name: str
    arguments: tuple[str, ...]
    directory: Path
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    log: Path | None = None
    """Where its output goes; None leaves it on ours."""
    identity: Identity | None = None
    pid_file: Path | None = None
    """Where its process id is written, for whoever cleans up after us."""
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60.0
    stop_seconds: float = 20.0


class ProgramError(StartError):
    """The program ended or stayed silent instead of becoming ready."""

    def __init__(self, program: Program, what: str) -> None:
        super().__init__(f"{program.name} {what}{_log_tail(program.log)}")


class SupervisedProcess:
    """Keeps one program running between `start` and `stop`."""

    def __init__(self, program: Program, report: Report) -> None:
        self.program = program
        self._report = report
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Run the program, wait until it is ready and watch it from then on. Raises ProgramError."""
        try:
            await self._launch()
        except BaseException:
            await self._end()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name=f"watch {self.program.name}")

    async def stop(self) -> None:
        """End the program cleanly; kill it if it does not listen."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self._end()

    async def _launch(self) -> None:
        self._process = await self._spawn()
        since = said = time.monotonic()
        while not await self.program.ready():
            if self._process.returncode is not None:
                raise ProgramError(self.program, f"ended while starting ({ending(self._process.returncode)})")
            if time.monotonic() - since > self.program.start_seconds:
                raise ProgramError(self.program, f"was not ready after {self.program.start_seconds:.0f} s")
            if time.monotonic() - said > REMINDER_SECONDS:
                said = time.monotonic()
                self._report(f"still waiting for {self.program.name}; its log is {self.program.log}")
            await asyncio.sleep(POLL_SECONDS)

    async def _spawn(self) -> asyncio.subprocess.Process:
        program = self.program
        output = None if program.log is None else _open_log(program.log)
        identity = program.identity
        try:
            process = await asyncio.create_subprocess_exec(
                *program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=program.directory,
                env=dict(program.environment),
                # Ctrl-C at the terminal reaches us alone; we stop our children in their order.
                start_new_session=True,
                preexec_fn=die_with_parent(program.stop_signal),
                user=None if identity is None else identity.uid,
                group=None if identity is None else identity.gid,
                extra_groups=None if identity is None else [],
            )
        finally:
            if output is not None:
                os.close(output)
        if program.pid_file is not None:
            program.pid_file.write_text(f"{process.pid}\n")
        return process

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._process is not None:
            since = time.monotonic()
            code = await self._process.wait()
            if time.monotonic() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._report(f"{self.program.name} ended ({ending(code)}); starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                await self._launch()
            except (ProgramError, OSError) as failure:
                self._report(str(failure))
                await self._end()
            else:
                self._report(f"{self.program.name} is back")

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.program.stop_seconds)
        except TimeoutError:
            self._report(f"{self.program.name} did not stop in {self.program.stop_seconds:.0f} s; killing it")
            process.kill()
            await process.wait()


def ending(code: int) -> str:
    """How a process ended, in words: its exit code, or the signal that killed it."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _open_log(log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.rename(log.with_suffix(".old.log"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _log_tail(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return "".join(f"\n    {line}" for line in (f"last lines of {log}:", *lines))
