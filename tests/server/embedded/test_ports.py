"""Ports are free, different from each other, and the same at the next start."""

import socket
from pathlib import Path

from server.embedded.ports import LOOPBACK, is_open, remembered_ports


def test_they_differ_and_are_remembered(tmp_path: Path) -> None:
    files = [tmp_path / "run" / f"{name}.port" for name in ("a", "b", "c")]

    first = remembered_ports(files)

    assert len(set(first)) == 3
    assert remembered_ports(files) == first


def test_one_that_was_taken_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.port"
    with socket.create_server((LOOPBACK, 0)) as stranger:
        taken = stranger.getsockname()[1]
        file.write_text(f"{taken}\n")

        assert remembered_ports([file]) != [taken]


async def test_a_port_is_open_while_somebody_listens() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        assert await is_open(port)
    assert not await is_open(port)
