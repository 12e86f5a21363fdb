"""The portal's pages: which address shows what, answered with the first answer inside, in the reader's language."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from domain.language import Language, language_of
from server.http.trace import trace_of
from server.pages import not_found
from server.portal.built import FILES_PATH, Built
from server.portal.files import PortalFiles, accepts
from server.portal.first_answers import FirstAnswers
from server.portal.heads import Head, announcement_head, department_head, home_head, hospital_head, json_script

LANGUAGE_COOKIE = "htb_language"
MOST_FILTER_LENGTH = 100

_FILTERS = ("text", "level", "region", "department")
# Everything comes from here; pictures may also be made by the page (QR codes, previews of what is uploaded).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src {connect}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Variables = Callable[[Request], dict[str, object]]
HeadOf = Callable[[Mapping[str, Any], Language, str], Head]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that has something to show before anybody is known."""

    operation: str
    variables: Variables
    source: str
    subject: str | None
    """What its answer must hold, or there is no such page."""
    head: HeadOf
    also: tuple[str, ...] = ()
    """Operations without variables that it asks as well."""


def _filters(request: Request) -> dict[str, object]:
    given = {name: request.query_params.get(name, "")[:MOST_FILTER_LENGTH] for name in _FILTERS}
    return {name: value for name, value in given.items() if value}


_HOME = _Page("Home", _filters, "", None, lambda _answer, language, _address: home_head(language), ("Filters",))
_HOSPITAL = _Page(
    "HospitalPage",
    lambda request: {"code": request.path_params["hospital"]},
    "src/pages/HospitalPage.vue",
    "hospital",
    hospital_head,
)
_DEPARTMENT = _Page(
    "DepartmentPage",
    lambda request: {"hospital": request.path_params["hospital"], "code": request.path_params["department"]},
    "src/pages/DepartmentPage.vue",
    "department",
    department_head,
)
_ANNOUNCEMENT = _Page(
    "AnnouncementPage",
    lambda request: {"id": request.path_params["announcement"]},
    "src/pages/AnnouncementPage.vue",
    "announcement",
    announcement_head,
)
_PUBLIC = {
    "/": _HOME,
    "/hospitals/{hospital}": _HOSPITAL,
    "/hospitals/{hospital}/departments/{department}": _DEPARTMENT,
    "/announcements/{announcement}": _ANNOUNCEMENT,
}
# Their content is somebody's own or fixed: only the frame is served.
_PLAIN = (
    "/book/{session}",
    "/orders",
    "/orders/{order}",
    "/orders/{order}/pay",
    "/orders/{order}/reschedule",
    "/waitlist",
    "/patients",
    "/verification",
    "/notifications",
    "/account",
    "/announcements",
    "/discussion",
    "/discussion/write",
    "/discussion/{post}",
    "/help",
)
ADDRESSES = (*_PUBLIC, *_PLAIN)
"""Those that are pages; a test compares them with the portal's own router."""


class Portal:
    """Serves the pages of one build."""

    def __init__(
        self, built: Built, answers: FirstAnswers, *, zone: ZoneInfo, public_url: str | None, upload_origin: str | None
    ) -> None:
        self._built = built
        self._answers = answers
        self._zone = zone
        self._public_url = public_url
        self._policy = _POLICY.format(connect="'self'" + (f" {upload_origin}" if upload_origin else ""))

    def routes(self) -> list[BaseRoute]:
        """Its pages and its files. Only these addresses: whatever else there is stays what it is."""
        return [
            *(Route(path, self._public(page)) for path, page in _PUBLIC.items()),
            *(Route(path, self.frame) for path in _PLAIN),
            Mount(FILES_PATH, app=PortalFiles(directory=self._built.folder)),
        ]

    async def frame(self, request: Request, *, status: int = 200) -> Response:
        """A page that asks for all it shows by itself."""
        return self._page(request, home_head(_language(request)), status=status)

    async def missing(self, request: Request, error: Exception) -> Response:
        """An address that is nothing here: the portal says so to whoever goes there, and plainly to everything else."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return await self.frame(request, status=404)
        return await not_found(request, error)

    def _public(self, page: _Page) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            language = _language(request)
            trace_of(request.scope).language = language
            asked = {page.operation: page.variables(request)} | {name: {} for name in page.also}
            answers = [await self._answers.ask(request, *each) for each in asked.items()]
            data = answers[0]
            if data is None:
                return await self.frame(request)
            if page.subject is not None and data[page.subject] is None:
                return await self.frame(request, status=404)
            head = page.head(data, language, self._address(request))
            first = [
                {"operation": name, "variables": asked[name], "language": language, "data": answer}
                for name, answer in zip(asked, answers, strict=True)
                if answer is not None
            ]
            return self._page(request, head, source=page.source, first=first)

        return answer

    def _page(
        self, request: Request, head: Head, *, source: str = "", first: object = None, status: int = 200
    ) -> Response:
        language = _language(request)
        content = self._built.page(
            language=language,
            head=head.html(address=self._address(request), time_zone=self._zone.key),
            sources=(f"src/words/{language}.ts", source),
            first_answer="" if first is None else json_script("application/json", first, id="first-answer"),
        ).encode()
        headers = {
            "content-language": language,
            "content-security-policy": self._policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cache-control": "no-cache",
            "vary": "accept-encoding, accept-language, cookie",
        }
        if accepts(request.headers.get("accept-encoding", ""), "gzip"):
            content = gzip.compress(content, 5)
            headers["content-encoding"] = "gzip"
        return HTMLResponse(content, status, headers)

    def _address(self, request: Request) -> str:
        origin = self._public_url or str(request.base_url)
        return origin.rstrip("/") + request.url.path


def _language(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    return language_of(request.headers.get("accept-language", ""))
