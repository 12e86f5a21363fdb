"""A half-day that the hospital cuts into slices: each number has its time, and keeps the one it was booked with."""

from datetime import timedelta

from tests.booking import VISIT_DATE, booked, new_bookable_hospital, new_booker, new_session
from tests.platform import Platform

ORDER = "query ($id: ID!) { node(id: $id) { ... on Order { number fetchTime fetchAddress } } }"
SLICES = [{"startsAt": "8:00", "numbers": 1}, {"startsAt": "09:30", "numbers": 5}]


async def test_each_number_has_the_time_of_its_slice(platform: Platform) -> None:
    session = await new_session(platform, slices=SLICES, fetchAddress="门诊楼2层分诊台")
    times = []
    for _ in range(2):
        booker = await new_booker(platform)
        order = await booked(platform, booker, session)
        seen = (await platform.data(ORDER, {"id": order["id"]}, bearer=booker.token))["node"]
        times.append((seen["number"], seen["fetchTime"], seen["fetchAddress"]))
    day = VISIT_DATE.isoformat()
    assert times == [
        (1, f"{day}T08:00:00+08:00", "门诊楼2层分诊台"),
        (2, f"{day}T09:30:00+08:00", "门诊楼2层分诊台"),
    ]


async def test_slices_that_are_out_of_order_or_malformed_are_refused_by_name(platform: Platform) -> None:
    hospital = await new_bookable_hospital(platform)
    entry = {
        "externalId": "s1",
        "departmentCode": "11",
        "date": (VISIT_DATE + timedelta(days=1)).isoformat(),
        "halfDay": "AM",
        "capacity": 20,
        "fee": "0",
    }
    for slices, field in (
        (SLICES[::-1], "slices"),
        ([{"startsAt": "25:00", "numbers": 1}], "slices.0.startsAt"),
        ([{"startsAt": "08:00", "numbers": 0}], "slices.0.numbers"),
    ):
        answer = await platform.push(hospital, "upsertSchedule", {"schedule": entry | {"slices": slices}})
        assert answer["__typename"] == "InvalidInput", answer
        assert [each["field"] for each in answer["fields"]] == [field]
