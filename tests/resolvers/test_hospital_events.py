"""A hospital learns everything that happens to its orders, in order, and nothing of another's."""

from datasources.sql.booking_order import BookingOrder
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from domain.booking.withdrawing import cancel_withdrawn
from domain.hospitals.events import KEPT, KIND_OF, forget_old_events
from domain.permissions import Role
from tests.booking import VISIT_DATE, booked, new_booker, new_bookers, new_session
from tests.hospital_events import LOG, events, kinds
from tests.order_steps import key_of, pay, step
from tests.platform import Platform

CANCEL = "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }"


async def test_each_step_of_an_order_is_one_event_that_says_how_it_left_the_order(platform: Platform) -> None:
    session = await new_session(platform)
    order = await booked(platform, await new_booker(platform), session)
    await pay(platform.stores, key_of(order["id"]), platform.clock())

    placed, paid = (await events(platform, session.hospital))["nodes"]

    assert (placed["kind"], placed["sequence"], placed["state"], placed["by"]) == (
        "ORDER_PLACED",
        1,
        "AWAITING_PAYMENT",
        "user",
    )
    assert (paid["kind"], paid["sequence"], paid["state"]) == ("ORDER_PAID", 2, "PAID")
    assert (placed["paid"]["amount"], paid["paid"]["amount"], paid["fee"]["amount"]) == ("0.00", "9.67", "9.67")
    assert placed["order"] == {"id": order["id"], "state": "PAID", "number": order["number"]}
    assert (placed["orderId"], placed["orderNumber"]) == (order["id"], order["orderNumber"])
    place = (placed["externalId"], placed["departmentCode"], placed["date"], placed["halfDay"], placed["number"])
    assert place == (session.external_id, "11", VISIT_DATE.isoformat(), "AM", order["number"])


async def test_a_withdrawn_sessions_holders_are_an_event_each(platform: Platform) -> None:
    session = await new_session(platform)
    for booker in await new_bookers(platform.stores, platform.ring, 3):
        await booked(platform, booker, session)
    await platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
    now = platform.clock()
    await cancel_withdrawn(platform.stores.sql, now.date(), now)

    assert await kinds(platform, session.hospital) == ["ORDER_PLACED"] * 3 + ["ORDER_WITHDRAWN"] * 3


def test_every_step_has_its_kind() -> None:
    assert KIND_OF.keys() - {"PLACED"} == set(OrderStep)


async def test_pages_go_on_behind_their_cursor_and_leave_nothing_out(platform: Platform) -> None:
    session = await new_session(platform)
    for booker in await new_bookers(platform.stores, platform.ring, 5):
        await booked(platform, booker, session)

    first = await events(platform, session.hospital, first=2)
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (5, True)
    rest = await events(platform, session.hospital, after=first["pageInfo"]["endCursor"])
    sequences = [event["sequence"] for page in (first, rest) for event in page["nodes"]]
    assert (sequences, rest["pageInfo"]["hasNextPage"]) == ([1, 2, 3, 4, 5], False)

    await booked(platform, await new_booker(platform), session)
    more = await events(platform, session.hospital, after=rest["pageInfo"]["endCursor"])
    assert [event["sequence"] for event in more["nodes"]] == [6]


async def test_what_commits_late_comes_late_and_is_not_lost(platform: Platform) -> None:
    session = await new_session(platform)
    orders = [
        await booked(platform, booker, session) for booker in await new_bookers(platform.stores, platform.ring, 2)
    ]
    seen = await events(platform, session.hospital)

    # The first order's payment is written first and committed last, with the log read in between.
    async with platform.stores.sql.unit_of_work() as slow:
        order = await slow.get(BookingOrder, key_of(orders[0]["id"]))
        assert order is not None
        await take_step(slow, order, OrderStep.PAY, Actor.system("test", platform.clock()))
        await pay(platform.stores, key_of(orders[1]["id"]), platform.clock())
        between = await events(platform, session.hospital, after=seen["pageInfo"]["endCursor"])
    after = await events(platform, session.hospital, after=between["pageInfo"]["endCursor"])

    assert [(event["sequence"], event["orderId"]) for event in between["nodes"]] == [(3, orders[1]["id"])]
    assert [(event["sequence"], event["orderId"]) for event in after["nodes"]] == [(4, orders[0]["id"])]


async def test_another_hospital_sees_none_of_it_and_a_strange_cursor_is_refused(platform: Platform) -> None:
    session = await new_session(platform)
    other = await platform.new_hospital()
    await booked(platform, await new_booker(platform), session)
    cursor = (await events(platform, session.hospital))["pageInfo"]["endCursor"]

    assert (await events(platform, other))["nodes"] == []
    for hospital, after in ((other, cursor), (session.hospital, "nonsense")):
        error = await platform.error(LOG, {"after": after}, hospital=hospital)
        assert error["extensions"]["code"] == "BAD_CURSOR"
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=other)
    log = await platform.data(LOG, bearer=clerk.token)
    assert log["hospitalEventLog"]["nodes"] == []


async def test_old_events_are_forgotten_and_numbers_go_on(platform: Platform) -> None:
    session = await new_session(platform, fee="0")
    booker = await new_booker(platform)
    order = await booked(platform, booker, session)
    assert await kinds(platform, session.hospital) == ["ORDER_PLACED"]

    await forget_old_events(platform.stores.sql, platform.clock() + KEPT)
    assert await kinds(platform, session.hospital) == ["ORDER_PLACED"]
    while await forget_old_events(platform.stores.sql, platform.clock() + KEPT * 2):
        pass
    assert await kinds(platform, session.hospital) == []

    await step(platform.stores, key_of(order["id"]), OrderStep.CANCEL, platform.clock())
    [event] = (await events(platform, session.hospital))["nodes"]
    assert (event["sequence"], event["kind"]) == (2, "ORDER_CANCELLED")
