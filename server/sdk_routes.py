"""`/sdk`: hospitals' Python package to download, with its digest, as `make sdk` built it."""

import hashlib
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from html import escape
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.pages import html, not_found, page

SDK_PATH = "/sdk"
BUILT = Path(__file__).parent.parent / "clients" / "hospital" / "sdk" / "dist"
# The address that is handed out carries the file's own digest, so what it once answered never changes.
_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"

_SHOWN = 16
"""Digits of the digest in that address."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """The package's built file, read once."""

    file: str
    content: bytes
    sha256: str
    name: str
    version: str
    requires_python: str

    @classmethod
    def found(cls, folder: Path = BUILT) -> "Wheel | None":
        """The one in the folder; None before the first build."""
        files = sorted(folder.glob("*.whl"))
        if not files:
            return None
        with zipfile.ZipFile(files[-1]) as archive:
            [metadata] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
            said = HeaderParser().parsestr(archive.read(metadata).decode())
        content = files[-1].read_bytes()
        return cls(
            file=files[-1].name,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            name=said["Name"],
            version=said["Version"],
            requires_python=said["Requires-Python"],
        )


class SdkRoutes:
    """The routes and the file that they hand out."""

    def __init__(self, wheel: Wheel | None, site_url: str) -> None:
        self._wheel = wheel
        self._site_url = site_url

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [
            Route(SDK_PATH, self.show),
            Route(f"{SDK_PATH}/", self.show),
            Route(f"{SDK_PATH}/index.json", self.index),
            Route(f"{SDK_PATH}/{{file}}", self.download),
        ]

    async def show(self, request: Request) -> Response:
        """The page for people."""
        if self._wheel is None:
            return await not_found(request, Exception())
        wheel, command = self._wheel, f"pip install '{self._address(self._wheel)}'"
        response = html(
            page(
                "Python SDK",
                '<p lang="zh">医院系统接入用的 Python 包：签名、批量推送、事件流、确认与停诊。</p>'
                '<p lang="en">The Python package for hospitals\' systems: signing, pushes, events, answers.</p>'
                f"<p><code>{escape(command)}</code></p>"
                f"<p>SHA-256 <code>{wheel.sha256}</code></p>"
                f'<ul><li><a href="{SDK_PATH}/{escape(wheel.file)}"><b>{escape(wheel.file)}</b>'
                f'<span lang="zh">{len(wheel.content):,} 字节，Python {escape(wheel.requires_python)}</span>'
                f'<span lang="en">{len(wheel.content):,} bytes, Python {escape(wheel.requires_python)}</span></a></li>'
                f'<li><a href="{SDK_PATH}/index.json"><b>index.json</b><span lang="zh">供程序读取</span>'
                '<span lang="en">The same for programs</span></a></li></ul>',
            )
        )
        response.headers["cache-control"] = _SHORTLY
        return response

    async def index(self, _request: Request) -> Response:
        """The same for programs."""
        if self._wheel is None:
            return _nothing()
        wheel = self._wheel
        body = orjson.dumps(
            {
                "name": wheel.name,
                "version": wheel.version,
                "requiresPython": wheel.requires_python,
                "file": wheel.file,
                "url": self._address(wheel),
                "size": len(wheel.content),
                "sha256": wheel.sha256,
            }
        )
        return Response(body, media_type="application/json", headers={"cache-control": _SHORTLY})

    async def download(self, request: Request) -> Response:
        """The file, to whoever has not got it yet."""
        wheel = self._wheel
        if wheel is None or request.path_params["file"] != wheel.file:
            return _nothing()
        tag = f'"{wheel.sha256}"'
        cache = _FOREVER if request.query_params.get("v") == wheel.sha256[:_SHOWN] else _SHORTLY
        headers = {"cache-control": cache, "etag": tag, "x-content-type-options": "nosniff"}
        if tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        return Response(
            wheel.content,
            media_type="application/zip",
            headers=headers | {"content-disposition": f'attachment; filename="{wheel.file}"'},
        )

    def _address(self, wheel: Wheel) -> str:
        return f"{self._site_url}{SDK_PATH}/{wheel.file}?v={wheel.sha256[:_SHOWN]}#sha256={wheel.sha256}"


def _nothing() -> Response:
    return Response("404: there is no such file.\n", 404, media_type="text/plain")
