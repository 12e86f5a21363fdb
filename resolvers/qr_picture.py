"""Texts as QR pictures."""

import base64
from io import BytesIO

import qrcode
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage


def qr_picture(text: str, margin: int) -> str:
    """The text as a QR picture: a whole SVG document, with a margin so many modules wide."""
    picture = qrcode.QRCode(border=margin, image_factory=SvgPathImage)
    picture.add_data(text)
    drawn = BytesIO()
    picture.make_image().save(drawn)
    return drawn.getvalue().decode()


def qr_image(text: str, margin: int) -> str:
    """The same as a PNG in a `data:` address, ten dots a module."""
    picture = qrcode.QRCode(border=margin, box_size=10, image_factory=PilImage)
    picture.add_data(text)
    drawn = BytesIO()
    picture.make_image().save(drawn, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"
