"""Valkey from its wheel."""

import asyncio
from pathlib import Path

from server.embedded import wheels
from server.embedded.ports import LOOPBACK
from server.embedded.supervised import Program

MEMORY = "256mb"


class Valkey:
    """One Valkey on the loopback address. What it holds may be lost, so a second of it at a crash is no harm."""

    name = "Valkey"
    key = "valkey"

    def __init__(self, data_directory: Path, *, durable: bool) -> None:
        self._data = data_directory / self.key
        self._log = data_directory / "log" / f"{self.key}.log"
        self._durable = durable

    async def prepare(self) -> None:
        """Make its directory."""
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def url(self, port: int) -> str:
        """Where clients find it."""
        return f"redis://{LOOPBACK}:{port}/0"

    def program(self, port: int) -> Program:
        """How to run it on this port."""

        async def ready() -> bool:
            return await _pongs(port)

        options = {
            "port": str(port),
            "bind": LOOPBACK,
            "dir": str(self._data),
            "appendonly": "yes" if self._durable else "no",
            "save": "",
            "maxmemory": MEMORY,
            # Nonces and rate limits must not vanish to make room: a full cache refuses instead.
            "maxmemory-policy": "noeviction",
            # The command line must keep naming the data: by it a leftover is recognised.
            "set-proc-title": "no",
        }
        return Program(
            name=self.name,
            arguments=(
                str(wheels.valkey_server()),
                *(word for key, value in options.items() for word in (f"--{key}", value)),
            ),
            directory=self._data,
            ready=ready,
            log=self._log,
        )


async def _pongs(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        # While it reads its file it answers -LOADING.
        return await reader.readline() == b"+PONG\r\n"
    except OSError:
        return False
    finally:
        writer.close()
