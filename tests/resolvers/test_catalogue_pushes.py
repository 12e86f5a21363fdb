"""Hospitals' pushes: replaced by a second one, taken once, whole or not at all, and never another hospital's."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select, update

from datasources.mongo.documents import DepartmentDocument, HospitalDocument, ScheduleDocument
from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.slot_ledger import SlotLedger
from tests.platform import Hospital, Platform
from tests.resolvers.test_catalogue_queries import hospital_with_departments, session


async def ledger(platform: Platform, hospital: Hospital, external_id: str) -> SlotLedger | None:
    async with platform.stores.sql.read() as sql:
        return await sql.get(SlotLedger, f"{hospital.code}:{external_id}")


async def sell(platform: Platform, hospital: Hospital, external_id: str, taken: int) -> None:
    """As many numbers of the session as were sold."""
    async with platform.stores.sql.unit_of_work() as sql:
        await sql.exec(
            update(SlotLedger)
            .where(col(SlotLedger.schedule_id) == f"{hospital.code}:{external_id}")
            .values(taken=taken, next_number=taken + 1)
        )


async def test_a_second_push_really_replaces(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    first = await platform.push(
        hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity="33", available=22, fee=100)}
    )
    assert first["schedule"] == {
        "externalId": "s", "status": "BOOKABLE", "remaining": 22, "fee": {"amount": "100.00"}, "doctorName": "林一鸣",
    }  # fmt: skip
    second = await platform.push(
        hospital,
        "upsertSchedule",
        {"schedule": session("s", "2026-11-23", capacity=5, fee=9.67, status=0, doctorName="许知远")},
    )
    assert second["schedule"] == {
        "externalId": "s", "status": "CLOSED", "remaining": 5, "fee": {"amount": "9.67"}, "doctorName": "许知远",
    }  # fmt: skip
    row = await ledger(platform, hospital, "s")
    assert row is not None
    assert (row.visit_date.isoformat(), row.fee, row.withheld) == ("2026-11-23", Decimal("9.67"), 0)


async def test_the_broken_item_of_a_batch_is_named_and_nothing_of_it_is_applied(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    items = [session(str(number), "2026-11-22") for number in range(10)]
    items[7] |= {"capacity": "many", "fee": "9.675", "halfDay": 7, "departmentCode": "404"}
    refused = await platform.push(hospital, "upsertSchedules", {"items": items})
    assert refused["__typename"] == "InvalidBatch"
    assert {(each["index"], each["field"], each["code"]) for each in refused["items"]} == {
        (7, "capacity", "MALFORMED"),
        (7, "fee", "MALFORMED"),
        (7, "halfDay", "MALFORMED"),
    }
    assert "allOrNothing" in refused["message"]
    async with platform.stores.sql.read() as sql:
        assert (await sql.exec(select(SlotLedger).where(SlotLedger.hospital_code == hospital.code))).all() == []
    assert await ScheduleDocument.find({"hospital_code": hospital.code}).count() == 0


async def test_without_all_or_nothing_the_good_items_are_taken(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    items = [session(str(number), "2026-11-22") for number in range(5)]
    items[1]["departmentCode"] = "404"
    items[3]["doctorCode"] = "nobody"
    items[4]["date"] = "2020-12-13"
    input = {"items": items, "allOrNothing": False, "idempotencyKey": secrets.token_hex(8)}
    taken = await platform.push(hospital, "upsertSchedules", input)
    assert (taken["created"], taken["replaced"], taken["replayed"]) == (2, 0, False)
    assert [(each["index"], each["field"], each["code"]) for each in taken["refused"]] == [
        (1, "departmentCode", "UNKNOWN_REFERENCE"),
        (3, "doctorCode", "UNKNOWN_REFERENCE"),
        (4, "date", "OUT_OF_RANGE"),
    ]
    assert "2020-12-13" in taken["refused"][2]["message"]
    again = await platform.push(hospital, "upsertSchedules", input)
    assert again == taken | {"replayed": True}
    chinese = await platform.push(hospital, "upsertSchedules", input, language="zh-CN")
    assert "已过" in chinese["refused"][2]["message"]


async def test_the_same_key_answers_the_same_and_another_input_is_a_problem(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    key = secrets.token_hex(8)
    input = {"idempotencyKey": key, "items": [session("s", "2026-11-22", capacity=10)]}
    first = await platform.push(hospital, "upsertSchedules", input)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=20)})
    again = await platform.push(hospital, "upsertSchedules", input)
    assert again == first | {"replayed": True}
    row = await ledger(platform, hospital, "s")
    assert row is not None
    assert row.capacity == 20
    other = await platform.push(
        hospital, "upsertSchedules", {"idempotencyKey": key, "items": [session("s", "2026-11-22", capacity=11)]}
    )
    assert (other["__typename"], other["code"]) == ("IdempotencyKeyReused", "IDEMPOTENCY_KEY_REUSED")
    assert key in other["message"]


async def test_the_same_call_many_times_at_once_is_done_once(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    input = {"idempotencyKey": secrets.token_hex(8), "items": [session(str(n), "2026-11-22") for n in range(50)]}
    answers = await asyncio.gather(*(platform.push(hospital, "upsertSchedules", input) for _ in range(12)))
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert {answer["revision"] for answer in answers} == {answers[0]["revision"]}
    async with platform.stores.sql.read() as sql:
        pushes = await sql.exec(
            select(CataloguePush).where(
                CataloguePush.hospital_code == hospital.code, CataloguePush.idempotency_key == input["idempotencyKey"]
            )
        )
        assert len(pushes.all()) == 1


async def test_pushes_at_once_end_with_ledger_and_texts_of_the_same_push(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    names = [f"医生{chr(0x4E00 + number)}" for number in range(20)]
    await asyncio.gather(
        *(
            platform.push(
                hospital,
                "upsertSchedule",
                {"schedule": session("s", "2026-11-22", capacity=number + 1, doctorName=name)},
            )
            for number, name in enumerate(names)
        )
    )
    row = await ledger(platform, hospital, "s")
    text = await ScheduleDocument.get(f"{hospital.code}:s")
    assert row is not None
    assert text is not None
    assert text.doctor_name == names[row.capacity - 1]
    assert text.revision == row.revision


async def test_capacity_goes_up_but_not_below_what_is_sold(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=10)})
    await sell(platform, hospital, "s", 6)
    more = await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=12)})
    assert more["schedule"]["remaining"] == 6
    exact = await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=6)})
    assert exact["schedule"]["remaining"] == 0
    below = await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=5)})
    assert [(each["field"], each["code"]) for each in below["fields"]] == [("capacity", "CAPACITY_BELOW_SOLD")]
    assert "6" in below["fields"][0]["message"]


async def test_a_session_with_sold_numbers_stays_where_it_is(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22")})
    await sell(platform, hospital, "s", 1)
    for change in ({"halfDay": "PM"}, {"date": "2026-11-23"}, {"departmentCode": "12"}):
        moved = await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22") | change})
        assert [each["code"] for each in moved["fields"]] == ["HAS_ORDERS"], change
    removed = await platform.push(hospital, "removeSchedules", {"codes": ["s"]})
    assert [each["code"] for each in removed["items"]] == ["HAS_ORDERS"]
    withdrawn = await platform.push(hospital, "withdrawSchedules", {"codes": ["s"]})
    assert withdrawn["replaced"] == 1
    row = await ledger(platform, hospital, "s")
    assert row is not None
    assert (row.status, row.taken) == ("WITHDRAWN", 1)


async def test_what_a_hospital_sold_itself_is_withheld(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=33, available=22)})
    await sell(platform, hospital, "s", 2)
    # The hospital counts our two sales among what is gone.
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22", capacity=33, available=20)})
    row = await ledger(platform, hospital, "s")
    assert row is not None
    assert (row.withheld, row.taken, row.remaining) == (11, 2, 20)


async def test_removed_sessions_and_doctors_are_gone_from_both_stores(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(
        hospital, "upsertDoctors", {"items": [{"code": "d", "name": "安二", "departmentCodes": ["11"]}]}
    )
    await platform.push(
        hospital, "upsertSchedules", {"items": [session("a", "2026-11-22"), session("b", "2026-11-22")]}
    )
    assert (await platform.push(hospital, "removeSchedules", {"codes": ["a"]}))["removed"] == 1
    assert await ledger(platform, hospital, "a") is None
    assert await ScheduleDocument.get(f"{hospital.code}:a") is None
    assert await ledger(platform, hospital, "b") is not None
    assert (await platform.push(hospital, "removeDoctors", {"codes": ["d"]}))["removed"] == 1
    gone = await platform.push(hospital, "removeDoctors", {"codes": ["d"]})
    assert [(each["index"], each["code"]) for each in gone["items"]] == [(0, "NOT_FOUND")]


async def test_departments_on_which_something_hangs_stay(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22")})
    refused = await platform.push(hospital, "removeDepartments", {"codes": ["1", "11", "nope"]})
    assert [(each["index"], each["code"]) for each in refused["items"]] == [(0, "STILL_IN_USE"), (2, "NOT_FOUND")]
    with_session = await platform.push(hospital, "removeDepartments", {"codes": ["1", "11", "12"]})
    assert [(each["index"], each["code"]) for each in with_session["items"]] == [(1, "STILL_IN_USE")]
    await platform.push(hospital, "removeSchedules", {"codes": ["s"]})
    assert (await platform.push(hospital, "removeDepartments", {"codes": ["11", "12"]}))["removed"] == 2
    parent = await DepartmentDocument.get(f"{hospital.code}:1")
    assert parent is not None
    assert parent.is_leaf


async def test_a_new_child_makes_its_parent_a_branch(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertDepartment", {"department": {"code": 21, "name": "骨科", "parentCode": 2}})
    parent = await DepartmentDocument.get(f"{hospital.code}:2")
    assert parent is not None
    assert not parent.is_leaf
    again = await platform.push(hospital, "upsertDepartment", {"department": {"code": "2", "name": "大外科"}})
    assert again["department"] == {"code": "2", "name": "大外科", "isLeaf": False}


@pytest.mark.parametrize(
    ("items", "refused"),
    [
        ([{"code": "a", "name": "甲", "parentCode": "b"}, {"code": "b", "name": "乙", "parentCode": "a"}], {"CYCLE"}),
        ([{"code": "a", "name": "甲", "parentCode": "a"}], {"CYCLE"}),
        ([{"code": "1", "name": "内科", "parentCode": "11"}], {"CYCLE"}),
        ([{"code": "a", "name": "甲", "parentCode": "zzz"}], {"UNKNOWN_REFERENCE"}),
        ([{"code": "a", "name": "甲"}, {"code": "a", "name": "乙"}], {"DUPLICATE"}),
        ([{"code": "a b", "name": "甲"}], {"MALFORMED"}),
        ([{"code": "a", "name": ""}], {"MISSING"}),
        ([{"code": "a", "name": "甲" * 101}], {"TOO_LONG"}),
        ([{"code": "a", "name": "甲\x00"}], {"MALFORMED"}),
    ],
)
async def test_departments_stay_a_tree_of_well_formed_items(
    platform: Platform, items: list[dict[str, Any]], refused: set[str]
) -> None:
    hospital = await hospital_with_departments(platform)
    answer = await platform.push(hospital, "upsertDepartments", {"items": items})
    assert {each["code"] for each in answer["items"]} == refused
    assert await DepartmentDocument.find({"hospital_code": hospital.code}).count() == 4


async def test_children_of_a_refused_parent_are_refused_with_it(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    items = [
        {"code": "a", "name": "甲", "parentCode": "zzz"},
        {"code": "b", "name": "乙", "parentCode": "a"},
        {"code": "c", "name": "丙", "parentCode": "b"},
        {"code": "d", "name": "丁", "parentCode": "1"},
    ]
    answer = await platform.push(hospital, "upsertDepartments", {"items": items, "allOrNothing": False})
    assert answer["created"] == 1
    assert [each["index"] for each in answer["refused"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"name": "甲院", "level": "9Z"}, "level"),
        ({"name": "甲院", "regionCode": "999999"}, "regionCode"),
        ({"name": "甲院", "regionCode": "北京"}, "regionCode"),
        ({"name": "院"}, "name"),
        ({"name": "甲院", "logo": "aGVsbG8="}, "logo"),
        ({"name": "甲院", "bookingRule": {"releaseTime": "25:00"}}, "bookingRule.releaseTime"),
        ({"name": "甲院", "bookingRule": {"cycle": "0"}}, "bookingRule.cycle"),
        ({"name": "甲院", "bookingRule": {"quitDay": 1}}, "bookingRule.quitDay"),
        ({"name": "甲院", "bookingRuleText": "__import__('os')"}, "bookingRule"),
        ({"name": "甲院", "bookingRuleText": "{'cycle': '7', 'surprise': 1}"}, "bookingRule.surprise"),
        ({"name": "甲院", "introduction": "长" * 20_001}, "introduction"),
    ],
)
async def test_a_hospitals_entry_is_refused_with_the_field_named(
    platform: Platform, entry: dict[str, Any], field: str
) -> None:
    hospital = await platform.new_hospital()
    answer = await platform.push(hospital, "upsertHospital", {"hospital": entry})
    assert answer["__typename"] == "InvalidInput"
    assert [each["field"] for each in answer["fields"]] == [field]
    assert await HospitalDocument.get(hospital.code) is None


async def test_a_rule_in_single_quotes_with_numbers_as_text_is_taken(platform: Platform) -> None:
    rule = (
        "{'cycle': '10', 'releaseTime': '8:45', 'stopTime': '11:30',"
        " 'quitDay': '-1', 'quitTime': '15:30', 'rule': ['取号地点：一层']}"
    )
    hospital = await platform.new_hospital(name="甲院", bookingRuleText=rule)
    found = await platform.data(
        """query ($c: String!) { hospital(code: $c) {
             bookingRule { cycle releaseTime stopTime quitDay quitTime rules } } }""",
        {"c": hospital.code},
    )
    assert found["hospital"]["bookingRule"] == {
        "cycle": 10, "releaseTime": "08:45", "stopTime": "11:30", "quitDay": -1, "quitTime": "15:30",
        "rules": ["取号地点：一层"],
    }  # fmt: skip


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_batch_has_one_to_a_thousand_items(platform: Platform, count: int) -> None:
    hospital = await platform.new_hospital(name="甲院")
    items = [{"code": str(number), "name": "科"} for number in range(count)]
    answer = await platform.push(hospital, "upsertDepartments", {"items": items})
    assert [each["field"] for each in answer["fields"]] == ["items"]


async def test_a_thousand_sessions_go_in_at_once(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    items = [session(str(number), "2026-11-22", capacity=number) for number in range(1000)]
    answer = await platform.push(hospital, "upsertSchedules", {"items": items})
    assert answer["created"] == 1000
    assert await ScheduleDocument.find({"hospital_code": hospital.code}).count() == 1000


async def test_a_locked_hospital_pushes_nothing(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院")
    async with platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, hospital.code)
        assert account is not None
        account.status = "LOCKED"
    answer = await platform.push(hospital, "upsertDepartment", {"department": {"code": "1", "name": "内科"}})
    assert (answer["__typename"], answer["code"]) == ("HospitalLocked", "HOSPITAL_LOCKED")


async def test_a_key_reaches_its_own_hospital_only(platform: Platform) -> None:
    mine = await hospital_with_departments(platform, name="甲院")
    theirs = await hospital_with_departments(platform, name="乙院")
    await platform.push(theirs, "upsertSchedule", {"schedule": session("s", "2026-11-22")})
    for mutation in ("withdrawSchedules", "removeSchedules"):
        answer = await platform.push(mine, mutation, {"codes": ["s", f"{theirs.code}:s"]})
        assert {each["code"] for each in answer["items"]} == {"NOT_FOUND"}
    await platform.push(mine, "upsertSchedule", {"schedule": session("s", "2026-11-25", capacity=1)})
    row = await ledger(platform, theirs, "s")
    assert row is not None
    assert (row.visit_date.isoformat(), row.capacity, row.status) == ("2026-11-22", 20, "BOOKABLE")


@pytest.mark.parametrize(
    "mutation",
    [
        'upsertHospital(input: {idempotencyKey: "k", hospital: {name: "甲院"}})',
        'upsertDepartment(input: {idempotencyKey: "k", department: {code: "1", name: "内科"}})',
        'upsertDoctor(input: {idempotencyKey: "k", doctor: {code: "1", name: "内科"}})',
        """upsertSchedule(input: {idempotencyKey: "k", schedule: {
             externalId: 1, departmentCode: 1, date: 1, halfDay: 1, capacity: 1, fee: 1}})""",
        'upsertDepartments(input: {idempotencyKey: "k", items: []})',
        'upsertDoctors(input: {idempotencyKey: "k", items: []})',
        'upsertSchedules(input: {idempotencyKey: "k", items: []})',
        'removeDepartments(input: {idempotencyKey: "k", codes: ["1"]})',
        'removeDoctors(input: {idempotencyKey: "k", codes: ["1"]})',
        'removeSchedules(input: {idempotencyKey: "k", codes: ["1"]})',
        'withdrawSchedules(input: {idempotencyKey: "k", codes: ["1"]})',
    ],
)
async def test_a_visitor_pushes_nothing(platform: Platform, mutation: str) -> None:
    error = await platform.error(f"mutation {{ {mutation} {{ __typename }} }}")
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_value_of_the_wrong_kind_is_named_by_its_path(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院")
    query = "mutation ($i: UpsertDepartmentsInput!) { upsertDepartments(input: $i) { __typename } }"
    items = [{"code": "1", "name": "内科"}, {"code": "2"}]
    error = await platform.error(query, {"i": {"idempotencyKey": "k", "items": items}}, hospital=hospital)
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "items[1]" in error["message"]


async def test_the_revision_and_time_of_a_push_are_kept(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院")
    document = await HospitalDocument.get(hospital.code)
    assert document is not None
    assert document.revision == 1
    assert document.updated_at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


async def test_a_parent_is_not_removed_while_a_child_is_pushed(platform: Platform) -> None:
    hospital = await platform.new_hospital(name="甲院")
    for attempt in range(12):
        await platform.push(hospital, "upsertDepartment", {"department": {"code": "a", "name": "甲"}})
        child = {"items": [{"code": f"b{attempt}", "name": "乙", "parentCode": "a"}]}
        added, removed = await asyncio.gather(
            platform.push(hospital, "upsertDepartments", child),
            platform.push(hospital, "removeDepartments", {"codes": ["a"]}),
        )
        assert [added["__typename"], removed["__typename"]].count("CataloguePushed") == 1
        known = {each.code for each in await DepartmentDocument.find({"hospital_code": hospital.code}).to_list()}
        assert known == ({"a", f"b{attempt}"} if added["__typename"] == "CataloguePushed" else set())
        if known:
            await platform.push(hospital, "removeDepartments", {"codes": sorted(known)})


@pytest.mark.parametrize("depth", [1, 10])
async def test_a_list_where_one_value_belongs_is_a_problem_of_its_item(platform: Platform, depth: int) -> None:
    hospital = await hospital_with_departments(platform)
    nested: Any = "2026-11-22"
    for _ in range(depth):
        nested = [nested]
    answer = await platform.push(hospital, "upsertSchedules", {"items": [session("s", nested)]})
    assert [(each["index"], each["field"], each["code"]) for each in answer["items"]] == [(0, "date", "MALFORMED")]


async def test_an_entry_meant_for_another_hospital_is_refused(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    answer = await platform.push(hospital, "upsertHospital", {"hospital": {"name": "甲院", "code": "another"}})
    assert [each["field"] for each in answer["fields"]] == ["code"]
    assert hospital.code in answer["message"]
    taken = await platform.push(hospital, "upsertHospital", {"hospital": {"name": "甲院", "code": hospital.code}})
    assert taken["__typename"] == "HospitalUpserted"


async def test_withdrawn_sessions_to_come_are_told_of_the_earliest_first(platform: Platform) -> None:
    hospital, other = await hospital_with_departments(platform), await hospital_with_departments(platform)
    days = {"later": "2026-11-23", "on": "2026-11-22", "sooner": "2026-11-21"}
    for code, day in days.items():
        await platform.push(hospital, "upsertSchedule", {"schedule": session(code, day)})
    await platform.push(other, "upsertSchedule", {"schedule": session("on", "2026-11-22")})
    withdrawn = await platform.push(hospital, "withdrawSchedules", {"codes": ["later", "sooner"]})
    assert withdrawn["replaced"] == 2
    query = """query ($own: String!, $other: String!) {
      own: hospital(code: $own) { withdrawnSessions { externalId date department { code } } }
      other: hospital(code: $other) { withdrawnSessions { externalId } } }"""
    found = await platform.data(query, {"own": hospital.code, "other": other.code})
    told = [(each["externalId"], each["date"]) for each in found["own"]["withdrawnSessions"]]
    assert told == [("sooner", days["sooner"]), ("later", days["later"])]
    assert found["own"]["withdrawnSessions"][0]["department"] is not None
    assert found["other"]["withdrawnSessions"] == []
    platform.clock.now += timedelta(days=2)
    found = await platform.data(query, {"own": hospital.code, "other": other.code})
    assert [each["externalId"] for each in found["own"]["withdrawnSessions"]] == ["later"]
