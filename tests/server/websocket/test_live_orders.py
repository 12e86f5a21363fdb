"""One's own orders, watched over real sockets; nobody else's ever come."""

from typing import Any

from tests.booking import booked, new_bookers, new_session
from tests.server.websocket.client import Client, client
from tests.server.websocket.test_live import figures
from tests.server.websocket.test_platform import Served, here

__all__ = ["here"]

WATCH = "subscription { myOrders { id state isLive patientName } }"
CANCEL = "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }"


async def orders(watcher: Client) -> list[dict[str, Any]]:
    """The orders in the next event."""
    message = await watcher.receive()
    assert message["type"] == "next", message
    found: list[dict[str, Any]] = message["payload"]["data"]["myOrders"]
    return found


async def test_an_order_is_told_to_its_owner_at_each_step_and_to_nobody_else(here: Served) -> None:
    one, other = await new_bookers(here.platform.stores, here.platform.ring, 2)
    session = await new_session(here.platform, fee="0")
    async with client(here.origin) as owner, client(here.origin) as stranger:
        await owner.initialise(authorization=f"Bearer {one.token}")
        await stranger.initialise(authorization=f"Bearer {other.token}")
        for watcher in (owner, stranger):
            await watcher.subscribe(WATCH)
            assert await orders(watcher) == []

        made = await booked(here.platform, one, session)
        [order] = await orders(owner)
        assert (order["id"], order["isLive"]) == (made["id"], True)

        cancelled = await here.platform.data(
            CANCEL, {"input": {"orderId": made["id"], "idempotencyKey": "k"}}, bearer=one.token
        )
        assert cancelled["cancelOrder"]["__typename"] == "OrderCancelled", cancelled
        [order] = await orders(owner)
        assert (order["id"], order["isLive"]) == (made["id"], False)

        theirs = await booked(here.platform, other, session)
        # The first thing that the stranger is told after an empty list is an order of their own.
        assert [order["id"] for order in await orders(stranger)] == [theirs["id"]]


async def test_the_tabs_of_one_session_share_and_those_of_two_people_never(here: Served) -> None:
    one, other = await new_bookers(here.platform.stores, here.platform.ring, 2)
    async with client(here.origin) as tab, client(here.origin) as second_tab, client(here.origin) as stranger:
        for watcher, booker in ((tab, one), (second_tab, one), (stranger, other)):
            await watcher.initialise(authorization=f"Bearer {booker.token}")
            await watcher.subscribe(WATCH)
            assert await orders(watcher) == []
        assert (await figures(here))["htbooking_streams"] == 2


async def test_a_visitor_watches_nobodys_orders(here: Served) -> None:
    async with client(here.origin) as visitor:
        await visitor.initialise()
        await visitor.subscribe(WATCH)
        answer = await visitor.receive()
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
