"""Browsing: hospitals, departments, doctors, calendars and sessions, as a visitor sees them."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.slot_ledger import SlotLedger
from tests.platform import Hospital, Platform

RULE = {"cycle": 10, "releaseTime": "08:30", "stopTime": "11:30", "quitDay": -1, "quitTime": "15:30"}


async def hospital_with_departments(platform: Platform, name: str = "长春测试医院", **entry: Any) -> Hospital:
    """A hospital with a two-level tree: 内科 above 心内科 and 消化内科, and 外科 alone."""
    hospital = await platform.new_hospital(name=name, bookingRule=RULE, **entry)
    departments = [
        {"code": "1", "name": "内科"},
        {"code": "11", "name": "心内科", "parentCode": "1"},
        {"code": "12", "name": "消化内科", "parentCode": "1"},
        {"code": "2", "name": "外科"},
    ]
    pushed = await platform.push(hospital, "upsertDepartments", {"items": departments})
    assert pushed["created"] == 4, pushed
    return hospital


def session(external_id: str, date: str, **changes: Any) -> dict[str, Any]:
    """A session of department 11 as a hospital pushes it."""
    return {
        "externalId": external_id,
        "departmentCode": "11",
        "date": date,
        "halfDay": "AM",
        "capacity": 20,
        "fee": "9.67",
        "doctorName": "林一鸣",
        "doctorTitle": "主任医师",
    } | changes


async def test_a_hospital_is_found_by_name_pinyin_and_initials(platform: Platform) -> None:
    tag = secrets.choice("甲乙丙丁戊己庚辛")
    hospital = await platform.new_hospital(name=f"长春{tag}某医院", level="三级甲等", regionCode="110101")
    for text in (f"春{tag}某", "changchun", "CHANG chun", "cc", f"长春{tag}"):
        found = await platform.data(
            "query ($t: String) { hospitals(text: $t, first: 100) { nodes { code } } }", {"t": text}
        )
        assert hospital.code in [node["code"] for node in found["hospitals"]["nodes"]], text


@pytest.mark.parametrize("region", ["11", "1101", "110101", "110000", "110100"])
async def test_a_hospital_is_found_by_its_region_at_any_depth(platform: Platform, region: str) -> None:
    hospital = await platform.new_hospital(name="某区医院", regionCode="110101", level=1)
    query = (
        "query ($r: String) { hospitals(region: $r, first: 100) { nodes { code regionName level { name value } } } }"
    )
    found = (await platform.data(query, {"r": region}))["hospitals"]["nodes"]
    mine = next(node for node in found if node["code"] == hospital.code)
    assert mine == {
        "code": hospital.code,
        "regionName": "北京市东城区",
        "level": {"name": "三级甲等", "value": "3A"},
    }
    elsewhere = (await platform.data(query, {"r": "31"}))["hospitals"]["nodes"]
    assert hospital.code not in [node["code"] for node in elsewhere]


async def test_hospitals_are_found_by_level_and_by_a_departments_name(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform, level="2B")
    name = f"罕见病{secrets.token_hex(3)}门诊"
    await platform.push(hospital, "upsertDepartment", {"department": {"code": "9", "name": name}})
    query = "query ($d: String, $l: String) { hospitals(department: $d, level: $l) { totalCount nodes { code } } }"
    found = await platform.data(query, {"d": name, "l": "4"})
    assert found["hospitals"] == {"totalCount": 1, "nodes": [{"code": hospital.code}]}
    assert (await platform.data(query, {"d": name, "l": "3A"}))["hospitals"]["totalCount"] == 0


@pytest.mark.parametrize("sort", ["NAME", "LEVEL", "CODE"])
async def test_paging_visits_every_hospital_once_in_order(platform: Platform, sort: str) -> None:
    tag = f"翻页{secrets.token_hex(3)}"
    levels = ["3A", None, "1U", "3A", "2B", "3S", None]
    made = [await platform.new_hospital(name=f"{tag}{index % 3}院", level=level) for index, level in enumerate(levels)]
    query = """query ($t: String, $s: HospitalSort!, $a: String) {
        hospitals(text: $t, sort: $s, first: 3, after: $a) {
          totalCount edges { cursor node { code } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = (await platform.data(query, {"t": tag, "s": sort, "a": after}))["hospitals"]
        assert page["totalCount"] == len(made)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["code"] for edge in page["edges"]]
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(seen) == sorted(hospital.code for hospital in made)
    if sort == "LEVEL":
        of_level = {hospital.code: level for hospital, level in zip(made, levels, strict=True)}
        assert [of_level[code] for code in seen] == ["3S", "3A", "3A", "2B", "1U", None, None]


async def test_an_unlisted_hospital_and_all_below_it_are_not_there(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s1", "2026-11-21")})
    ids = await platform.data(
        """query ($c: String!) { hospital(code: $c) { id } department(hospitalCode: $c, code: "11") { id }
           schedule(hospitalCode: $c, externalId: "s1") { id } }""",
        {"c": hospital.code},
    )
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, hospital.code)
        assert account is not None
        account.status = "OFFLINE"
    await platform.push(hospital, "upsertHospital", {"hospital": {"name": "长春测试医院"}})
    gone = await platform.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [each["id"] for each in ids.values()]}
    )
    assert gone["nodes"] == [None, None, None]


async def test_the_tree_goes_down_and_up(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    found = await platform.data(
        """query ($c: String!) { hospital(code: $c) {
             departmentTree { code isLeaf children { code isLeaf parent { code } hospital { code } } }
             departments { totalCount nodes { code } } } }""",
        {"c": hospital.code},
    )
    tree = found["hospital"]["departmentTree"]
    assert [(root["code"], root["isLeaf"], [child["code"] for child in root["children"]]) for root in tree] == [
        ("1", False, ["11", "12"]),
        ("2", True, []),
    ]
    assert tree[0]["children"][0]["parent"] == {"code": "1"}
    assert tree[0]["children"][0]["hospital"] == {"code": hospital.code}
    assert found["hospital"]["departments"] == {
        "totalCount": 3,
        "nodes": [{"code": "11"}, {"code": "12"}, {"code": "2"}],
    }


async def test_the_same_department_code_in_two_hospitals_is_two_departments(platform: Platform) -> None:
    one = await hospital_with_departments(platform, name="甲院")
    two = await hospital_with_departments(platform, name="乙院")
    await platform.push(
        two, "upsertDepartment", {"department": {"code": "11", "name": "乙院心内科", "parentCode": "1"}}
    )
    query = """query ($a: String!, $b: String!) { a: department(hospitalCode: $a, code: "11") { name }
               b: department(hospitalCode: $b, code: "11") { name } }"""
    assert await platform.data(query, {"a": one.code, "b": two.code}) == {
        "a": {"name": "心内科"},
        "b": {"name": "乙院心内科"},
    }


CALENDAR = """query ($c: String!, $first: Int! = 20, $after: String) {
  bookableDays(hospitalCode: $c, departmentCode: "11", first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { date state capacity remaining sessionCount withdrawnCount opensAt closesAt } } }"""


async def test_a_calendar_tells_each_dates_state_and_what_remains(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    sessions = [
        session("today", "2026-11-20"),
        session("full", "2026-11-21", available=0),
        session("some-am", "2026-11-22", available=3),
        session("some-pm", "2026-11-22", halfDay="PM", capacity=30, fee=20),
        session("gone", "2026-11-23", status="WITHDRAWN"),
        session("shut", "2026-11-24", status="CLOSED"),
        session("last", "2026-11-30"),
    ]
    await platform.push(hospital, "upsertSchedules", {"items": sessions})

    platform.clock.now = datetime(2026, 11, 20, 0, 29, tzinfo=UTC)
    before = (await platform.data(CALENDAR, {"c": hospital.code}))["bookableDays"]
    assert before["totalCount"] == 10
    assert before["nodes"][-1]["date"] == "2026-11-29"
    assert before["nodes"][-1]["state"] == "COMING"
    assert before["nodes"][-1]["opensAt"] == "2026-11-20T08:30:00+08:00"

    platform.clock.now = datetime(2026, 11, 20, 3, 30, 1, tzinfo=UTC)
    after = (await platform.data(CALENDAR, {"c": hospital.code}))["bookableDays"]
    assert [day["state"] for day in after["nodes"]] == [
        "CLOSED", "FULL", "AVAILABLE", "WITHDRAWN", "CLOSED", *["NO_SESSIONS"] * 5, "COMING",
    ]  # fmt: skip
    some = after["nodes"][2]
    assert (some["capacity"], some["remaining"], some["sessionCount"]) == (50, 33, 2)
    assert after["nodes"][3]["withdrawnCount"] == 1
    assert after["nodes"][10]["remaining"] == 20


async def test_a_calendar_is_paged(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    first = (await platform.data(CALENDAR, {"c": hospital.code, "first": 7}))["bookableDays"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = (await platform.data(CALENDAR, {"c": hospital.code, "first": 7, "after": first["pageInfo"]["endCursor"]}))[
        "bookableDays"
    ]
    dates = [day["date"] for day in first["nodes"] + rest["nodes"]]
    assert dates == sorted(set(dates))
    assert len(dates) == first["totalCount"] == 11
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_a_days_sessions_carry_fee_texts_and_state(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(
        hospital,
        "upsertDoctor",
        {
            "doctor": {
                "code": "d1",
                "name": "曾望舒",
                "title": "副主任医师",
                "skill": "高血压",
                "departmentCodes": ["11"],
            }
        },
    )
    sessions = [
        session("b", "2026-11-22", halfDay=1, capacity="15", fee="100"),
        session("a", "2026-11-22", halfDay="0", doctorCode="d1", doctorName=None, doctorTitle=None),
        session("other", "2026-11-23"),
    ]
    await platform.push(hospital, "upsertSchedules", {"items": sessions})
    query = """query ($c: String!, $h: HalfDay) {
      schedules(hospitalCode: $c, departmentCode: "11", date: "2026-11-22", halfDay: $h) {
        externalId date halfDay status state capacity remaining fee { amount currency } doctorName doctorTitle skill
        doctor { code name departments { code } hospital { code } } department { code } hospital { code } } }"""
    both = (await platform.data(query, {"c": hospital.code}))["schedules"]
    assert [each["externalId"] for each in both] == ["a", "b"]
    assert both[0] == {
        "externalId": "a",
        "date": "2026-11-22",
        "halfDay": "AM",
        "status": "BOOKABLE",
        "state": "AVAILABLE",
        "capacity": 20,
        "remaining": 20,
        "fee": {"amount": "9.67", "currency": "CNY"},
        "doctorName": "曾望舒",
        "doctorTitle": "副主任医师",
        "skill": "高血压",
        "doctor": {
            "code": "d1",
            "name": "曾望舒",
            "departments": [{"code": "11"}],
            "hospital": {"code": hospital.code},
        },
        "department": {"code": "11"},
        "hospital": {"code": hospital.code},
    }
    assert both[1]["fee"]["amount"] == "100.00"
    assert both[1]["doctor"] is None
    afternoon = (await platform.data(query, {"c": hospital.code, "h": "PM"}))["schedules"]
    assert [each["externalId"] for each in afternoon] == ["b"]


async def test_a_session_whose_texts_are_on_their_way_is_not_shown(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    async with platform.stores.sql.unit_of_work() as sql:
        sql.add(
            SlotLedger(
                schedule_id=f"{hospital.code}:bare",
                hospital_code=hospital.code,
                department_code="11",
                external_id="bare",
                visit_date=datetime(2026, 11, 22, tzinfo=UTC).date(),
                half_day="AM",
                fee=Decimal(1),
                capacity=1,
            )
        )
    query = """query ($c: String!) { schedules(hospitalCode: $c, departmentCode: "11", date: "2026-11-22") { id }
               schedule(hospitalCode: $c, externalId: "bare") { id } }"""
    assert await platform.data(query, {"c": hospital.code}) == {"schedules": [], "schedule": None}


async def test_doctors_are_listed_by_hospital_department_and_name(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    doctors = [
        {"code": "1", "name": "曾一", "departmentCodes": ["11"]},
        {"code": "2", "name": "安二", "departmentCodes": ["11", "2"]},
        {"code": "3", "name": "白三", "departmentCodes": ["2"]},
    ]
    await platform.push(hospital, "upsertDoctors", {"items": doctors})
    query = """query ($c: String!, $d: String, $t: String, $a: String) {
      doctors(hospitalCode: $c, departmentCode: $d, text: $t, first: 2, after: $a) {
        totalCount nodes { name } pageInfo { endCursor } } }"""
    page = (await platform.data(query, {"c": hospital.code}))["doctors"]
    assert (page["totalCount"], [each["name"] for each in page["nodes"]]) == (3, ["安二", "白三"])
    rest = (await platform.data(query, {"c": hospital.code, "a": page["pageInfo"]["endCursor"]}))["doctors"]
    assert [each["name"] for each in rest["nodes"]] == ["曾一"]
    of_department = (await platform.data(query, {"c": hospital.code, "d": "11"}))["doctors"]
    assert of_department["totalCount"] == 2
    by_surname = (await platform.data(query, {"c": hospital.code, "t": "zengyi"}))["doctors"]
    assert [each["name"] for each in by_surname["nodes"]] == ["曾一"]
    assert (await platform.data(query, {"c": "nowhere"}))["doctors"] is None
    nested = await platform.data(
        """query ($c: String!) { hospital(code: $c) {
             doctors(first: 2) { totalCount nodes { code } pageInfo { hasNextPage endCursor } }
             departmentTree { code doctors { totalCount nodes { code } } children { doctors(first: 1) {
               totalCount nodes { code } pageInfo { hasNextPage } } } } } }""",
        {"c": hospital.code},
    )
    whole = nested["hospital"]["doctors"]
    assert (whole["totalCount"], [each["code"] for each in whole["nodes"]]) == (3, ["2", "3"])
    assert whole["pageInfo"]["hasNextPage"] is True
    inner, outer = nested["hospital"]["departmentTree"]
    assert outer["doctors"] == {"totalCount": 2, "nodes": [{"code": "2"}, {"code": "3"}]}
    assert inner["doctors"]["totalCount"] == 0
    assert inner["children"][0]["doctors"] == {
        "totalCount": 2, "nodes": [{"code": "2"}], "pageInfo": {"hasNextPage": True},
    }  # fmt: skip


async def test_what_is_not_there_is_null(platform: Platform) -> None:
    assert await platform.data(
        """{ hospital(code: "nowhere") { id } department(hospitalCode: "nowhere", code: "1") { id }
             doctor(hospitalCode: "nowhere", code: "1") { id } schedule(hospitalCode: "nowhere", externalId: "1") { id }
             bookableDays(hospitalCode: "nowhere", departmentCode: "1") { totalCount }
             schedules(hospitalCode: "nowhere", departmentCode: "1", date: "2026-11-22") { id } }"""
    ) == dict.fromkeys(("hospital", "department", "doctor", "schedule", "bookableDays", "schedules"))


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("{ hospitals(first: 100000) { totalCount } }", "BAD_PAGE_SIZE", "100000"),
        ("{ hospitals(first: 0) { totalCount } }", "BAD_PAGE_SIZE", "between 1 and 100"),
        ("{ hospitals(first: -5) { totalCount } }", "BAD_PAGE_SIZE", "-5"),
        ('{ hospitals(after: "%%%") { totalCount } }', "BAD_CURSOR", "endCursor"),
        ('{ hospitals(after: "é") { totalCount } }', "BAD_CURSOR", "endCursor"),
        ('{ hospitals(after: "WyJkb2N0b3JzIiwiYSIsImIiXQ") { totalCount } }', "BAD_CURSOR", "hospitals"),
        ('{ hospitals(level: "9Z") { totalCount } }', "BAD_REQUEST", "9Z"),
        ('{ hospitals(region: "abc") { totalCount } }', "BAD_REQUEST", "GB/T 2260"),
        ('{ node(id: "zzz") { id } }', "BAD_ID", "zzz"),
        ('{ nodes(ids: ["SG9zcGl0YWw6"]) { id } }', "BAD_ID", "SG9zcGl0YWw6"),
    ],
)
async def test_bad_arguments_are_refused_by_name(platform: Platform, query: str, code: str, said: str) -> None:
    error = await platform.error(query)
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    chinese = await platform.error(query, language="zh-CN")
    assert chinese["message"] != error["message"]


async def test_a_cursor_of_another_sort_is_refused(platform: Platform) -> None:
    await platform.new_hospital(name="游标医院")
    cursor = (await platform.data("{ hospitals(sort: NAME, first: 1) { pageInfo { endCursor } } }"))["hospitals"]
    error = await platform.error(
        "query ($a: String) { hospitals(sort: CODE, after: $a) { totalCount } }", {"a": cursor["pageInfo"]["endCursor"]}
    )
    assert error["extensions"]["code"] == "BAD_CURSOR"
