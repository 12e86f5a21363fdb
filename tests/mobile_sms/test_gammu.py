"""A modem by gammu: the real program, with its dummy modem, which keeps what it is given in files."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from mobile_sms.radios.gammu import GammuRadio
from mobile_sms.radios.gammu_inbox import read_backup
from mobile_sms.radios.radio import Outcome

PHONE = "+8613800001234"
ADVICE = "On Debian and Ubuntu: apt-get install --no-install-recommends gammu"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """gammu's configuration with a dummy modem. Without gammu the test is left out, but in CI, which installs it."""
    if shutil.which("gammu") is None:
        if os.environ.get("CI"):
            pytest.fail(f"This needs gammu, and CI leaves no test out. {ADVICE}")
        pytest.skip(f"There is no gammu. {ADVICE}")
    modem = tmp_path / "modem"
    modem.mkdir()
    path = tmp_path / "gammurc"
    log = tmp_path / "log"
    path.write_text(
        f"[gammu]\nmodel = dummy\nconnection = none\nport = {modem}\nlogfile = {log}\nlogformat = textall\n"
    )
    return path


@pytest.fixture
def radio(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> GammuRadio:
    """A radio as a service starts it: without a locale."""
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    return GammuRadio(tmp_path / "home", str(config))


async def modem_receives(config: Path, sender: str, text: str) -> None:
    """Put a message into the modem's inbox."""
    process = await asyncio.create_subprocess_exec(
        *("gammu", "-c", str(config), "savesms", "TEXT", "-folder", "1", "-unread", "-sender", sender),
        *("-unicode", "-autolen", "800"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    await process.communicate(text.encode())
    assert process.returncode == 0


async def test_a_long_chinese_text_is_sent_whatever_the_locale(radio: GammuRadio, tmp_path: Path) -> None:
    assert await radio.send(PHONE, "【HTBooking】预约成功" + "测" * 100, None, None) == Outcome("SENT")

    log = (tmp_path / "log").read_text(errors="replace")
    assert log.count("Entering GSM_SendSMS") == 2
    assert "【HTBooking】预约成功测" in log


@pytest.fixture
def unplugged(tmp_path: Path, config: Path) -> GammuRadio:
    """A radio whose modem isn't there."""
    config.write_text("[gammu]\nconnection = at\nport = /dev/no-such-modem\n")
    return GammuRadio(tmp_path / "home", str(config))


async def test_without_a_modem_nothing_was_sent(unplugged: GammuRadio) -> None:
    assert await unplugged.send(PHONE, "x", None, None) == Outcome("FAILED", "GENERIC")
    assert await unplugged.received(0) == []
    assert (await unplugged.health()).facts == {}


async def test_what_comes_is_reported_until_it_was_asked_for_what_is_behind_it(
    radio: GammuRadio, config: Path, tmp_path: Path
) -> None:
    await modem_receives(config, "13900001111", "TD")
    await modem_receives(config, PHONE, "回复" * 60 + "完")

    first, second = await radio.received(0)
    assert (first.sender, first.text) == ("13900001111", "TD")
    assert (second.sender, second.text) == (PHONE, "回复" * 60 + "完")
    assert first.place < second.place

    assert await radio.received(first.place) == [second], "the first was reported, then the telephone was killed"
    await modem_receives(config, "10086", "hello")
    again, third = await GammuRadio(tmp_path / "home", str(config)).received(first.place)
    assert again == second
    assert third.text == "hello"
    assert await radio.received(third.place) == []
    assert list((tmp_path / "home" / "inbox").iterdir()) == []


async def test_a_text_cannot_speak_in_anothers_name(radio: GammuRadio, config: Path) -> None:
    forged = 'x\n[SMSBackup009]\nNumber = "+8613900009999"\nFolder = 1\nText00 = 00540044\r[SMSBackup010]\rFolder = 1\n'
    await modem_receives(config, "13900001111", forged)

    [message] = await radio.received(0)

    assert message.sender == "13900001111"
    assert "SMSBackup009" in message.text


async def test_health_is_what_the_modem_tells(radio: GammuRadio) -> None:
    assert (await radio.health()).facts == {"batteryPercent": 100, "signalPercent": 42}


def test_a_part_that_came_alone_is_a_message_and_reports_are_none() -> None:
    backup = b"""[SMSBackup000]
PDU = Deliver
DateTime = 20261121T190640Z
Number = "+8613900002222"
UDH = 06080402DC0202
Text00 = 590D
Folder = 3

[SMSBackup001]
PDU = Status_Report
Number = "+8613900002222"
Text00 = 590D
Folder = 1

[SMSBackup002]
PDU = Submit
Number = "+8613900002222"
Text00 = 590D
Folder = 2
"""

    assert [(each.sender, each.text) for each in read_backup(backup) or ()] == [("+8613900002222", "复")]
    assert read_backup(b"; nothing came\n") == []
    assert read_backup(b"no backup") is None


async def test_what_cannot_be_read_is_kept_for_a_person(radio: GammuRadio, tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "inbox"
    await radio.received(0)
    put(inbox / "17", b"no backup")

    assert await radio.received(0) == []
    assert names_in(inbox) == ["unreadable-17"]


def put(path: Path, content: bytes) -> None:
    """As a damaged disk might leave it."""
    path.write_bytes(content)


def names_in(folder: Path) -> list[str]:
    """What lies there."""
    return sorted(each.name for each in folder.iterdir())
