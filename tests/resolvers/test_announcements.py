"""Announcements: everybody reads what is published, in their language; editors write it, each within their reach."""

from datetime import timedelta
from typing import Any

import pytest

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from domain.global_id import node_reference
from domain.permissions import Role
from tests.platform import ENDPOINT, Hospital, Platform

ENTRY = "id hospitalCode state titleZh textZh titleEn textEn pinned publishedFrom publishedUntil withdrawnAt version"
PROBLEM = "... on Problem { code } ... on InvalidInput { fields { field code message } }"
CREATE = f"""mutation ($input: CreateAnnouncementInput!) {{ createAnnouncement(input: $input) {{ __typename {PROBLEM}
  ... on AnnouncementCreated {{ announcement {{ {ENTRY} }} }} }} }}"""
EDIT = f"""mutation ($input: EditAnnouncementInput!) {{ editAnnouncement(input: $input) {{ __typename {PROBLEM}
  ... on AnnouncementEdited {{ announcement {{ {ENTRY} }} }} }} }}"""
PUBLISH = f"""mutation ($input: PublishAnnouncementInput!) {{ publishAnnouncement(input: $input) {{ __typename {PROBLEM}
  ... on AnnouncementPublished {{ announcement {{ {ENTRY} }} }} }} }}"""
WITHDRAW = f"""mutation ($input: WithdrawAnnouncementInput!) {{ withdrawAnnouncement(input: $input) {{ __typename
  {PROBLEM} ... on AnnouncementWithdrawn {{ announcement {{ {ENTRY} }} }} }} }}"""
READ = """query ($code: String, $publisher: AnnouncementPublisher, $kind: AnnouncementKind, $first: Int! = 20,
                 $after: String) {
  announcements(hospitalCode: $code, publisher: $publisher, kind: $kind, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id title text language pinned hospital { code } publishedUntil } } }"""
ONE = """query ($id: ID!) { announcement(id: $id) { id title }
  node(id: $id) { ... on Announcement { title } } }"""
MANAGED = f"""query ($code: String, $state: AnnouncementState) {{
  managedAnnouncements(hospitalCode: $code, state: $state) {{ totalCount nodes {{ {ENTRY} }} }} }}"""
TEXTS = {"kind": "CLOSURE", "titleZh": "停诊通知", "textZh": "周一停诊。\n请改约。"}


@pytest.fixture
async def hospital(platform: Platform) -> Hospital:
    """One that is listed."""
    return await platform.new_hospital(name="公告医院", regionCode="110101", level="3A")


async def manager_of(platform: Platform, hospital: Hospital) -> str:
    """The token of its manager."""
    return (await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=hospital)).token


async def call(platform: Platform, token: str, query: str, **input: Any) -> Any:
    """The answer to a mutation."""
    (answer,) = (await platform.data(query, {"input": input}, bearer=token)).values()
    return answer


async def published(platform: Platform, token: str, times: dict[str, Any] | None = None, **texts: Any) -> Any:
    """An announcement that was written and published."""
    made = (await call(platform, token, CREATE, texts={**TEXTS, **texts}))["announcement"]
    answer = await call(platform, token, PUBLISH, id=made["id"], version=1, **(times or {}))
    assert answer["__typename"] == "AnnouncementPublished", answer
    return answer["announcement"]


async def read(platform: Platform, code: str, **variables: Any) -> Any:
    """The hospital's notices, as a visitor reads them."""
    return (await platform.data(READ, {"code": code, **variables}))["announcements"]


async def test_a_draft_is_read_by_nobody_until_it_is_published_and_again_after_it_is_withdrawn(
    platform: Platform, hospital: Hospital
) -> None:
    token = await manager_of(platform, hospital)
    made = await call(platform, token, CREATE, texts={**TEXTS, "titleEn": "Closed", "textEn": "Closed on Monday."})
    draft = made["announcement"]
    assert (draft["state"], draft["hospitalCode"], draft["version"]) == ("DRAFT", hospital.code, 1)
    assert (await read(platform, hospital.code))["nodes"] == []
    assert await platform.data(ONE, {"id": draft["id"]}) == {"announcement": None, "node": None}

    await call(platform, token, PUBLISH, id=draft["id"], version=1)
    (english,) = (await read(platform, hospital.code))["nodes"]
    chinese = (await platform.data(READ, {"code": hospital.code}, language="zh-CN"))["announcements"]["nodes"][0]
    assert (english["title"], english["language"], english["hospital"]) == (
        "Closed",
        "ENGLISH",
        {"code": hospital.code},
    )
    assert (chinese["title"], chinese["text"], chinese["language"]) == ("停诊通知", TEXTS["textZh"], "CHINESE")
    assert (await platform.data(ONE, {"id": draft["id"]}))["node"] == {"title": "Closed"}

    withdrawn = await call(platform, token, WITHDRAW, id=draft["id"])
    twice = await call(platform, token, WITHDRAW, id=draft["id"])
    assert (withdrawn["announcement"]["state"], twice["announcement"]["version"]) == ("WITHDRAWN", 3)
    assert (await read(platform, hospital.code))["nodes"] == []
    async with platform.stores.sql.read() as session:
        key = node_reference(draft["id"]).key
        entries = await AuditReads(session).page(AuditCriteria(subject_id=key, within=hospital.code), None, 10)
    actions = ["ANNOUNCEMENT_WITHDRAWN", "ANNOUNCEMENT_PUBLISHED", "ANNOUNCEMENT_CREATED"]
    assert [entry.action for entry in entries] == actions


async def test_what_nobody_wrote_in_english_is_read_in_chinese(platform: Platform, hospital: Hospital) -> None:
    await published(platform, await manager_of(platform, hospital))
    (notice,) = (await read(platform, hospital.code))["nodes"]
    assert (notice["title"], notice["language"]) == ("停诊通知", "CHINESE")


async def test_times_begin_and_end_the_reading_by_themselves(platform: Platform, hospital: Hospital) -> None:
    token, now = await manager_of(platform, hospital), platform.clock()
    times = {"from": (now + timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=2)).isoformat()}
    notice = await published(platform, token, times)
    assert notice["state"] == "SCHEDULED"
    seen = []
    for minutes in (0, 60, 119, 120):
        platform.clock.now = now + timedelta(minutes=minutes)
        seen.append((await read(platform, hospital.code))["totalCount"])
    assert seen == [0, 1, 1, 0]
    platform.clock.now = now + timedelta(hours=3)
    token = await manager_of(platform, hospital)
    listed = await platform.data(MANAGED, {"code": hospital.code, "state": "ENDED"}, bearer=token)
    assert [each["id"] for each in listed["managedAnnouncements"]["nodes"]] == [notice["id"]]

    again = await call(platform, token, PUBLISH, id=notice["id"], version=2)
    assert again["announcement"]["state"] == "PUBLISHED"
    assert again["announcement"]["publishedFrom"] != notice["publishedFrom"], "it is news again"


async def test_a_pinned_notice_stands_above_its_hospitals_others_and_pages_lose_none(
    platform: Platform, hospital: Hospital
) -> None:
    token = await manager_of(platform, hospital)
    for number in range(5):
        platform.clock.now += timedelta(minutes=1)
        await published(platform, token, titleZh=f"通知{number}", kind="HEALTH", pinned=number in (0, 2))
    seen: list[str] = []
    after = None
    while True:
        page = await read(platform, hospital.code, first=2, after=after)
        seen += [node["title"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["通知2", "通知0", "通知4", "通知3", "通知1"]
    assert page["totalCount"] == 5

    all_of_them = {"publisher": "HOSPITALS", "kind": "HEALTH", "first": 100}
    everywhere = (await platform.data(READ, all_of_them))["announcements"]["nodes"]
    own = [node["title"] for node in everywhere if node["hospital"] == {"code": hospital.code}]
    assert own == ["通知4", "通知3", "通知2", "通知1", "通知0"], "a hospital pins nothing in the list of all"


async def test_hospitals_reach_their_own_notices_alone_and_the_platform_all(
    platform: Platform, hospital: Hospital
) -> None:
    own = await manager_of(platform, hospital)
    other = await platform.new_hospital()
    stranger, operator = await manager_of(platform, other), (await platform.new_staff(Role.OPERATOR)).token
    notice = await published(platform, own)
    named = {"id": notice["id"], "version": 2}
    for query, input in ((EDIT, {**named, "texts": TEXTS}), (PUBLISH, named), (WITHDRAW, {"id": notice["id"]})):
        assert (await call(platform, stranger, query, **input))["__typename"] == "NotFound"
    listed = await platform.data(MANAGED, {"code": hospital.code}, bearer=stranger)
    assert listed["managedAnnouncements"] == {"totalCount": 0, "nodes": []}
    refused = await call(platform, stranger, CREATE, texts=TEXTS, hospitalCode=hospital.code)
    assert refused["fields"][0]["field"] == "hospitalCode"
    unknown = await call(platform, operator, CREATE, texts=TEXTS, hospitalCode="nowhere")
    assert unknown["fields"][0]["code"] == "UNKNOWN_REFERENCE"

    edited = await call(platform, operator, EDIT, **named, texts={**TEXTS, "titleZh": "停诊改期"})
    assert (edited["announcement"]["titleZh"], edited["announcement"]["version"]) == ("停诊改期", 3)
    stale = await call(platform, own, EDIT, **named, texts=TEXTS)
    assert (stale["__typename"], stale["code"]) == ("NotAllowed", "CHANGED_MEANWHILE")
    platforms = (await call(platform, operator, CREATE, texts=TEXTS))["announcement"]
    assert platforms["hospitalCode"] is None
    assert (await call(platform, own, WITHDRAW, id=platforms["id"]))["__typename"] == "NotFound"


async def test_what_cannot_be_shown_is_refused_with_its_field(platform: Platform, hospital: Hospital) -> None:
    token = await manager_of(platform, hospital)
    for wrong, field in (
        ({"titleZh": " "}, "titleZh"),
        ({"titleZh": "两\n行"}, "titleZh"),
        ({"titleZh": "题" * 81}, "titleZh"),
        ({"textZh": "翻\u202e转"}, "textZh"),
        ({"textZh": "文" * 10_001}, "textZh"),
        ({"titleEn": "Title"}, "textEn"),
    ):
        answer = await call(platform, token, CREATE, texts={**TEXTS, **wrong})
        assert [each["field"] for each in answer["fields"]] == [field], wrong
    made = (await call(platform, token, CREATE, texts={**TEXTS, "textZh": " <b>粗</b>\r\n次行 "}))["announcement"]
    assert made["textZh"] == "<b>粗</b>\n次行", "plain text stays what it is"
    now = platform.clock()
    for times, field in (
        ({"until": now.isoformat()}, "until"),
        ({"from": "9999-12-31T23:59:59Z"}, "from"),
        ({"from": (now + timedelta(days=2)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}, "until"),
    ):
        answer = await call(platform, token, PUBLISH, id=made["id"], version=1, **times)
        assert [each["field"] for each in answer["fields"]] == [field], times
    local = (now + timedelta(days=1)).replace(tzinfo=None).isoformat(timespec="seconds")
    answer = await call(platform, token, PUBLISH, id=made["id"], version=1, until=local)
    assert answer["announcement"]["publishedUntil"].endswith("+08:00"), "without an offset, in the platform's zone"


async def test_a_visitors_answer_can_be_kept_and_asked_for_by_its_etag(platform: Platform, hospital: Hospital) -> None:
    await published(platform, await manager_of(platform, hospital))
    query = f'{{ announcements(hospitalCode: "{hospital.code}") {{ nodes {{ title }} }} }}'
    first = await platform.http.get(ENDPOINT, params={"query": query})
    again = await platform.http.get(ENDPOINT, params={"query": query}, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
