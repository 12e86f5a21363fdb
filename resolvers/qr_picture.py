"""Texts as QR pictures."""

from io import BytesIO

import qrcode
from qrcode.image.svg import SvgPathImage


def qr_picture(text: str, margin: int) -> str:
    """The text as a QR picture: a whole SVG document, with a margin so many modules wide."""
    picture = qrcode.QRCode(border=margin, image_factory=SvgPathImage)
    picture.add_data(text)
    drawn = BytesIO()
    picture.make_image().save(drawn)
    return drawn.getvalue().decode()
