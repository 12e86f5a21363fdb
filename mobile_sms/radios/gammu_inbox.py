"""Received messages in a file of `gammu backupsms`.

Its texts are hexadecimal, so no message can pretend to be another one, as it could in what gammu prints for people.
"""

import configparser
import hashlib
import io
from dataclasses import dataclass

_INBOXES = ("1", "3")
"""gammu counts the SIM's inbox and outbox, then the modem's own."""
_REPORT = "Status_Report"
_CONCATENATED_8, _CONCATENATED_16 = "0003", "0804"


@dataclass(frozen=True)
class Received:
    """A message, of all of its parts that came. The key is the same whenever it is read again."""

    key: str
    sender: str
    text: str


def read_backup(data: bytes) -> list[Received] | None:
    """The messages in a backup, in the order in which they stand there; None if it can't be read."""
    backup = configparser.ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=(";",), strict=False, empty_lines_in_values=False
    )
    try:
        # Texts stand in comments as well, and gammu begins a new comment behind a line feed alone: nothing else may be
        # taken for the end of a line.
        backup.read_file(io.StringIO(data.decode(errors="replace"), newline="\n"))
    except configparser.Error:
        return None
    parts: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    moments: dict[tuple[str, ...], str] = {}
    for name in backup.sections():
        part = backup[name]
        if part.get("Folder") not in _INBOXES or part.get("PDU") == _REPORT:
            continue
        sender = part.get("Number", "").strip('"')
        place = _place_of(part.get("UDH", ""))
        whole: tuple[str, ...] = (sender, name) if place is None else (sender, *place[:2])
        parts.setdefault(whole, []).append((0 if place is None else place[2], _text_of(part)))
        moments.setdefault(whole, part.get("DateTime", ""))
    found = []
    for whole, texts in parts.items():
        words = "".join(text for _, text in sorted(texts))
        key = hashlib.sha256("\0".join((whole[0], moments[whole], words)).encode()).hexdigest()[:32]
        found.append(Received(key, whole[0], words))
    return found


def _place_of(header: str) -> tuple[str, str, int] | None:
    """Of a concatenated part: the whole's reference, the number of parts, which of them this is (3GPP TS 23.040)."""
    identity, fields = header[2:6], header[6:]
    if identity == _CONCATENATED_8 and len(fields) >= 6:
        return fields[:2], fields[2:4], int(fields[4:6], 16)
    if identity == _CONCATENATED_16 and len(fields) >= 8:
        return fields[:4], fields[4:6], int(fields[6:8], 16)
    return None


def _text_of(part: configparser.SectionProxy) -> str:
    """The lines Text00, Text01 … are one hexadecimal text in UTF-16."""
    lines: list[str] = []
    while (line := part.get(f"Text{len(lines):02}")) is not None:
        lines.append(line)
    try:
        return bytes.fromhex("".join(lines)).decode("utf-16-be", errors="replace")
    except ValueError:
        return ""
