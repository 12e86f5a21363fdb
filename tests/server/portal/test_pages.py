"""The portal's pages and files as they leave the server, from a small build of the test's own, no store being there."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from domain.language import Language
from schema.graph import graph
from server.app import limits_of
from server.http.documents import Documents
from server.http.execution import Execution, core_schema
from server.http.observed import Observed
from server.http.trusted_documents import MANIFEST as OPERATIONS
from server.metrics import Metrics
from server.portal.built import Built
from server.portal.first_answers import FirstAnswers
from server.portal.heads import MOST_DESCRIBED, announcement_head, department_head, hospital_head, json_script
from server.portal.pages import ADDRESSES, Portal
from server.settings import Settings
from tests.server.http.front_door import manifest_of

ROOT = Path(__file__).parent.parent.parent.parent
FRAME = '<!doctype html><html lang="zh-CN"><head><!-- head --></head><body><!-- first answer --></body></html>'
MANIFEST = {
    "index.html": {"file": "assets/index.js", "imports": ["_shared.js"]},
    "_shared.js": {"file": "assets/shared.js"},
    "src/words/en.ts": {"file": "assets/en.js"},
    "src/pages/HospitalPage.vue": {"file": "assets/hospital.js", "imports": ["_shared.js"], "css": ["assets/h.css"]},
}
# Answered without any store, and with nothing of what these operations ask for in earnest.
DOCUMENTS = {
    "Home": "query Home { __typename }",
    "Filters": "query Filters { __typename }",
    "HospitalPage": "query HospitalPage($code: String!) { hospital(code: $code) { name } }",
}
PAGE = {"accept": "text/html", "accept-encoding": "identity"}
HOSPITAL = {
    "name": "</script><b>医院",
    "address": "某路1号",
    "introduction": "介绍",
    "phone": "010-1",
    "departmentTree": [
        {"code": "1", "name": "内科", "isLeaf": False, "children": [{"code": "2", "name": "心内科", "isLeaf": True}]}
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build."""
    (tmp_path / "index.html").write_text(FRAME)
    (tmp_path / OPERATIONS).write_text(manifest_of(DOCUMENTS))
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index.js").write_text("plain")
    (tmp_path / "assets" / "index.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "index.js.gz").write_bytes(gzip.compress(b"plain"))
    return tmp_path


@pytest.fixture
async def http(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Calls an application that serves the build alone."""
    built = Built.found(folder)
    assert built is not None
    schema = core_schema(graph)
    documents = Documents(schema, limits_of(Settings()), introspection=False)
    answers = FirstAnswers(
        documents, Execution(graph, seconds=5, hide_suggestions=True), lambda *_: None, built.documents
    )
    portal = Portal(
        built,
        answers,
        zone=ZoneInfo("Asia/Shanghai"),
        public_url="https://a.example",
        upload_origin="https://b.example",
    )
    app = Starlette(
        routes=portal.routes(),
        middleware=[Middleware(Observed, metrics=Metrics())],
        exception_handlers={404: portal.missing},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        yield http


async def test_a_page_is_in_the_readers_language_and_brings_its_first_answer(http: httpx.AsyncClient) -> None:
    page = await http.get("/?text=a&other=b", headers=PAGE | {"accept-language": "en"})
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert "<title>Hospital appointments · HTBooking</title>" in page.text
    assert '<meta name="time-zone" content="Asia/Shanghai">' in page.text
    assert '<link rel="canonical" href="https://a.example/">' in page.text
    first = page.text.partition('<script type="application/json" id="first-answer">')[2].partition("</script>")[0]
    answered = {"language": "en", "data": {"__typename": "Query"}}
    assert json.loads(first) == [
        {"operation": "Home", "variables": {"text": "a"}} | answered,
        {"operation": "Filters", "variables": {}} | answered,
    ]
    assert 'href="/portal/assets/en.js"' in page.text


async def test_the_chosen_language_comes_before_the_browsers(http: httpx.AsyncClient) -> None:
    page = await http.get("/help", headers=PAGE | {"accept-language": "en", "cookie": "htb_language=zh-CN"})
    assert (page.headers["content-language"], "预约挂号" in page.text) == ("zh-CN", True)
    strange = await http.get("/help", headers=PAGE | {"accept-language": "en", "cookie": "htb_language=xx"})
    assert strange.headers["content-language"] == "en"


async def test_a_page_whose_answer_cannot_be_had_asks_for_itself(http: httpx.AsyncClient) -> None:
    page = await http.get("/hospitals/h1", headers=PAGE)
    assert (page.status_code, "first-answer" in page.text) == (200, False)


async def test_pages_may_load_and_tell_nothing_elsewhere(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/orders", headers=PAGE)).headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' https://b.example;" in policy


async def test_pages_are_compressed_for_who_takes_that(http: httpx.AsyncClient) -> None:
    page = await http.get("/orders", headers={"accept": "text/html", "accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "<title>" in page.text


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("br, gzip", "br", b"brotli"),
        ("gzip", "gzip", b"plain"),
        ("br;q=0, gzip;q=0", None, b"plain"),
        ("", None, b"plain"),
    ],
)
async def test_files_are_sent_as_they_were_compressed(
    http: httpx.AsyncClient, accepted: str, encoding: str | None, content: bytes
) -> None:
    async with http.stream("GET", "/portal/assets/index.js", headers={"accept-encoding": accepted}) as file:
        raw = b"".join([part async for part in file.aiter_raw()])
    assert file.headers.get("content-encoding") == encoding
    assert (gzip.decompress(raw) if encoding == "gzip" else raw) == content
    assert file.headers["content-type"].startswith("text/javascript")
    assert (file.headers["vary"], file.headers["cache-control"]) == (
        "accept-encoding",
        "public, max-age=31536000, immutable",
    )


async def test_what_is_nothing_is_404_for_people_and_programs_alike(http: httpx.AsyncClient) -> None:
    person = await http.get("/nothing/here", headers=PAGE)
    program = await http.get("/nothing/here", headers={"accept": "*/*"})
    file = await http.get("/portal/assets/gone.js")
    assert (person.status_code, program.status_code, file.status_code) == (404, 404, 404)
    assert "portal" not in program.text
    assert "immutable" not in file.headers.get("cache-control", "")


def test_without_a_build_there_is_no_portal(tmp_path: Path) -> None:
    assert Built.found(tmp_path) is None


def test_a_page_names_the_files_of_its_own_parts_only(folder: Path) -> None:
    built = Built.found(folder)
    assert built is not None
    page = built.page(language="en", head="", sources=("src/pages/HospitalPage.vue",), first_answer="")
    assert 'href="/portal/assets/hospital.js"' in page
    assert 'rel="stylesheet" crossorigin href="/portal/assets/h.css"' in page
    assert "shared.js" not in page


def test_a_hospital_is_described_and_no_name_becomes_markup() -> None:
    head = hospital_head({"hospital": HOSPITAL}, Language.CHINESE, "https://a.example/hospitals/h1")
    html = head.html(address="https://a.example/hospitals/h1", time_zone="Asia/Shanghai")
    assert "<b>" not in html
    data = json.loads(html.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert (data["@context"], data["@type"], data["address"]) == ("https://schema.org", "Hospital", "某路1号")
    assert data["name"] == HOSPITAL["name"]
    assert data["department"] == [
        {"@type": "MedicalClinic", "name": "心内科", "url": "https://a.example/hospitals/h1/departments/2"}
    ]


def test_a_department_names_each_doctor_once() -> None:
    session = {"doctorName": "张晨", "doctorTitle": "主任医师", "skill": "高血压"}
    answer = {
        "hospital": {"name": "医院"},
        "department": {"name": "心内科", "introduction": ""},
        "bookableDays": {"nodes": [{"schedules": [session, session, session | {"doctorName": ""}]}]},
    }
    head = department_head(answer, Language.ENGLISH, "https://a.example/hospitals/h1/departments/2")
    assert [each["name"] for each in head.data["employee"]] == ["张晨"]
    assert head.data["parentOrganization"]["url"] == "https://a.example/hospitals/h1"


def test_data_in_a_page_cannot_end_its_script() -> None:
    assert "</script>" not in json_script("application/json", "</script>")[:-9]


def test_an_announcements_page_tells_what_it_says_and_when() -> None:
    found = {"title": "停诊", "text": "周六停诊。" * 60, "publishedFrom": "2026-11-20T10:00:00+08:00"}
    head = announcement_head({"announcement": found}, Language.CHINESE, "https://a.example/announcements/x")
    assert (head.title, len(head.description)) == ("停诊", MOST_DESCRIBED)
    assert head.data["datePosted"] == found["publishedFrom"]


def test_every_address_that_the_portals_router_knows_is_served() -> None:
    router = (ROOT / "clients" / "portal" / "src" / "router.ts").read_text()
    known = {re.sub(r":(\w+)", r"{\1}", path) for path in re.findall(r"path: '(/[^']*)'", router)}
    assert known - {"/{rest}(.*)*"} == set(ADDRESSES)
