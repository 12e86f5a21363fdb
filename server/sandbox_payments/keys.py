"""The simulated merchant's and providers' keys: made at the first start, kept in the data directory.

They open nothing outside it. Their numbers say what they are, so that an installation for real refuses them.
"""

import contextlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.payments.rsa_signatures import private_key_of

FILE = "keys.json"
_PAIRS = ("wechat_merchant", "wechat_provider", "alipay_merchant", "alipay_provider")


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """One merchant's and both providers' keys. The merchant's side and the providers' are the same process here."""

    wechat_merchant: rsa.RSAPrivateKey = field(repr=False)
    wechat_provider: rsa.RSAPrivateKey = field(repr=False)
    wechat_api_key: bytes = field(repr=False)
    alipay_merchant: rsa.RSAPrivateKey = field(repr=False)
    alipay_provider: rsa.RSAPrivateKey = field(repr=False)


def sandbox_keys(folder: Path) -> SandboxKeys:
    """Those of the folder, made if it has none."""
    file = folder / FILE
    if not file.exists():
        _make(file)
    kept = orjson.loads(file.read_bytes())
    pairs = {name: private_key_of(kept[name]) for name in _PAIRS}
    return SandboxKeys(**pairs, wechat_api_key=kept["wechat_api_key"].encode())


def _make(file: Path) -> None:
    """Several processes may try at once: one file appears, whole, and the others read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = {name: _pem(rsa.generate_private_key(65537, 2048)) for name in _PAIRS}
    text = orjson.dumps({**keys, "wechat_api_key": secrets.token_hex(16)})
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
        # Unlike a rename, a link never replaces the keys that somebody else has just made.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
