"""Small pictures for tests, and large ones that look small."""

import io
import struct
import zlib

from PIL import Image


def jpeg(*, exif: bool = False) -> bytes:
    """A JPEG; with `exif` it says where it was taken."""
    written = io.BytesIO()
    data = Image.Exif()
    if exif:
        data[0x010E] = "SECRET PLACE"
    _picture().save(written, "JPEG", exif=data)
    return written.getvalue()


def png() -> bytes:
    """A PNG with transparency."""
    written = io.BytesIO()
    _picture().convert("RGBA").save(written, "PNG")
    return written.getvalue()


def webp() -> bytes:
    """A WebP."""
    written = io.BytesIO()
    _picture().save(written, "WEBP")
    return written.getvalue()


def png_bomb() -> bytes:
    """Some hundred bytes that would unfold to 40 gigabytes."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(9999)))
        + _chunk(b"IEND", b"")
    )


def _picture() -> Image.Image:
    return Image.linear_gradient("L").resize((240, 160)).convert("RGB")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
