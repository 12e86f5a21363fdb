"""A hospital's events over real sockets: none is missed between two connections, and nobody else hears them."""

from typing import Any

from domain.integration.keys import issue_key
from htbooking_hospital import fresh_nonce, sign
from tests.booking import booked, new_bookers, new_session
from tests.order_steps import key_of, pay
from tests.platform import Hospital
from tests.server.websocket.client import Client, client
from tests.server.websocket.test_platform import Served, here

__all__ = ["here"]

WATCH = "subscription ($after: String) { hospitalEvents(after: $after) { cursor sequence kind orderId order { id } } }"


async def as_system(here: Served, watcher: Client, hospital: Hospital, after: str | None = None) -> None:
    """Follow the hospital's events, signed with a key of its own."""
    async with here.platform.stores.sql.unit_of_work() as session:
        key = await issue_key(session, here.platform.ring, hospital.code, "")
    now = int(here.platform.clock().timestamp())
    header = sign(key.key_id, key.secret.get_secret_value(), "GET", "/graphql", b"", now, fresh_nonce())
    await watcher.initialise(authorization=header)
    await watcher.subscribe(WATCH, variables={"after": after})


async def event(watcher: Client) -> dict[str, Any]:
    """The next event."""
    message = await watcher.receive()
    assert message["type"] == "next", message
    found: dict[str, Any] = message["payload"]["data"]["hospitalEvents"]
    return found


async def test_events_come_as_they_happen_and_nothing_is_missed_between_two_connections(here: Served) -> None:
    one, two, three = await new_bookers(here.platform.stores, here.platform.ring, 3)
    session = await new_session(here.platform)
    before = await booked(here.platform, one, session)
    async with client(here.origin) as watcher:
        await as_system(here, watcher, session.hospital)
        first = await event(watcher)
        assert (first["sequence"], first["kind"], first["order"]["id"]) == (1, "ORDER_PLACED", before["id"])

        during = await booked(here.platform, two, session)
        second = await event(watcher)
        assert (second["sequence"], second["orderId"]) == (2, during["id"])

    await booked(here.platform, three, session)
    await pay(here.platform.stores, key_of(before["id"]), here.platform.clock())
    manager = await here.platform.new_staff(hospital=session.hospital, roles=["HOSPITAL_MANAGER"])
    async with client(here.origin) as watcher:
        await watcher.initialise(authorization=f"Bearer {manager.token}")
        await watcher.subscribe(WATCH, variables={"after": second["cursor"]})
        assert [((await event(watcher))["sequence"]) for _ in range(2)] == [3, 4]


async def test_another_hospital_is_told_of_its_own_orders_alone(here: Served) -> None:
    one, two = await new_bookers(here.platform.stores, here.platform.ring, 2)
    session, elsewhere = await new_session(here.platform), await new_session(here.platform)
    async with client(here.origin) as stranger:
        await as_system(here, stranger, elsewhere.hospital)
        await booked(here.platform, one, session)
        theirs = await booked(here.platform, two, elsewhere)
        assert (await event(stranger))["orderId"] == theirs["id"]


async def test_a_cursor_of_nobodys_is_refused(here: Served) -> None:
    session = await new_session(here.platform)
    async with client(here.origin) as watcher:
        await as_system(here, watcher, session.hospital, "nonsense")
        answer = await watcher.receive()
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", "BAD_CURSOR")
