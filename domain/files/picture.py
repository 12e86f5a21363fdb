"""Makes a new picture of an old one's pixels alone: place, camera and whatever hid in the file are gone."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
QUALITY = 88
# A decoded picture takes hundreds of megabytes, so few are decoded at a time.
_decoding = asyncio.Semaphore(2)

# Pillow's own limit only warns; ours is checked on the header, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None

T = TypeVar("T")


class PictureTooLargeError(Exception):
    """It has more pixels than are decoded here, however few bytes it is."""


class PictureUnreadableError(Exception):
    """It begins like a picture and is none, or is cut off."""


async def in_thread(work: Callable[[], T]) -> T:
    """Do work on pictures beside the event loop, at most two at a time."""
    async with _decoding:
        return await asyncio.to_thread(work)


def as_jpeg(content: bytes, *, longest_edge: int) -> bytes:
    """The picture as a JPEG that is upright, opaque, at most this long, and carries nothing but pixels.

    Raises PictureTooLargeError, PictureUnreadableError.
    """
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureTooLargeError
            # JPEG only: decodes at a fraction of the size, for far less memory.
            picture.draft("RGB", (longest_edge, longest_edge))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((longest_edge, longest_edge))
            return encoded(_opaque(upright))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise PictureUnreadableError from error


def encoded(picture: Image.Image) -> bytes:
    """A JPEG of the pixels."""
    written = BytesIO()
    # Pixels are copied into a new picture: `info` of the old one would carry its EXIF and profiles along.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")
