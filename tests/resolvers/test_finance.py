"""Finance: who has paid what, what does not fit, what is to be settled, and taking it away as a workbook."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.booking_order import BookingOrder
from domain.permissions import Role
from tests.booking import booked as book_one
from tests.booking import new_booker, new_session
from tests.order_steps import key_of
from tests.platform import Platform, StaffPerson
from tests.resolvers.test_payments import check, paid_at_provider, pay

LISTS = """query ($number: String!) {
  financePayments(filter: {number: $number}) { totalCount nodes { number state amount { amount } hospitalCode
    orderNumber } }
  financeRefunds(filter: {number: $number}) { totalCount nodes { number } }
}"""
TOTALS = """query ($hospital: String!, $by: TotalsBy!) { financeTotals(
  fromDay: "2026-11-20", toDay: "2026-11-20", by: $by, hospitalCode: $hospital) {
  day hospitalCode payments paid { amount } refunds refunded { amount } net { amount } } }"""
ITEMS = """query ($number: String!) { financeItems(filter: {number: $number, state: OPEN}) { totalCount nodes {
  id kind expected { amount } found { amount } } } }"""
RESOLVE = """mutation ($input: ResolveFinanceItemInput!) { resolveFinanceItem(input: $input) { __typename
  ... on FinanceItemResolved { item { state resolution note resolvedBy } } ... on Problem { code } } }"""
EXPORT = """mutation ($input: ExportFinanceInput!) { exportFinance(input: $input) { __typename
  ... on FinanceExportReady { url } ... on Problem { code } } }"""
RECONCILE = """mutation ($input: ReconcileDayInput!) { reconcileDay(input: $input) { __typename
  ... on ReconciliationRequested { provider day } ... on InvalidInput { fields { field } } } }"""


async def paid(platform: Platform, **changes: Any) -> tuple[dict[str, Any], str, str]:
    """An order that was paid; with its payment's number and its hospital's code."""
    booker, session = await new_booker(platform), await new_session(platform, **changes)
    order = await book_one(platform, booker, session)
    payment = (await pay(platform, booker, order["id"]))["payment"]
    paid_at_provider(platform, payment)
    await check(platform, booker, order["id"])
    return order, payment["number"], session.hospital.code


async def exported(platform: Platform, staff: StaffPerson, kind: str) -> openpyxl.Workbook:
    """The workbook of the day, fetched by its link."""
    input = {"kind": kind, "fromDay": "2026-11-20", "toDay": "2026-11-20"}
    answer = (await platform.data(EXPORT, {"input": input}, bearer=staff.token))["exportFinance"]
    assert answer["__typename"] == "FinanceExportReady", answer
    fetched = await platform.http.get(f"http://platform.test{answer['url']}")
    assert fetched.status_code == 200
    assert (await platform.http.get(f"http://platform.test{answer['url']}1")).status_code == 403
    return openpyxl.load_workbook(BytesIO(fetched.content))


async def test_payments_are_found_by_number_and_summed_by_day_and_hospital(platform: Platform) -> None:
    finance = await platform.new_staff(Role.FINANCE)
    order, number, hospital = await paid(platform)

    found = await platform.data(LISTS, {"number": order["orderNumber"]}, bearer=finance.token)
    assert found["financePayments"] == {
        "totalCount": 1,
        "nodes": [
            {
                "number": number,
                "state": "PAID",
                "amount": {"amount": "9.67"},
                "hospitalCode": hospital,
                "orderNumber": order["orderNumber"],
            }
        ],
    }
    assert found["financeRefunds"]["totalCount"] == 0
    for by, day, code in (("DAY", "2026-11-20", None), ("HOSPITAL", None, hospital)):
        (total,) = (await platform.data(TOTALS, {"hospital": hospital, "by": by}, bearer=finance.token))[
            "financeTotals"
        ]
        assert (total["day"], total["hospitalCode"], total["payments"]) == (day, code, 1)
        assert (total["paid"]["amount"], total["refunded"]["amount"], total["net"]["amount"]) == (
            "9.67",
            "0.00",
            "9.67",
        )


async def test_another_amount_stands_on_the_worklist_until_somebody_says_what_was_done(platform: Platform) -> None:
    finance, reader = await platform.new_staff(Role.FINANCE), await platform.new_staff(Role.READ_ONLY)
    booker = await new_booker(platform)
    order = await book_one(platform, booker, await new_session(platform))
    payment = (await pay(platform, booker, order["id"]))["payment"]
    platform.provider.pay(payment["number"], platform.clock(), Decimal("9.66"))
    await check(platform, booker, order["id"])

    items = (await platform.data(ITEMS, {"number": payment["number"]}, bearer=reader.token))["financeItems"]
    (item,) = items["nodes"]
    lines = (await platform.http.get("http://platform.test/metrics")).text.splitlines()
    (open_items,) = [line for line in lines if line.startswith('htbooking_finance_open_items{kind="AMOUNT_DIFFERS"}')]
    assert float(open_items.rpartition(" ")[2]) >= 1
    assert (item["kind"], item["expected"]["amount"], item["found"]["amount"]) == ("AMOUNT_DIFFERS", "9.67", "9.66")
    input = {"itemId": item["id"], "resolution": "SETTLED_BY_HAND", "note": "已在商户平台退回"}
    refused = await platform.error(RESOLVE, {"input": input}, bearer=reader.token)
    assert refused["extensions"]["code"] == "FORBIDDEN"
    resolved = (await platform.data(RESOLVE, {"input": input}, bearer=finance.token))["resolveFinanceItem"]["item"]
    assert resolved == {
        "state": "RESOLVED",
        "resolution": "SETTLED_BY_HAND",
        "note": "已在商户平台退回",
        "resolvedBy": finance.id,
    }
    assert (await platform.data(ITEMS, {"number": payment["number"]}, bearer=reader.token))["financeItems"][
        "totalCount"
    ] == 0
    async with platform.stores.sql.read() as session:
        criteria = AuditCriteria(action="FINANCE_ITEM_RESOLVED", subject_id=item["id"])
        (entry,) = await AuditReads(session).page(criteria, None, 10)
    assert (entry.actor_id, entry.detail["how"]) == (str(finance.key), "SETTLED_BY_HAND")


async def test_a_workbook_keeps_amounts_to_the_fen_and_runs_no_formula(platform: Platform) -> None:
    finance = await platform.new_staff(Role.FINANCE)
    order, number, hospital = await paid(platform)
    async with platform.stores.sql.unit_of_work() as session:
        row = await session.get(BookingOrder, key_of(order["id"]))
        assert row is not None
        row.texts = {**row.texts, "hospital": '=HYPERLINK("http://evil.example","x")'}

    (sheet,) = (await exported(platform, finance, "PAYMENTS")).worksheets
    (mine,) = [each for each in sheet.iter_rows(min_row=2, values_only=True) if each[0] == number]
    assert (mine[1], mine[2], str(mine[7])) == (order["orderNumber"], hospital, "9.67")
    assert mine[3] == '\'=HYPERLINK("http://evil.example","x")'
    (settled,) = (await exported(platform, finance, "SETTLEMENT")).worksheets
    assert [str(each[7]) for each in settled.iter_rows(min_row=2, values_only=True) if each[1] == hospital] == ["9.67"]
    for kind in ("REFUNDS", "ITEMS"):
        assert (await exported(platform, finance, kind)).worksheets[0].max_column == 13


async def test_a_day_is_compared_again_when_finance_asks_and_only_where_there_is_a_bill(platform: Platform) -> None:
    finance = await platform.new_staff(Role.FINANCE)

    async def asked(provider: str, day: str) -> Any:
        input = {"provider": provider, "day": day}
        return (await platform.data(RECONCILE, {"input": input}, bearer=finance.token))["reconcileDay"]

    assert (await asked("WECHAT_PAY", "2026-11-19"))["__typename"] == "ReconciliationRequested"
    assert (await asked("WECHAT_PAY", "2026-11-20"))["fields"] == [{"field": "day"}]
    assert (await asked("ALIPAY", "2026-11-19"))["fields"] == [{"field": "provider"}]
