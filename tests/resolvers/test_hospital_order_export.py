"""A hospital's orders as a workbook, for its own staff alone."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.booking_order import BookingOrder
from domain.hospitals import order_workbook
from domain.permissions import Role
from tests.booking import OpenSession, booked, new_bookable_hospital, new_booker, new_session
from tests.onboarding import done
from tests.order_steps import key_of
from tests.platform import Platform, StaffPerson

EXPORT = """mutation ($input: ExportHospitalOrdersInput!) { exportHospitalOrders(input: $input) { __typename
  ... on HospitalOrdersExportReady { url rowCount } ... on InvalidInput { fields { field code } } } }"""
ORIGIN = "http://platform.test"
DAYS = {"fromDay": "2026-11-20", "toDay": "2026-11-30"}


async def exported(platform: Platform, staff: StaffPerson, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of the workbook, the first of them the heads."""
    ready = await done(platform, EXPORT, staff.token, **DAYS, **more)
    assert ready["__typename"] == "HospitalOrdersExportReady", ready
    fetched = await platform.http.get(ORIGIN + ready["url"])
    assert fetched.status_code == 200, fetched.text
    assert 'filename="orders-20261120-20261130.xlsx"' in fetched.headers["content-disposition"]
    [sheet] = openpyxl.load_workbook(BytesIO(fetched.content)).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == ready["rowCount"] + 1
    return rows


async def clerk_of(platform: Platform, session: OpenSession) -> StaffPerson:
    """A clerk of the session's hospital."""
    return await platform.new_staff(Role.HOSPITAL_CLERK, hospital=session.hospital)


async def test_it_holds_the_own_hospitals_orders_masked_and_runs_no_formula(platform: Platform) -> None:
    mine, other = await new_session(platform), await new_session(platform)
    order = await booked(platform, await new_booker(platform), mine)
    await booked(platform, await new_booker(platform), other)
    async with platform.stores.sql.unit_of_work() as session:
        row = await session.get(BookingOrder, key_of(order["id"]))
        assert row is not None
        row.texts = {**row.texts, "doctor": '=HYPERLINK("http://evil.example","x")'}
        row.hospital_record_id = "+1|cmd"
    clerk = await clerk_of(platform, mine)
    heads, only = await exported(platform, clerk)
    shown = dict(zip(heads, only, strict=True))
    assert (shown["Order"], shown["State"], shown["Patient"]) == (
        order["orderNumber"],
        "Waiting for payment",
        order["patientName"],
    )
    assert (str(shown["Fee"]), shown["Department"], shown["Number"]) == ("9.67", "心内科", 1)
    assert shown["Doctor"] == '\'=HYPERLINK("http://evil.example","x")'
    assert shown["Hospital's record"] == "'+1|cmd"
    assert "张三丰" not in str(only)
    async with platform.stores.sql.read() as session:
        criteria = AuditCriteria(action="HOSPITAL_ORDERS_EXPORTED", subject_id=mine.hospital.code)
        [entry] = await AuditReads(session).page(criteria, None, 10)
    assert (entry.actor_id, entry.detail["rows"]) == (str(clerk.key), 1)


async def test_many_orders_are_read_batch_by_batch_each_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital = await new_bookable_hospital(platform)
    sessions = [await new_session(platform, hospital, date=f"2026-11-2{day}") for day in (7, 4, 4)]
    orders = [await booked(platform, await new_booker(platform), sessions[at % 3]) for at in range(5)]
    monkeypatch.setattr(order_workbook, "BATCH", 2)
    heads, *rows = await exported(platform, await clerk_of(platform, sessions[0]))
    assert sorted(row[0] for row in rows) == sorted(order["orderNumber"] for order in orders)
    dates = [row[heads.index("Date")] for row in rows]
    assert dates == sorted(dates)
    assert (await exported(platform, await clerk_of(platform, sessions[0]), departmentCode="99"))[1:] == []
    monkeypatch.setattr(order_workbook, "MOST_ROWS", 4)
    refused = await done(platform, EXPORT, (await clerk_of(platform, sessions[0])).token, **DAYS)
    assert refused["fields"] == [{"field": "toDay", "code": "OUT_OF_RANGE"}]


async def test_a_link_is_short_lived_and_worth_nothing_altered(platform: Platform) -> None:
    session, other = await new_session(platform), await new_session(platform)
    clerk = await clerk_of(platform, session)
    ready = await done(platform, EXPORT, clerk.token, **DAYS)
    turned = ready["url"].replace(session.hospital.code, other.hospital.code)
    assert turned != ready["url"]
    assert (await platform.http.get(ORIGIN + turned)).status_code == 403
    platform.clock.now += timedelta(minutes=6)
    assert (await platform.http.get(ORIGIN + ready["url"])).status_code == 403
    backwards = await done(platform, EXPORT, clerk.token, fromDay="2026-11-30", toDay="2026-11-20")
    assert backwards["fields"] == [{"field": "toDay", "code": "OUT_OF_RANGE"}]
