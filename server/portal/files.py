"""The portal's built files, compressed beforehand; names change with the content, so they are kept for ever."""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOR_EVER = "public, max-age=31536000, immutable"
_ONE_DAY = "public, max-age=86400"
# In the order of preference, with the ending of the file beside the plain one.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class PortalFiles(StaticFiles):
    """Serves a folder in which `clients/scripts/compress.mjs` has put a `.br` and a `.gz` beside what is worth it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, in an encoding that the asker takes."""
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse):
            response = _encoded(response, Headers(scope=scope))
        response.headers["x-content-type-options"] = "nosniff"
        if response.status_code in {200, 304}:
            response.headers["cache-control"] = _FOR_EVER if path.startswith("assets/") else _ONE_DAY
        return response


def accepts(accept_encoding: str, encoding: str) -> bool:
    """Whether whoever sent this Accept-Encoding takes the encoding (RFC 9110 §12.5.3)."""
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        if name.strip() == encoding:
            return parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _encoded(response: FileResponse, asked: Headers) -> Response:
    plain = Path(response.path)
    for encoding, ending in _ENCODINGS:
        beside = plain.with_name(plain.name + ending)
        if accepts(asked.get("accept-encoding", ""), encoding) and beside.is_file():
            found = FileResponse(beside, media_type=response.media_type, stat_result=beside.stat())
            found.headers["content-encoding"] = encoding
            _vary(found.headers)
            return found
    _vary(response.headers)
    return response


def _vary(headers: MutableHeaders) -> None:
    headers["vary"] = "accept-encoding"
