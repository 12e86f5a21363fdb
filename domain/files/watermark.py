"""Marks what a reviewer sees of an identity picture, so that a copy of it can serve no other end."""

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from domain.files.picture import encoded

TEXT = "仅用于预约挂号实名认证"
_PICTURE = Path(__file__).parent / "data" / "watermark.png"
OPACITY = 0.42
ANGLE = 28


def watermarked(jpeg: bytes) -> bytes:
    """The JPEG with TEXT across it, again and again."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as opened:
        picture = opened.convert("RGB")
    width = max(160, picture.width // 3)
    text = _text()
    mark = text.resize((width, max(1, text.height * width // text.width))).rotate(ANGLE, expand=True)
    mark = mark.point(lambda level: level * OPACITY)
    for row, top in enumerate(range(-mark.height // 3, picture.height, mark.height)):
        shift = mark.width // 2 if row % 2 else 0
        for left in range(-shift, picture.width, mark.width):
            picture.paste((190, 30, 30), (left, top), mark)
    return encoded(picture)


@cache
def _text() -> Image.Image:
    with Image.open(_PICTURE) as picture:
        return picture.convert("L")
