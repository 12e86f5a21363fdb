"""What a telephone notes before it sends, and how it learns what became of it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from mobile_sms.journal import Journal, JournalTakenError
from mobile_sms.radios.radio import Outcome
from mobile_sms.radios.termux import TermuxRadio

TERMUX = Path(__file__).parents[1] / "chaos" / "termux"
PHONE = "+8613800001234"


@pytest.fixture
def radio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TermuxRadio:
    """A radio whose commands write into this test's folder."""
    monkeypatch.setenv("PATH", f"{TERMUX}:{os.environ['PATH']}")
    monkeypatch.setenv("RADIO", str(tmp_path))
    return TermuxRadio(proof_seconds=0.0, call_seconds=30.0)


def command(folder: Path, name: str, script: str) -> None:
    """Put another command in the place of Termux's."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_message_is_sent_once_it_stands_in_the_box(radio: TermuxRadio) -> None:
    mark = await radio.mark()

    assert await radio.send(PHONE, "【HTBooking】退订 $HOME -n", 1, mark) == Outcome("SENT")
    assert mark == 0
    assert await radio.mark() == 1
    # Behind that place nothing of the kind was sent.
    assert await radio.prove(PHONE, "【HTBooking】退订 $HOME -n", 1) is None


async def test_a_command_that_ends_well_and_sends_nothing_proves_nothing(
    radio: TermuxRadio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, "termux-sms-send", "cat > /dev/null")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert await radio.send(PHONE, "x", None, await radio.mark()) == Outcome("UNKNOWN", "UNPROVED")


async def test_a_call_that_hangs_is_broken_off_and_counted(
    tmp_path: Path, radio: TermuxRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, "termux-sms-send", "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    hurried = TermuxRadio(proof_seconds=0.0, call_seconds=0.2)

    assert await hurried.send(PHONE, "x", None, None) == Outcome("UNKNOWN", "HUNG")
    assert hurried.hung_calls == 1


async def test_a_command_that_outlives_the_telephone_has_the_whole_text(tmp_path: Path) -> None:
    command(
        tmp_path,
        "slow-send",
        f"touch {tmp_path}/begun; sleep 0.5; cat > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/text",
    )
    program = (
        "import asyncio; from mobile_sms.radios.commands import call; "
        f"asyncio.run(call({str(tmp_path / 'slow-send')!r}, text='整条短信' * 20000))"
    )
    telephone = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    await until_there(tmp_path / "begun")

    telephone.kill()
    await telephone.wait()

    await until_there(tmp_path / "text")
    assert read(tmp_path / "text") == "整条短信" * 20000


async def until_there(path: Path) -> None:
    """Wait until another process has made the file."""
    async with asyncio.timeout(30):
        while not os.path.exists(path):  # noqa: ASYNC110, ASYNC240, PTH110 - another process makes it
            await asyncio.sleep(0.02)


def read(path: Path) -> str:
    """The file's text."""
    return path.read_text()


async def test_health_is_what_the_commands_tell(radio: TermuxRadio) -> None:
    facts = (await radio.health()).facts

    assert facts == {
        "batteryPercent": 77,
        "charging": True,
        "sims": [{"slot": 0, "carrier": "中国移动"}],
        "signalPercent": 75,
    }


def test_what_was_begun_is_never_begun_again(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        entry = journal.receive("a", 1, PHONE, "x", None)
        assert journal.begin(entry.key, 7)
        assert not journal.begin(entry.key, 7)
    with Journal(tmp_path) as journal:
        assert journal.receive("a", 1, PHONE, "x", None).state == "BEGUN"
        [found] = journal.in_state("BEGUN")
        assert (found.mark, found.text) == (7, "x")
        journal.finish(found.key, "UNKNOWN", "KILLED")
        assert [(each.outcome, each.text, each.phone) for each in journal.unreported()] == [("UNKNOWN", None, None)]
        journal.note_reported(found.key)
        assert journal.open_count() == 0
        # Another attempt is another matter.
        assert journal.receive("a", 2, PHONE, "x", None).state == "RECEIVED"


def test_two_processes_of_one_telephone_cannot_run(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(JournalTakenError):
        Journal(tmp_path)
