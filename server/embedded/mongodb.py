"""MongoDB from its wheel, as a replica set of one: transactions and change streams need a replica set."""

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from server.embedded import wheels
from server.embedded.ports import LOOPBACK, is_open
from server.embedded.supervised import Program

REPLICA_SET = "htbooking"
DATABASE = "htbooking"
CACHE_GIGABYTES = 0.5
OPLOG_MEGABYTES = 256
PROBE_TIMEOUT_MS = 3_000

NOT_YET_INITIALIZED = 94  # MongoDB's error code


class Mongodb:
    """One mongod on the loopback address."""

    name = "MongoDB"
    key = "mongodb"

    def __init__(self, data_directory: Path, *, durable: bool) -> None:
        self._data = data_directory / self.key
        self._log = data_directory / "log" / f"{self.key}.log"
        self._durable = durable

    async def prepare(self) -> None:
        """Make its directory."""
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def url(self, port: int) -> str:
        """Where clients find it."""
        return f"mongodb://{LOOPBACK}:{port}/{DATABASE}?replicaSet={REPLICA_SET}"

    def program(self, port: int) -> Program:
        """How to run it on this port."""

        async def ready() -> bool:
            return await self._is_primary(port)

        return Program(
            name=self.name,
            arguments=(
                str(wheels.mongod()),
                *("--dbpath", str(self._data)),
                *("--port", str(port)),
                *("--bind_ip", LOOPBACK),
                *("--replSet", REPLICA_SET),
                *("--oplogSize", str(OPLOG_MEGABYTES)),
                *("--wiredTigerCacheSizeGB", str(CACHE_GIGABYTES)),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                "--nounixsocket",
                "--quiet",
            ),
            directory=self._data,
            ready=ready,
            log=self._log,
        )

    async def _is_primary(self, port: int) -> bool:
        if not await is_open(port):
            return False
        async with AsyncMongoClient[dict[str, Any]](
            LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=PROBE_TIMEOUT_MS
        ) as client:
            try:
                if (await client.admin.command("hello"))["isWritablePrimary"]:
                    return True
                await self._become_replica_set(client, f"{LOOPBACK}:{port}")
            except PyMongoError:
                # Between listening and primary it may refuse anything; the caller asks again until its time is up.
                return False
        return False

    async def _become_replica_set(self, client: AsyncMongoClient[dict[str, Any]], address: str) -> None:
        wanted: dict[str, Any] = {
            "_id": REPLICA_SET,
            "version": 1,
            "members": [{"_id": 0, "host": address}],
            # False lets a majority write return before the journal is on the disk.
            "writeConcernMajorityJournalDefault": self._durable,
        }
        try:
            current = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as failure:
            if failure.code != NOT_YET_INITIALIZED:
                raise
            await client.admin.command("replSetInitiate", wanted)
            return
        if current["members"][0]["host"] != address:
            # The remembered port was taken: the set must learn its member's new address.
            current["members"][0]["host"] = address
            current["version"] += 1
            await client.admin.command("replSetReconfig", current, force=True)
