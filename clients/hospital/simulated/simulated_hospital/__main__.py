"""`python -m simulated_hospital run | push`: the simulated hospital's commands."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from htbooking_hospital import AsyncHospitalClient, HospitalClient, HTBookingError, Retries
from htbooking_hospital.older_export import ExportError
from simulated_hospital.catalogue import many_sessions
from simulated_hospital.page import StatusPage
from simulated_hospital.store import Store
from simulated_hospital.system import CHINA, HospitalSystem

UNTIL_IT_ANSWERS = Retries(attempts=1_000_000)
"""A platform that is away for a night changes nothing: what is to be said is said when it is back."""
VARIABLES = ("HTBOOKING_ENDPOINT", "HTBOOKING_KEY_ID", "HTBOOKING_SECRET")


def main() -> int:
    """The exit code: 0 after a stop signal, 2 when only a person can mend what went wrong."""
    arguments = _parser().parse_args()
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        sys.stderr.write(f"Set {', '.join(missing)}.\n")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # The libraries below tell every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        if arguments.command == "push":
            push_many(arguments.count, arguments.run)
        else:
            asyncio.run(run(arguments))
    except (HTBookingError, ExportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def run(arguments: argparse.Namespace) -> None:
    """Work until a stop signal comes."""
    arguments.data.parent.mkdir(parents=True, exist_ok=True)
    store = Store(arguments.data)
    page = None if arguments.port is None else StatusPage(arguments.data, arguments.name, arguments.port)
    if page is not None:
        logging.getLogger("simulated_hospital").info("status page at %s", page.address)
    endpoint, key_id, secret = (os.environ[name] for name in VARIABLES)
    try:
        async with AsyncHospitalClient(endpoint, key_id, secret, retries=UNTIL_IT_ANSWERS) as client:
            system = HospitalSystem(
                client,
                store,
                arguments.name,
                folder=arguments.folder,
                withdraw_every=arguments.withdraw_every,
                zone=arguments.zone,
            )
            work = asyncio.ensure_future(system.run())
            loop = asyncio.get_running_loop()
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(name, work.cancel)
            with suppress(asyncio.CancelledError):
                await work
    finally:
        if page is not None:
            page.close()
        store.close()


def push_many(count: int, name: str) -> None:
    """Push so many sessions and say how fast it went and how much memory it took."""
    endpoint, key_id, secret = (os.environ[each] for each in VARIABLES)
    since = time.monotonic()
    with HospitalClient(endpoint, key_id, secret, timeout_seconds=120) as client:
        report = client.push_schedules(many_sessions(count, datetime.now(CHINA).date()), run=name)
    seconds = time.monotonic() - since
    sys.stdout.write(
        f"{report.items} sessions in {report.batches} calls: {report.created} new, {report.replaced} replaced, "
        f"{report.refused_items} refused; {seconds:.1f} s, {report.items / seconds:.0f}/s, "
        f"peak memory of the process {peak_megabytes():.0f} MB\n"
    )


def peak_megabytes() -> float:
    """The most memory that this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux's getrusage also counts what the process was before it became this program.
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulated_hospital",
        description=f"A hospital's system in miniature. {', '.join(VARIABLES)} say who and where.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="push, follow, answer, until it is stopped")
    running.add_argument("--data", type=Path, default=Path("simulated-hospital.sqlite"), help="its database")
    running.add_argument("--name", default="模拟医院", help="its name")
    running.add_argument("--port", type=int, help="of its status page; without it there is none, 0 takes a free one")
    running.add_argument("--folder", type=Path, help="offer what this older system's export holds")
    running.add_argument(
        "--withdraw-every", type=float, metavar="SECONDS", help="withdraw a session at random so often"
    )
    running.add_argument("--zone", type=ZoneInfo, default=CHINA, help="the platform's time zone, if not China's")
    pushing = commands.add_parser("push", help="push many sessions and say how fast it goes")
    pushing.add_argument("--count", type=int, default=30_000)
    pushing.add_argument("--run", required=True, help="name of the push: the same again is done once")
    return parser


if __name__ == "__main__":
    sys.exit(main())
