"""What every object store can do, whether it is a folder or a cloud's bucket."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import uuid4

LINK_SECONDS = 300
"""How long a signed link lasts at most."""
CHUNK_BYTES = 64 * 1024

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class ObjectMissingError(Exception):
    """There is no object of this key."""


class ObjectTooLargeError(Exception):
    """More bytes came than were announced; nothing was stored."""


class ObjectStorageDownError(Exception):
    """The store does not answer, or refuses the platform's own credentials. The message holds no secret."""


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What a store knows of an object."""

    size: int
    content_type: str
    """As it was stored; empty when the store keeps none."""


@dataclass(frozen=True, slots=True)
class Download:
    """How a browser is to take an object that it fetches by a link."""

    content_type: str
    file_name: str
    """ASCII, made by the platform: never the name a person gave."""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class SignedUpload:
    """How to bring one object: a PUT to `url` with exactly these headers."""

    url: str
    headers: Mapping[str, str]
    expires_at: datetime


class ObjectStore(Protocol):
    """Objects by their keys. A key is made by `new_object_key` and says nothing about its content."""

    async def put(self, key: str, content: AsyncIterator[bytes], *, size: int, content_type: str) -> None:
        """Store an object whole or not at all, in place of an earlier one. Raises ObjectTooLargeError past `size`
        bytes, ObjectStorageDownError."""
        ...

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The object's bytes, in pieces. Raises ObjectMissingError, ObjectStorageDownError when it is iterated."""
        ...

    async def stat(self, key: str) -> ObjectFacts | None:
        """What is known of the object, None if there is none. Raises ObjectStorageDownError."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; no fault if there is none. Raises ObjectStorageDownError."""
        ...

    def presign_get(self, key: str, download: Download, *, now: datetime, subject: str) -> str:
        """A link that hands out this object for five minutes. `subject` names whom it was made for."""
        ...

    def presign_put(self, key: str, *, content_type: str, size: int, now: datetime, subject: str) -> SignedUpload:
        """A link that takes this object for five minutes: of this type, of exactly this many bytes, and only once."""
        ...


def new_object_key() -> str:
    """A key nobody can guess, spread over 256 folders."""
    name = str(uuid4())
    return f"{name[:2]}/{name}"


def checked_key(key: str) -> str:
    """The key itself. Raises ValueError unless `new_object_key` can have made it, so no key leaves its folder."""
    if not _KEY.fullmatch(key) or key[:2] != key[3:5]:
        raise ValueError("not the key of an object")
    return key


def content_disposition(download: Download) -> str:
    """The header that tells a browser to show or to save."""
    return f'{"inline" if download.inline else "attachment"}; filename="{download.file_name}"'
