"""What every test may ask for: the real servers, started once, and the stores on them."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from datasources.stores import Stores
from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.servers import embedded_servers
from server.migrate import migrate
from server.settings import Settings

SERVER_FIXTURES = {"endpoints", "settings", "open_stores"}
HERE = Path(__file__).parent
ALONE = [
    HERE / part
    for part in (
        "bench",
        "chaos",
        "e2e",
        "storms",
        "server/embedded",
        "server/test_mobile_sms.py",
        "server/test_stores_come_and_go.py",
        "server/test_up.py",
    )
]
"""What fills the machine or starts a platform of its own: `make test` runs it after the others, one by one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the servers, so that `make test-fast` can leave it out, and what runs alone."""
    for item in items:
        if SERVER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
        if any(item.path.is_relative_to(part) for part in ALONE):
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """A developer's own environment or .env changes no test's outcome."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session")
def data_directory() -> Iterator[Path]:
    """A data directory for this run. Not pytest's own, which is private: as root, PostgreSQL runs as somebody else."""
    directory = Path(tempfile.mkdtemp(prefix="htbooking-tests-"))
    if os.geteuid() == 0:
        directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
async def endpoints(data_directory: Path) -> AsyncIterator[Endpoints]:
    """PostgreSQL, MongoDB and Valkey, running for the whole test run."""
    with held_lock(data_directory):
        async with embedded_servers(data_directory, durable=False) as endpoints:
            yield endpoints


@pytest.fixture(scope="session")
def settings(endpoints: Endpoints, data_directory: Path) -> Settings:
    """Development settings that name the running servers."""
    return Settings(
        data_directory=data_directory,
        port=0,
        database_url=endpoints.database_url,
        mongodb_url=endpoints.mongodb_url,
        redis_url=endpoints.redis_url,
        log_level="WARNING",
        code_work_difficulty=8,
    )


@pytest.fixture(scope="session")
async def open_stores(endpoints: Endpoints) -> AsyncIterator[Stores]:
    """The three stores, with every table, document index and an empty cache."""
    await migrate(endpoints.database_url)
    stores = Stores.at(
        database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
    )
    await stores.catalogue.bind()
    yield stores
    await stores.close()


@pytest.fixture
async def stores(open_stores: Stores) -> Stores:
    """The three stores, read through by Beanie's documents.

    Those belong to the whole process: an application of another test may have taken them with it.
    """
    await open_stores.catalogue.bind()
    return open_stores
