"""One process uses a data directory; the others are told who it is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.embedded.data_lock import DataDirectoryHeldError, Endpoints, Holder, current_holder, held_lock

ENDPOINTS = Endpoints("postgresql://there", "mongodb://there", "redis://there")


def test_the_second_is_told_who_holds_it_and_what_it_serves(tmp_path: Path) -> None:
    with held_lock(tmp_path) as lock:
        lock.announce(url="http://127.0.0.1:8000", endpoints=ENDPOINTS)

        with (
            pytest.raises(DataDirectoryHeldError, match=f"process {os.getpid()}, which serves http://127.0.0.1:8000"),
            held_lock(tmp_path),
        ):
            pytest.fail("two hold it")

        assert current_holder(tmp_path) == Holder(os.getpid(), "http://127.0.0.1:8000", ENDPOINTS)


def test_nobody_holds_it_afterwards_and_no_password_stays(tmp_path: Path) -> None:
    with held_lock(tmp_path) as lock:
        lock.announce(endpoints=ENDPOINTS)

    assert current_holder(tmp_path) is None
    assert (tmp_path / "lock").read_text() == ""


def test_it_is_given_back_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from server.embedded.data_lock import held_lock\n"
        "with held_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert current_holder(tmp_path) == Holder(holder.pid)
        holder.send_signal(signal.SIGKILL)

    assert current_holder(tmp_path) is None
    with held_lock(tmp_path):
        pass


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    with held_lock(tmp_path / "new"):
        assert (tmp_path / "new" / "lock").stat().st_mode & 0o077 == 0
