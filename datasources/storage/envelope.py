"""Encrypts an object before it reaches any store, under a key of its own, so that the bucket alone shows nothing.

An encrypted object is `0x01 | salt (16)`, then chunks of 64 KiB, each AES-256-GCM with its tag. The chunk key is
HKDF(object's key, salt), so writing an object again never repeats a nonce; the nonce is the chunk's number with a last
byte that is 1 on the final chunk, so chunks that are dropped, swapped or cut off show (the STREAM construction,
https://eprint.iacr.org/2015/189). The object's key itself is stored wrapped by AES-256-GCM-SIV.
"""

import secrets
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datasources.storage.object_store import CHUNK_BYTES

FORMAT = 1
SALT_BYTES = 16
HEAD_BYTES = 1 + SALT_BYTES
TAG_BYTES = 16
NONCE_BYTES = 12


class EnvelopeError(Exception):
    """An object or its key does not open: altered, cut off, moved, or another root key. Holds no content."""


class Envelopes:
    """Makes and opens the keys of objects, by the key of Purpose.FILE."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCMSIV(key)

    def new_key(self, owner: str) -> bytes:
        """A fresh object key, wrapped; it opens only for the same `owner`, the row it is stored in."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, AESGCM.generate_key(256), owner.encode())

    def open_key(self, wrapped: bytes, owner: str) -> bytes:
        """The object key itself. Raises EnvelopeError."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            raise EnvelopeError(f"the key of {owner} does not open") from None


def sealed_size(size: int) -> int:
    """Bytes that an object of this size has once encrypted."""
    return HEAD_BYTES + size + TAG_BYTES * max(1, -(-size // CHUNK_BYTES))


async def sealed(key: bytes, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The encrypted object, in pieces, as its content comes."""
    salt = secrets.token_bytes(SALT_BYTES)
    cipher = _chunk_cipher(key, salt)
    yield bytes([FORMAT]) + salt
    number = 0
    waiting = bytearray()
    async for piece in content:
        waiting += piece
        # One whole chunk stays back: it may turn out to be the final one.
        while len(waiting) > CHUNK_BYTES:
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK_BYTES]), None)
            del waiting[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


async def opened(key: bytes, record: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of an encrypted object. Raises EnvelopeError, at the latest where it was cut off."""
    cipher: AESGCM | None = None
    number = 0
    waiting = bytearray()
    async for piece in record:
        waiting += piece
        if cipher is None:
            if len(waiting) < HEAD_BYTES:
                continue
            if waiting[0] != FORMAT:
                raise EnvelopeError(f"not an encrypted object of format {FORMAT}")
            cipher = _chunk_cipher(key, bytes(waiting[1:HEAD_BYTES]))
            del waiting[:HEAD_BYTES]
        while len(waiting) > CHUNK_BYTES + TAG_BYTES:
            yield _open(cipher, number, bytes(waiting[: CHUNK_BYTES + TAG_BYTES]), last=False)
            del waiting[: CHUNK_BYTES + TAG_BYTES]
            number += 1
    if cipher is None:
        raise EnvelopeError("not an encrypted object: too short")
    yield _open(cipher, number, bytes(waiting), last=True)


def _chunk_cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"htbooking/object/1").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


def _open(cipher: AESGCM, number: int, chunk: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), chunk, None)
    except (InvalidTag, ValueError):
        raise EnvelopeError("an encrypted object was altered or cut off") from None
