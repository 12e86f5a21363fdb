"""What an upload really is. Its name and announced type are only claims; its bytes decide."""

import re
from dataclasses import dataclass

from datasources.sql.stored_file import FileRefusal
from domain.files.picture import PictureTooLargeError, PictureUnreadableError, as_jpeg, in_thread
from domain.files.purposes import JPEG, PDF, PNG, WEBP, PurposeRule

# Brands of ISO base media files (ISO/IEC 14496-12) that hold HEIF pictures: what iPhones make by default.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})
_PDF_END_BYTES = 2048
# What makes a PDF act by itself or carry other files. Names may be written with #xx for any letter.
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|OpenAction|AA)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is kept of an upload."""

    content: bytes
    content_type: str


async def inspect(
    content: bytes, *, announced_type: str, announced_size: int, rule: PurposeRule
) -> Inspected | FileRefusal:
    """What to keep of the upload, or why nothing of it."""
    if len(content) != announced_size:
        return FileRefusal.WRONG_SIZE
    actual = sniffed(content)
    if actual is FileRefusal.HEIC or actual is FileRefusal.UNKNOWN_FORMAT:
        return actual
    if actual != announced_type or actual not in rule.content_types:
        return FileRefusal.OTHER_FORMAT
    if actual == PDF:
        return _of_pdf(content)
    try:
        return Inspected(await in_thread(lambda: as_jpeg(content, longest_edge=rule.longest_edge)), JPEG)
    except PictureTooLargeError:
        return FileRefusal.TOO_MANY_PIXELS
    except PictureUnreadableError:
        return FileRefusal.UNREADABLE


def sniffed(content: bytes) -> str | FileRefusal:
    """The content type that the first bytes tell."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return PDF
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return FileRefusal.HEIC
    return FileRefusal.UNKNOWN_FORMAT


def _of_pdf(content: bytes) -> Inspected | FileRefusal:
    if b"%%EOF" not in content[-_PDF_END_BYTES:]:
        return FileRefusal.UNREADABLE
    if _ACTIVE_PDF.search(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)):
        return FileRefusal.ACTIVE_CONTENT
    return Inspected(content, PDF)
