"""`python -m server <verb>`: how the platform is run. The Makefile's verbs lead here."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from datasources.sql.database import Database
from domain.identity.proof_of_work import HARDEST
from server import hospital_accounts, hospital_keys, legacy_keys, staff_accounts
from server.settings import Settings
from server.start_error import StartError

Verb = Callable[[Settings, argparse.Namespace], int]


def _up(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Run everything on this machine until Ctrl-C: servers, tables, API, worker, demo data."""
    from server.up import up

    asyncio.run(up(settings))
    return 0


def _serve(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Run one API process."""
    from server.addresses import known_endpoints, with_endpoints
    from server.serve import serve

    endpoints = known_endpoints(settings)
    if endpoints is None:
        _complain(f"Set DATABASE_URL, MONGODB_URL and REDIS_URL: no servers run in {settings.data_directory}.")
        return 1
    serve(with_endpoints(settings, endpoints))
    return 0


def _worker(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Run one worker."""
    from server.worker_process import run_worker

    asyncio.run(run_worker(settings))
    return 0


def _check_worker(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Exit with 0 if this host's worker is working, 1 otherwise: a container's health check."""
    from server.addresses import given_urls
    from server.worker import is_working

    url = given_urls(settings).redis_url
    return 0 if url is not None and asyncio.run(is_working(url)) else 1


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Bring PostgreSQL's tables and dictionary up to date."""
    from server.addresses import store_endpoints
    from server.prepare import prepare
    from server.root_key import key_ring

    async def run() -> None:
        async with store_endpoints(settings, _say) as endpoints:
            await prepare(endpoints.database_url, key_ring(settings))

    asyncio.run(run())
    _say("tables and dictionary are up to date")
    return 0


def _draft_migration(settings: Settings, arguments: argparse.Namespace) -> int:
    """Draft a migration from the difference between the declared tables and the migrated ones."""
    from server.addresses import store_endpoints
    from server.migrate import draft_migration, migrate

    async def run() -> Path:
        async with store_endpoints(settings, _say) as endpoints:
            await migrate(endpoints.database_url)
            return await draft_migration(endpoints.database_url, arguments.name)

    _say(f"read and correct {asyncio.run(run())}")
    return 0


def _hospital_key(settings: Settings, arguments: argparse.Namespace) -> int:
    """Issue, list and revoke hospitals' integration keys."""
    from datasources.stores import Stores
    from server.addresses import store_endpoints
    from server.root_key import key_ring

    async def run() -> int:
        async with store_endpoints(settings, _complain) as endpoints:
            # All of them: a revoked key's open connections are ended by way of Redis.
            stores = Stores.at(
                database_url=endpoints.database_url,
                mongodb_url=endpoints.mongodb_url,
                redis_url=endpoints.redis_url,
                sql_pool_size=1,
            )
            try:
                return await hospital_keys.run(arguments, stores.sql, key_ring(settings))
            finally:
                await stores.close()

    return asyncio.run(run())


def _hospital(settings: Settings, arguments: argparse.Namespace) -> int:
    """Open hospitals' accounts."""
    return _with_database(settings, partial(hospital_accounts.run, arguments))


def _legacy_key(settings: Settings, arguments: argparse.Namespace) -> int:
    """Give hospitals keys for the older form protocol, or take them back."""
    from server.root_key import key_ring

    return _with_database(settings, lambda database: legacy_keys.run(arguments, database, key_ring(settings)))


def _rotate_keys(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Seal every stored secret anew with ROOT_KEY; docs/encryption.md says when."""
    from server.addresses import store_endpoints
    from server.key_rotation import rotate_keys

    async def run() -> bool:
        async with store_endpoints(settings, _complain) as endpoints:
            return await rotate_keys(settings, endpoints.database_url, _say)

    return 0 if asyncio.run(run()) else 1


def _check_ledger(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Compare every session with its orders, waitlist and texts; exit with 1 if a promise is broken."""
    from datasources.stores import Stores
    from server.addresses import store_endpoints
    from server.ledger_check import check_ledger

    async def run() -> bool:
        async with store_endpoints(settings, _complain) as endpoints:
            stores = Stores.at(
                database_url=endpoints.database_url,
                mongodb_url=endpoints.mongodb_url,
                redis_url=endpoints.redis_url,
                sql_pool_size=1,
            )
            try:
                return await check_ledger(stores, _say)
            finally:
                await stores.close()

    return 0 if asyncio.run(run()) else 1


def _staff(settings: Settings, arguments: argparse.Namespace) -> int:
    """Make an administrator."""
    return _with_database(settings, partial(staff_accounts.run, arguments))


def _with_database(settings: Settings, work: Callable[[Database], Coroutine[None, None, int]]) -> int:
    from server.addresses import store_endpoints

    async def run() -> int:
        async with store_endpoints(settings, _complain) as endpoints:
            database = Database(endpoints.database_url, pool_size=1)
            try:
                return await work(database)
            finally:
                await database.close()

    return asyncio.run(run())


def _with_stores(settings: Settings, arguments: argparse.Namespace) -> int:
    """Run a command with the stores' addresses in its environment; they are started for it if nothing runs."""
    from server.addresses import as_environment, store_endpoints

    async def run() -> int:
        async with store_endpoints(settings, _complain) as endpoints:
            process = await asyncio.create_subprocess_exec(
                *arguments.command, env={**os.environ, **as_environment(endpoints)}
            )
            return await process.wait()

    return asyncio.run(run())


def _sample(settings: Settings, arguments: argparse.Namespace) -> int:
    """Push an older system's export into the running platform."""
    from server.sample_push import push_sample

    return asyncio.run(push_sample(settings, arguments.folder))


def _addresses(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Print the running stores' addresses as shell assignments; they hold passwords."""
    from server.addresses import as_environment, known_endpoints

    endpoints = known_endpoints(settings)
    if endpoints is None:
        _complain(f"nothing runs in {settings.data_directory}: start it with `make up`")
        return 1
    for name, value in as_environment(endpoints).items():
        print(f"export {name}='{value}'")
    return 0


def _schema(_settings: Settings, _arguments: argparse.Namespace) -> int:
    """Print the graph's SDL."""
    from schema.graph import graph

    print(graph.as_str())
    return 0


def _settings(_settings: Settings, _arguments: argparse.Namespace) -> int:
    """Print docs/settings.md."""
    from server.settings_page import settings_page

    print(settings_page(), end="")
    return 0


def _solve_work(_settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the nonce that solves a `WorkNeeded` (docs/proof-of-work.md)."""
    from domain.identity.proof_of_work import solve

    _say(solve(arguments.challenge, arguments.difficulty))
    return 0


def _down(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Stop the platform that runs in the data directory."""
    from server.down import down

    _say("stopped" if down(settings.data_directory) else f"nothing runs in {settings.data_directory}")
    return 0


def _reset(settings: Settings, arguments: argparse.Namespace) -> int:
    """Delete the data directory with everything in it."""
    from server.down import reset

    where = settings.data_directory.resolve()
    if not arguments.yes:
        _complain(f"This deletes {where} with all its data. Say so: `make reset YES=1`.")
        return 1
    reset(settings.data_directory)
    _say(f"{where} is gone")
    return 0


VERBS: Mapping[str, Verb] = {
    "up": _up,
    "serve": _serve,
    "worker": _worker,
    "check-worker": _check_worker,
    "migrate": _migrate,
    "draft-migration": _draft_migration,
    hospital_accounts.COMMAND: _hospital,
    hospital_keys.COMMAND: _hospital_key,
    legacy_keys.COMMAND: _legacy_key,
    staff_accounts.COMMAND: _staff,
    "rotate-keys": _rotate_keys,
    "check-ledger": _check_ledger,
    "with-stores": _with_stores,
    "sample": _sample,
    "addresses": _addresses,
    "schema": _schema,
    "settings": _settings,
    "solve-work": _solve_work,
    "down": _down,
    "reset": _reset,
}


def main(words: list[str]) -> int:
    """Run one verb; the exit code is 0, or 1 after a message that says what to do."""
    arguments = _parser().parse_args(words)
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            _complain(f"{'.'.join(map(str, problem['loc'])).upper() or 'settings'}: {problem['msg']}")
        return 1
    try:
        return VERBS[arguments.verb](settings, arguments)
    except StartError as error:
        _complain(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server", description="Runs HTBooking.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    hospital_accounts.add_commands(verbs)
    hospital_keys.add_commands(verbs)
    legacy_keys.add_commands(verbs)
    staff_accounts.add_commands(verbs)
    for name, verb in VERBS.items():
        if name in {hospital_accounts.COMMAND, hospital_keys.COMMAND, legacy_keys.COMMAND, staff_accounts.COMMAND}:
            continue
        line = (verb.__doc__ or "").splitlines()[0]
        one = verbs.add_parser(name, help=line, description=line)
        if name == "reset":
            one.add_argument("--yes", action="store_true", help="really delete")
        if name == "with-stores":
            one.add_argument("command", nargs=argparse.REMAINDER, help="the command and its arguments")
        if name == "solve-work":
            one.add_argument("challenge", help="as it came")
            one.add_argument("difficulty", type=int, choices=range(HARDEST + 1), metavar="difficulty", help="in bits")
        if name == "sample":
            one.add_argument("folder", type=Path, help="holds hospital.json, department.json and schedule.json")
        if name == "draft-migration":
            one.add_argument("name", help="what it does, in a few words")
    return parser


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
