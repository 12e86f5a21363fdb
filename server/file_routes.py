"""`/files/…` and `/objects/…`: takes and hands out files by signed links.

`/objects/<area>/<key>` are objects of the local folder, `/files/<id>` files that this server seals and unseals, and
`/files/archive` many of them in one zip. Whoever has a link that holds may use it: a browser's <img> sends no token. So
links are made for one caller, last five minutes, and are worth nothing altered.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from datasources.sql.stored_file import FileState, StoredFile
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.envelope import sealed_size
from datasources.storage.file_storage import FileStorage
from datasources.storage.local_folder import PATH as OBJECTS_PATH
from datasources.storage.local_folder import LocalFolder
from datasources.storage.object_store import (
    Download,
    ObjectMissingError,
    ObjectStorageDownError,
    ObjectTooLargeError,
    content_disposition,
)
from datasources.storage.signed_links import LinkFault, LinkRefusedError
from datasources.stores import Stores
from domain.clock import Clock
from domain.files.archive import zipped
from domain.files.content import as_stored, content_of, download_of, marked_content_of
from domain.files.links import ARCHIVE_PATH, View
from domain.files.uploads import PATH

_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
}
_REFUSED = {
    LinkFault.ALTERED: "This link was not made by this server, or was altered.\n",
    LinkFault.EXPIRED: "This link has expired; ask for a new one.\n",
}
_OTHER_FILE = "The body is not what the link was made for: {announced} bytes of {type}.\n"


class FileRoutes:
    """The routes and what they need."""

    def __init__(self, stores: Stores, files: FileStorage, clock: Clock) -> None:
        self._stores = stores
        self._files = files
        self._clock = clock

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route(ARCHIVE_PATH, self.archive, methods=["GET"]),
            Route(PATH + "/{id:uuid}", self.upload, methods=["PUT"]),
            Route(PATH + "/{id:uuid}", self.download, methods=["GET"]),
            Route(OBJECTS_PATH + "/{area}/{shard}/{name}", self.put_object, methods=["PUT"]),
            Route(OBJECTS_PATH + "/{area}/{shard}/{name}", self.get_object, methods=["GET"]),
        ]

    async def upload(self, request: Request) -> Response:
        """An upload that is sealed before the store sees it."""
        try:
            terms = self._terms(request)
        except LinkRefusedError as refused:
            return _refusal(refused)
        file = await self._file(request.path_params["id"])
        if file is None or file.upload_key is None or file.state != FileState.UPLOADING:
            return _text("This upload has ended.\n", 409)
        if not _is_as_announced(request, terms):
            return _text(_OTHER_FILE.format(announced=terms["size"], type=terms["type"]), 400)
        size = int(terms["size"])
        try:
            if await self._files.private.stat(file.upload_key) is not None:
                return _text("This upload came already.\n", 409)
            content = as_stored(self._files, file, _exactly(request, size))
            await self._files.private.put(
                file.upload_key, content, size=sealed_size(size), content_type="application/octet-stream"
            )
        except ObjectTooLargeError:
            return _text(_OTHER_FILE.format(announced=size, type=terms["type"]), 400)
        except ClientDisconnect:
            return _text("The upload broke off.\n", 400)
        except ObjectStorageDownError:
            return _down()
        return Response(status_code=201, headers=_HEADERS)

    async def download(self, request: Request) -> Response:
        """A sealed file, unsealed; a reviewer's with a watermark."""
        try:
            terms = self._terms(request)
        except LinkRefusedError as refused:
            return _refusal(refused)
        file = await self._file(request.path_params["id"])
        if file is None or file.state != FileState.READY or "view" not in terms:
            return _gone()
        download = download_of(file, inline=terms["show"] == "inline")
        content = marked_content_of if terms["view"] == View.MARKED else content_of
        return await _streamed(content(self._files, file), download)

    async def archive(self, request: Request) -> Response:
        """Many files in one zip."""
        try:
            terms = self._terms(request)
        except LinkRefusedError as refused:
            return _refusal(refused)
        ids = [UUID(hex=each) for each in terms["ids"].split(",")]
        async with self._stores.sql.read() as session:
            found = await StoredFileReads(session).by_ids(ids)
        rows = [found[id] for id in ids if id in found and found[id].state == FileState.READY]
        if len(rows) != len(ids):
            return _gone()
        name = f"files-{self._clock():%Y%m%d-%H%M%S}.zip"
        return await _streamed(zipped(self._files, rows), Download("application/zip", name))

    async def put_object(self, request: Request) -> Response:
        """An upload to the local folder."""
        try:
            terms = self._terms(request)
        except LinkRefusedError as refused:
            return _refusal(refused)
        folder = self._folder(request)
        if folder is None:
            return _gone()
        if not _is_as_announced(request, terms):
            return _text(_OTHER_FILE.format(announced=terms["size"], type=terms["type"]), 400)
        size = int(terms["size"])
        try:
            if not await folder.put_once(_key(request), _exactly(request, size), size=size):
                return _text("This upload came already.\n", 409)
        except ObjectTooLargeError:
            return _text(_OTHER_FILE.format(announced=size, type=terms["type"]), 400)
        except ClientDisconnect:
            return _text("The upload broke off.\n", 400)
        return Response(status_code=201, headers=_HEADERS)

    async def get_object(self, request: Request) -> Response:
        """An object of the local folder."""
        try:
            terms = self._terms(request)
        except LinkRefusedError as refused:
            return _refusal(refused)
        folder = self._folder(request)
        if folder is None:
            return _gone()
        headers = {"Content-Disposition": terms["disposition"]}
        return await _streamed_with(folder.open(_key(request)), terms["type"], headers)

    def _terms(self, request: Request) -> dict[str, str]:
        return self._files.links.terms(
            request.method, request.url.path, request.query_params.multi_items(), now=self._clock()
        )

    def _folder(self, request: Request) -> LocalFolder | None:
        areas = {"public": self._files.public, "private": self._files.private}
        store = areas.get(request.path_params["area"])
        return store if isinstance(store, LocalFolder) else None

    async def _file(self, id: UUID) -> StoredFile | None:
        async with self._stores.sql.read() as session:
            return await StoredFileReads(session).by_id(id)


def _key(request: Request) -> str:
    return f"{request.path_params['shard']}/{request.path_params['name']}"


def _is_as_announced(request: Request, terms: dict[str, str]) -> bool:
    length = request.headers.get("content-length", terms["size"])
    return length == terms["size"] and request.headers.get("content-type") == terms["type"]


async def _exactly(request: Request, size: int) -> AsyncIterator[bytes]:
    """The body. Raises ObjectTooLargeError when it is longer or shorter."""
    came = 0
    async for piece in request.stream():
        came += len(piece)
        if came > size:
            raise ObjectTooLargeError
        yield piece
    if came != size:
        raise ObjectTooLargeError


async def _streamed(content: AsyncIterator[bytes], download: Download) -> Response:
    return await _streamed_with(content, download.content_type, {"Content-Disposition": content_disposition(download)})


async def _streamed_with(content: AsyncIterator[bytes], content_type: str, headers: dict[str, str]) -> Response:
    # The first piece before the status: a file that is gone is a 404, not a broken answer.
    try:
        first = await anext(content, b"")
    except ObjectMissingError:
        return _gone()
    except ObjectStorageDownError:
        return _down()

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for piece in content:
            yield piece

    return StreamingResponse(all_of_it(), media_type=content_type, headers={**_HEADERS, **headers})


def _refusal(refused: LinkRefusedError) -> Response:
    return _text(_REFUSED[refused.fault], 403)


def _gone() -> Response:
    return _text("There is no file here any more.\n", 404)


def _down() -> Response:
    return _text("The file storage does not answer; try again shortly.\n", 503)


def _text(message: str, status: int) -> Response:
    return Response(message, status, headers=_HEADERS, media_type="text/plain")
