"""`python -m mobile_sms enroll CODE --server https://…` once, then `python -m mobile_sms run`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from mobile_sms.enrolling import NotEnrolledError, enrol
from mobile_sms.home import DEFAULT, enrolment_in, keep_enrolment
from mobile_sms.journal import Journal, JournalTakenError
from mobile_sms.line import RevokedError
from mobile_sms.radios.commands import CALL_SECONDS
from mobile_sms.radios.console import ConsoleRadio
from mobile_sms.radios.gammu import GammuRadio
from mobile_sms.radios.radio import Radio
from mobile_sms.radios.termux import PROOF_SECONDS, TermuxRadio
from mobile_sms.relay import POLL_SECONDS, Relay

WRONG_USE, RUNS_ALREADY, REVOKED = 2, 3, 4


def main() -> int:
    """Do what the command line says; the exit code."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    return _enroll(arguments) if arguments.verb == "enroll" else _run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mobile_sms", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT, help="where token and journal are kept")
    verbs = parser.add_subparsers(dest="verb", required=True)
    enroll = verbs.add_parser("enroll", help="exchange the code that an administrator shows for this phone's token")
    enroll.add_argument("code", help="the code, or the whole text of the QR picture")
    enroll.add_argument("--server", required=True, help="the platform's address, https://…")
    enroll.add_argument("--ca", default="", help="file with the certificate (PEM) of a private authority")
    run = verbs.add_parser("run", help="send and receive until stopped")
    run.add_argument("--radio", choices=("termux", "gammu", "console"), default="termux")
    run.add_argument("--gammu-config", default="", help="gammu's configuration file")
    run.add_argument("--poll-seconds", type=float, default=POLL_SECONDS, help="how often the inbox is read")
    run.add_argument("--proof-seconds", type=float, default=PROOF_SECONDS, help="how long a send is looked for")
    run.add_argument("--call-seconds", type=float, default=CALL_SECONDS, help="when a call of Termux is broken off")
    return parser


def _enroll(arguments: argparse.Namespace) -> int:
    ca_file = str(Path(arguments.ca).resolve()) if arguments.ca else ""
    try:
        enrolment = enrol(arguments.server, arguments.code, ca_file)
    except (NotEnrolledError, OSError) as error:
        sys.stderr.write(f"not enrolled: {error}\n")
        return 1
    keep_enrolment(arguments.home, enrolment)
    sys.stdout.write(f"enrolled as {enrolment.name}\n")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    enrolment = enrolment_in(arguments.home)
    if enrolment is None:
        sys.stderr.write("enroll this phone first: python -m mobile_sms enroll CODE --server https://…\n")
        return WRONG_USE
    try:
        with Journal(arguments.home) as journal:
            relay = Relay(enrolment, journal, _radio(arguments), poll_seconds=arguments.poll_seconds)
            asyncio.run(_until_stopped(relay))
    except JournalTakenError:
        sys.stderr.write("another process of this phone runs already\n")
        return RUNS_ALREADY
    except RevokedError as error:
        sys.stderr.write(f"this phone was revoked; ask for a new code and enroll it again ({error})\n")
        return REVOKED
    return 0


async def _until_stopped(relay: Relay) -> None:
    work = asyncio.ensure_future(relay.run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        return


def _radio(arguments: argparse.Namespace) -> Radio:
    if arguments.radio == "gammu":
        return GammuRadio(arguments.home, arguments.gammu_config)
    if arguments.radio == "console":
        return ConsoleRadio()
    return TermuxRadio(proof_seconds=arguments.proof_seconds, call_seconds=arguments.call_seconds)


if __name__ == "__main__":
    sys.exit(main())
