"""A file's bytes: where they are kept, and in the clear."""

from collections.abc import AsyncIterator

from datasources.sql.stored_file import FilePurpose, StoredFile
from datasources.storage.envelope import opened, sealed, sealed_size
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import Download, ObjectStore
from domain.files.picture import in_thread
from domain.files.purposes import JPEG, PDF, RULES
from domain.files.watermark import watermarked

_EXTENSIONS = {JPEG: "jpg", PDF: "pdf", "application/zip": "zip"}


def place_of(files: FileStorage, file: StoredFile) -> ObjectStore:
    """The store that holds the inspected file."""
    return files.public if RULES[FilePurpose(file.purpose)].public else files.private


def row_name(file: StoredFile) -> str:
    """What a file's key is bound to."""
    return f"stored_file:{file.id}"


def stored_size(file: StoredFile, size: int) -> int:
    """Bytes that this many have in the store."""
    return size if file.wrapped_key is None else sealed_size(size)


def as_stored(files: FileStorage, file: StoredFile, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes to put into the store. Raises EnvelopeError."""
    if file.wrapped_key is None:
        return content
    return sealed(files.envelopes.open_key(file.wrapped_key, row_name(file)), content)


def in_the_clear(files: FileStorage, file: StoredFile, stored: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The file's own bytes. Raises EnvelopeError, at the latest at the end."""
    if file.wrapped_key is None:
        return stored
    return opened(files.envelopes.open_key(file.wrapped_key, row_name(file)), stored)


def content_of(files: FileStorage, file: StoredFile) -> AsyncIterator[bytes]:
    """A READY file's bytes. Raises ObjectMissingError, ObjectStorageDownError, EnvelopeError."""
    if file.object_key is None:
        raise ValueError(f"{row_name(file)} has no content")
    return in_the_clear(files, file, place_of(files, file).open(file.object_key))


async def marked_content_of(files: FileStorage, file: StoredFile) -> AsyncIterator[bytes]:
    """A picture's bytes with the watermark across it; raises what `content_of` does."""
    whole = b"".join([piece async for piece in content_of(files, file)])
    yield await in_thread(lambda: watermarked(whole))


def download_of(file: StoredFile, *, inline: bool = False) -> Download:
    """How a browser is to take the file."""
    kind = file.purpose.lower().replace("_", "-")
    extension = _EXTENSIONS.get(file.content_type, "bin")
    return Download(
        content_type=file.content_type,
        file_name=f"{kind}-{file.created_at:%Y%m%d}-{file.id.hex[-8:]}.{extension}",
        # A picture made here holds nothing but pixels; anything else is saved, never shown on this origin.
        inline=inline and file.content_type == JPEG,
    )


async def once(content: bytes) -> AsyncIterator[bytes]:
    """Bytes at hand, as a stream."""
    yield content
