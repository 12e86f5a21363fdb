"""`make up`: the whole platform on this machine, until Ctrl-C."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from datasources.stores import Stores
from domain.clock import system_clock
from server import simulated_hospital
from server.addresses import as_environment, given_urls
from server.demo import ensure_demo_data
from server.demo_announcements import demo_announcements
from server.demo_discussion import demo_discussion
from server.demo_patient import demo_patient
from server.demo_sign_in import demo_sign_in
from server.demo_staff import demo_staff
from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.leftovers import end_leftover
from server.embedded.ports import is_open, remembered_ports
from server.embedded.servers import embedded_servers
from server.embedded.supervised import Program, Report, SupervisedProcess
from server.prepare import prepare
from server.root_key import key_ring
from server.sandbox_console import show_messages
from server.settings import Mode, Settings
from server.simulated_hospital import SimulatedHospital
from server.start_error import StartError
from server.welcome import Demo, welcome
from server.worker import is_working

PROBE_SECONDS = 2.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PortTakenError(StartError):
    """Something else listens on the API's port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is taken by another program. Choose one, `PORT={port + 1} make up`, "
            "or let the system choose, `PORT=0 make up`."
        )


async def up(settings: Settings) -> None:
    """Start everything, say where it is, and keep it running until a stop signal.

    Raises DataDirectoryHeldError, PortTakenError or ProgramError when it cannot start.
    """
    say = _stopwatch()
    _cancel_on_stop_signals(say)
    try:
        async with _running(settings, say) as welcome:
            sys.stdout.write(welcome)
            sys.stdout.flush()
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        say("everything is stopped")


@asynccontextmanager
async def _running(settings: Settings, say: Report) -> AsyncIterator[str]:
    with held_lock(settings.data_directory) as lock:
        say(f"starting in {settings.data_directory.resolve()}")
        for verb in ("serve", "worker"):
            await end_leftover(_pid_file(settings, verb), f"server\0{verb}")
        await end_leftover(_pid_file(settings, simulated_hospital.NAME), simulated_hospital.MARKER)
        port = await _api_port(settings)
        url = f"http://{settings.host}:{port}"
        async with embedded_servers(settings.data_directory, given_urls(settings), report=say) as endpoints:
            lock.announce(url=url, endpoints=endpoints)
            await prepare(endpoints.database_url, key_ring(settings))
            say("tables and dictionary are up to date")
            environment = {**os.environ, **as_environment(endpoints), "PORT": str(port)}
            api = SupervisedProcess(_api(settings, url, environment), say)
            worker = SupervisedProcess(_worker(settings, endpoints, environment), say)
            console: asyncio.Task[None] | None = None
            hospital: SupervisedProcess | None = None
            try:
                await asyncio.gather(api.start(), worker.start())
                say("API and worker are running")
                demo = await _demo(settings, endpoints, say) if settings.mode is Mode.DEVELOPMENT else Demo()
                if demo.simulated is not None:
                    hospital = SupervisedProcess(_hospital(settings, url, demo.simulated), say)
                    await hospital.start()
                if settings.mode is Mode.DEVELOPMENT:
                    console = asyncio.create_task(show_messages(endpoints.redis_url, say))
                yield welcome(url, settings, demo)
            finally:
                say("stopping")
                if console is not None:
                    console.cancel()
                if hospital is not None:
                    await hospital.stop()
                await asyncio.gather(api.stop(), worker.stop())


async def _api_port(settings: Settings) -> int:
    if settings.port == 0:
        return remembered_ports([settings.data_directory / "run" / "api.port"])[0]
    if await is_open(settings.port):
        raise PortTakenError(settings.port)
    return settings.port


def _api(settings: Settings, url: str, environment: dict[str, str]) -> Program:
    async def ready() -> bool:
        async with httpx.AsyncClient(timeout=PROBE_SECONDS, trust_env=False) as client:
            try:
                return (await client.get(f"{url}/readyz")).is_success
            except httpx.TransportError:
                return False

    return Program(
        name="API",
        arguments=(sys.executable, "-m", "server", "serve"),
        directory=Path.cwd(),
        environment=environment,
        log=_log_file(settings, "api"),
        pid_file=_pid_file(settings, "serve"),
        ready=ready,
    )


def _worker(settings: Settings, endpoints: Endpoints, environment: dict[str, str]) -> Program:
    async def ready() -> bool:
        return await is_working(endpoints.redis_url)

    return Program(
        name="worker",
        arguments=(sys.executable, "-m", "server", "worker"),
        directory=Path.cwd(),
        environment=environment,
        log=_log_file(settings, "worker"),
        pid_file=_pid_file(settings, "worker"),
        ready=ready,
    )


def _hospital(settings: Settings, url: str, simulated: SimulatedHospital) -> Program:
    return simulated_hospital.program(
        simulated,
        url,
        directory=settings.data_directory.resolve(),
        log=_log_file(settings, simulated_hospital.NAME),
        pid_file=_pid_file(settings, simulated_hospital.NAME),
    )


async def _demo(settings: Settings, endpoints: Endpoints, say: Report) -> Demo:
    stores = Stores.at(
        database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
    )
    try:
        await ensure_demo_data(stores, system_clock().astimezone(settings.zone).date(), say)
        key = await demo_sign_in(settings.data_directory, stores.sql, key_ring(settings), say)
        staff = await demo_staff(settings.data_directory, stores.sql)
        now = system_clock()
        await demo_announcements(stores.sql, now)
        phone = await demo_patient(stores.sql, key_ring(settings), now, now.astimezone(settings.zone).date())
        await demo_discussion(stores.sql, now)
        simulated = await simulated_hospital.prepared(settings, stores.sql, key_ring(settings), say)
        return Demo(key, staff, phone, simulated)
    finally:
        await stores.close()


def _pid_file(settings: Settings, verb: str) -> Path:
    return settings.data_directory.resolve() / "run" / f"{verb}.pid"


def _log_file(settings: Settings, name: str) -> Path:
    return settings.data_directory.resolve() / "log" / f"{name}.log"


def _stopwatch() -> Callable[[str], None]:
    since = time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - since:6.1f} s  {line}\n")
        sys.stdout.flush()

    return say


def _cancel_on_stop_signals(say: Report) -> None:
    """The first signal ends the work in its order; later ones cannot hurry it, as data would need recovery then."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def first() -> None:
        for name in STOP_SIGNALS:
            loop.add_signal_handler(name, say, "already stopping, a moment please")
        if task is not None:
            task.cancel()

    for name in STOP_SIGNALS:
        loop.add_signal_handler(name, first)
