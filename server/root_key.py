"""The keys from which every sealing key is derived: the one that seals, and older ones that still open."""

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path

from datasources.sealing import LARGEST_KEY_ID, KeyRing
from server.settings import Mode, Settings
from server.start_error import StartError

ROOT_KEY_BYTES = 32


class RootKeyError(StartError):
    """The root key is missing or is not 32 bytes in base64. The message never shows it."""


def root_key(settings: Settings) -> bytes:
    """The 32 bytes of ROOT_KEY; in development, of a file made once and kept. Raises RootKeyError."""
    if settings.root_key is not None:
        return _decoded(settings.root_key.get_secret_value(), "ROOT_KEY")
    if settings.mode is Mode.PRODUCTION:
        raise RootKeyError("production needs ROOT_KEY: 32 random bytes in base64")
    file = settings.data_directory / "root.key"
    if not file.exists():
        _make(file)
    return _decoded(file.read_text(), str(file))


def key_ring(settings: Settings) -> KeyRing:
    """ROOT_KEY as the one that seals, with RETIRED_ROOT_KEYS, which only open. Raises RootKeyError."""
    roots = {settings.root_key_id: root_key(settings)}
    retired = settings.retired_root_keys.get_secret_value() if settings.retired_root_keys else ""
    for entry in filter(None, map(str.strip, retired.split(","))):
        number, colon, text = entry.partition(":")
        if not colon or not (number.isascii() and number.isdecimal()) or int(number) > LARGEST_KEY_ID:
            raise RootKeyError("RETIRED_ROOT_KEYS is written number:base64,number:base64")
        if int(number) in roots:
            raise RootKeyError(f"key {int(number)} stands twice in ROOT_KEY_ID and RETIRED_ROOT_KEYS")
        roots[int(number)] = _decoded(text, f"key {int(number)} of RETIRED_ROOT_KEYS")
    return KeyRing(roots, active=settings.root_key_id)


def _make(file: Path) -> None:
    """Several processes may try at once: one file appears, whole, and the others read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(ROOT_KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        # Unlike a rename, a link never replaces the key that somebody else has just made.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()


def _decoded(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RootKeyError(f"{source} is not base64") from error
    if len(key) != ROOT_KEY_BYTES:
        raise RootKeyError(f"{source} has {len(key)} bytes after decoding base64, it needs {ROOT_KEY_BYTES}")
    return key
