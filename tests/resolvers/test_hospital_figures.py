"""A hospital's own figures, and how far a withdrawal is."""

from decimal import Decimal
from typing import Any

import pytest

from domain.booking.order_states import OrderStep
from domain.booking.withdrawing import cancel_withdrawn
from domain.permissions import Role
from tests.booking import VISIT_DATE, booked, new_booker, new_bookers, new_session
from tests.order_steps import key_of, pay, step
from tests.platform import Hospital, Platform
from tests.resolvers.test_payments import check, paid_at_provider
from tests.resolvers.test_payments import pay as pay_at_provider
from tests.resolvers.test_reschedule_order import NEXT_DAY, move

FIGURES = "date departmentCode booked cancelled expired rejected noShow visited revenue { amount }"
STATISTICS = f"""query ($from: Date!, $to: Date!, $department: String) {{
  hospitalStatistics(from: $from, to: $to, departmentCode: $department) {{
    total {{ {FIGURES} }} days {{ {FIGURES} }} departments {{ {FIGURES} }} }} }}"""
WITHDRAWALS = """query ($ids: [String!]!) { sessionWithdrawals(externalIds: $ids) {
  externalId status holdersLeft holdersEnded refundsUnderWay } }"""
DAY = VISIT_DATE.isoformat()
THE_DAY_AFTER = NEXT_DAY.isoformat()


async def statistics(platform: Platform, hospital: Hospital, **more: Any) -> Any:
    """The hospital's figures of the day of the visits."""
    asked = {"from": DAY, "to": DAY, **more}
    return (await platform.data(STATISTICS, asked, hospital=hospital))["hospitalStatistics"]


async def test_figures_count_each_order_once_and_money_that_stays(platform: Platform) -> None:
    session = await new_session(platform)
    orders = [
        key_of((await booked(platform, booker, session))["id"])
        for booker in await new_bookers(platform.stores, platform.ring, 4)
    ]
    now = platform.clock()
    for id in orders[:3]:
        await pay(platform.stores, id, now)
    await step(platform.stores, orders[0], OrderStep.CHECK_IN, now)
    await step(platform.stores, orders[1], OrderStep.CANCEL_PAID, now)
    await step(platform.stores, orders[3], OrderStep.LAPSE, now)

    found = await statistics(platform, session.hospital)

    counted = {"booked": 4, "cancelled": 1, "expired": 1, "rejected": 0, "noShow": 0, "visited": 1}
    money = {"revenue": {"amount": "19.34"}}
    assert found["total"] == {"date": None, "departmentCode": None, **counted, **money}
    assert found["days"] == [{"date": DAY, "departmentCode": None, **counted, **money}]
    assert found["departments"] == [{"date": None, "departmentCode": "11", **counted, **money}]
    assert (await statistics(platform, session.hospital, department="12"))["total"]["booked"] == 0
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=await platform.new_hospital())
    elsewhere = await platform.data(STATISTICS, {"from": DAY, "to": DAY}, bearer=clerk.token)
    nothing = elsewhere["hospitalStatistics"]
    assert (nothing["total"]["booked"], nothing["total"]["revenue"]["amount"]) == (0, "0.00")
    assert (nothing["days"], nothing["departments"]) == ([], [])


async def test_what_goes_back_of_a_cheaper_visit_is_no_income(platform: Platform) -> None:
    booker, first = await new_booker(platform), await new_session(platform, fee="20.01")
    cheap = await new_session(platform, first.hospital, fee="9.67", date=THE_DAY_AFTER, halfDay="PM")
    order = await booked(platform, booker, first)
    paid_at_provider(platform, (await pay_at_provider(platform, booker, order["id"]))["payment"])
    await check(platform, booker, order["id"])
    assert (await statistics(platform, first.hospital))["total"]["revenue"]["amount"] == "20.01"

    moved = (await move(platform, booker, order["id"], cheap))["order"]

    assert moved["paid"]["amount"] == "20.01"
    assert (await statistics(platform, first.hospital))["total"]["booked"] == 0
    (day,) = (await statistics(platform, first.hospital, to=THE_DAY_AFTER))["days"]
    assert (day["date"], day["booked"], day["revenue"]["amount"]) == (THE_DAY_AFTER, 1, "9.67")


async def test_what_was_not_paid_in_full_in_time_has_expired(platform: Platform) -> None:
    session = await new_session(platform)
    id, now = key_of((await booked(platform, await new_booker(platform), session))["id"]), platform.clock()
    await pay(platform.stores, id, now)
    await step(platform.stores, id, OrderStep.RESCHEDULE_OWING, now, fee=Decimal("12.00"), lapses_at=now)
    assert (await statistics(platform, session.hospital))["total"]["revenue"]["amount"] == "9.67"
    await step(platform.stores, id, OrderStep.LAPSE_PAID, now)

    total = (await statistics(platform, session.hospital))["total"]

    assert (total["expired"], total["cancelled"], total["revenue"]["amount"]) == (1, 0, "0.00")


@pytest.mark.parametrize(("first", "last"), [("2026-08-25", "2026-11-25"), ("2026-11-26", "2026-11-25")])
async def test_dates_in_order_and_at_most_92_can_be_asked_for(platform: Platform, first: str, last: str) -> None:
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=await platform.new_hospital())
    error = await platform.error(STATISTICS, {"from": first, "to": last}, bearer=clerk.token)
    assert error["extensions"]["code"] == "BAD_REQUEST"
    longest = {"from": "2026-08-26", "to": "2026-11-25"}
    assert (await platform.data(STATISTICS, longest, bearer=clerk.token))["hospitalStatistics"]["days"] == []


async def test_a_withdrawal_is_seen_to_go_on_until_nobody_is_left(platform: Platform) -> None:
    session = await new_session(platform)
    paid = key_of((await booked(platform, await new_booker(platform), session))["id"])
    await booked(platform, await new_booker(platform), session)
    await pay(platform.stores, paid, platform.clock())

    async def progress(hospital: Hospital) -> Any:
        asked = {"ids": [session.external_id, "nothing"]}
        return (await platform.data(WITHDRAWALS, asked, hospital=hospital))["sessionWithdrawals"]

    before = {"externalId": session.external_id, "holdersEnded": 0, "refundsUnderWay": 0, "holdersLeft": 2}
    assert await progress(session.hospital) == [{**before, "status": "BOOKABLE"}]
    await platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
    assert await progress(session.hospital) == [{**before, "status": "WITHDRAWN"}]
    now = platform.clock()
    await cancel_withdrawn(platform.stores.sql, now.date(), now)

    done = {"holdersLeft": 0, "holdersEnded": 2, "refundsUnderWay": 1, "status": "WITHDRAWN"}
    assert await progress(session.hospital) == [{"externalId": session.external_id, **done}]
    assert await progress(await platform.new_hospital()) == []
    error = await platform.error(WITHDRAWALS, {"ids": ["s"] * 101}, hospital=session.hospital)
    assert error["extensions"]["code"] == "BAD_REQUEST"
