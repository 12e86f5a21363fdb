"""Free ports on the loopback address, the same ones at each start while they stay free."""

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path

LOOPBACK = "127.0.0.1"


def remembered_ports(files: list[Path]) -> list[int]:
    """One free port for each file. The number is kept in the file; a number that is taken is replaced.

    All are held open until the last is found, so no two get the same.
    """
    with ExitStack() as held:
        return [_remembered_port(file, held) for file in files]


def _remembered_port(file: Path, held: ExitStack) -> int:
    if file.exists() and (port := _bind(int(file.read_text()), held)) is not None:
        return port
    port = _bind(0, held)
    if port is None:
        raise OSError("no free port on the loopback address")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port


def _bind(port: int, held: ExitStack) -> int | None:
    listener = held.enter_context(socket.socket())
    # A port in TIME_WAIT is free for a server, which sets this option too.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        return None
    return int(listener.getsockname()[1])


async def is_open(port: int) -> bool:
    """Whether anything listens on the port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
