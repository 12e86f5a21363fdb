"""Where a command finds the stores: given by settings, run by `up`, or started for as long as the command runs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import SecretStr

from server.embedded.data_lock import Endpoints, current_holder, held_lock
from server.embedded.servers import GivenUrls, embedded_servers
from server.embedded.supervised import Report
from server.settings import Settings


def given_urls(settings: Settings) -> GivenUrls:
    """The servers that the settings name."""
    return GivenUrls(
        database_url=_plain(settings.database_url),
        mongodb_url=_plain(settings.mongodb_url),
        redis_url=_plain(settings.redis_url),
    )


def known_endpoints(settings: Settings) -> Endpoints | None:
    """The addresses that the settings give or that a running `up` announces; None if there are none."""
    given = given_urls(settings)
    if given.database_url and given.mongodb_url and given.redis_url:
        return Endpoints(given.database_url, given.mongodb_url, given.redis_url)
    holder = current_holder(settings.data_directory)
    return None if holder is None else holder.endpoints


@asynccontextmanager
async def store_endpoints(settings: Settings, report: Report) -> AsyncIterator[Endpoints]:
    """The stores' addresses, valid inside the block.

    Embedded servers that run already are shared; otherwise they are started and stopped with the block.
    Raises DataDirectoryHeldError while another process is only just starting them.
    """
    known = known_endpoints(settings)
    if known is not None:
        yield known
        return
    with held_lock(settings.data_directory) as lock:
        async with embedded_servers(settings.data_directory, given_urls(settings), report=report) as endpoints:
            lock.announce(endpoints=endpoints)
            yield endpoints


def with_endpoints(settings: Settings, endpoints: Endpoints) -> Settings:
    """The same settings, naming these servers."""
    return settings.model_copy(
        update={
            "database_url": SecretStr(endpoints.database_url),
            "mongodb_url": SecretStr(endpoints.mongodb_url),
            "redis_url": SecretStr(endpoints.redis_url),
        }
    )


def as_environment(endpoints: Endpoints) -> Mapping[str, str]:
    """The settings that lead a child process to these servers."""
    return {
        "DATABASE_URL": endpoints.database_url,
        "MONGODB_URL": endpoints.mongodb_url,
        "REDIS_URL": endpoints.redis_url,
    }


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
