"""A hospital's webhook: every event gets there signed, in order for each order, however often its server fails."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from datasources.hospitals.target import TargetPolicy
from datasources.hospitals.webhook_sender import WebhookSender
from datasources.sql.hospital_webhook import HospitalWebhooks
from domain.booking.order_states import OrderStep
from domain.hospitals.delivering import Postman, deliver_due, deliver_to
from domain.hospitals.webhook_retries import LIVES
from domain.hospitals.webhook_signature import signature
from domain.permissions import Role
from tests.booking import OpenSession, booked, new_bookers, new_session
from tests.hospital_side import HospitalSide, hospital_side
from tests.order_steps import key_of, step
from tests.platform import Platform, StaffPerson

SET = """mutation ($url: String!) { setWebhook(input: {url: $url}) { __typename
  ... on WebhookSet { secret webhook { url waitingCount } } ... on InvalidInput { fields { field code message } } } }"""
STATE = """{ hospitalWebhook { url waitingCount deadCount lastFault lastDeliveredAt }
  webhookDeliveries { totalCount nodes { sequence state attempts lastStatus lastFault event { kind } } } }"""
ROTATE = """mutation ($hours: Int!) { rotateWebhookSecret(input: {overlapHours: $hours}) { __typename
  ... on WebhookSecretRotated { secret } } }"""
PING = """mutation ($url: String!) { pingWebhook(input: {url: $url}) { __typename
  ... on WebhookPinged { taken status fault } } }"""
REPLAY = """mutation ($sequences: [Int!]) { replayWebhookDeliveries(input: {sequences: $sequences}) { __typename
  ... on WebhookDeliveriesReplayed { count } } }"""
REMOVE = "mutation ($url: String!) { removeWebhook(input: {url: $url}) { __typename } }"


@pytest.fixture
async def side() -> AsyncIterator[HospitalSide]:
    """The hospital's server."""
    async with hospital_side() as side:
        yield side


def postman_of(platform: Platform) -> Postman:
    """Who delivers, as the worker does."""
    sender = WebhookSender(TargetPolicy(https_only=False, private_allowed=True))
    return Postman(platform.stores.sql, platform.ring, sender, platform.clock)


async def managed(platform: Platform, side: HospitalSide) -> tuple[OpenSession, StaffPerson, str]:
    """A session of a hospital with a webhook, the hospital's manager, and the webhook's secret."""
    session = await new_session(platform, fee="0")
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)
    answer = (await platform.data(SET, {"url": side.url}, bearer=manager.token))["setWebhook"]
    assert answer["__typename"] == "WebhookSet", answer
    return session, manager, answer["secret"]


async def told(platform: Platform, manager: StaffPerson) -> Any:
    """The webhook and its deliveries, as the manager sees them."""
    return await platform.data(STATE, bearer=manager.token)


async def test_events_arrive_once_and_signed(platform: Platform, side: HospitalSide) -> None:
    session, manager, secret = await managed(platform, side)
    order = await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)

    assert await deliver_to(postman_of(platform), session.hospital.code) == 1
    assert await deliver_to(postman_of(platform), session.hospital.code) == 0

    [body] = side.bodies
    assert (body["kind"], body["sequence"], body["orderId"]) == ("ORDER_PLACED", 1, order["id"])
    assert (body["externalId"], body["fee"], body["state"]) == (session.external_id, "0.00", "PAID")
    [(headers, raw)] = side.calls
    timestamp, id = headers["htbooking-webhook-timestamp"], headers["htbooking-webhook-id"]
    assert id == body["id"]
    assert headers["htbooking-webhook-signature"] == "v1=" + signature(secret.encode(), timestamp, id, raw)
    state = await told(platform, manager)
    assert state["hospitalWebhook"]["waitingCount"] == 0
    [delivery] = state["webhookDeliveries"]["nodes"]
    assert (delivery["state"], delivery["attempts"], delivery["event"]["kind"]) == ("DELIVERED", 1, "ORDER_PLACED")


async def test_one_orders_events_wait_for_each_other_and_for_no_others(platform: Platform, side: HospitalSide) -> None:
    session, _, _ = await managed(platform, side)
    stuck, other = [
        await booked(platform, booker, session) for booker in await new_bookers(platform.stores, platform.ring, 2)
    ]
    await step(platform.stores, key_of(stuck["id"]), OrderStep.CANCEL, platform.clock())
    side.refused_orders = {stuck["id"]}

    assert await deliver_to(postman_of(platform), session.hospital.code) == 1
    assert [body["orderId"] for body in side.bodies] == [other["id"]]

    side.refused_orders = set()
    platform.clock.now += timedelta(seconds=6)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 2
    assert [body["kind"] for body in side.bodies] == ["ORDER_PLACED", "ORDER_PLACED", "ORDER_CANCELLED"]


async def test_what_is_refused_for_a_day_dies_and_is_sent_again_when_asked_for(
    platform: Platform, side: HospitalSide
) -> None:
    session, manager, _ = await managed(platform, side)
    await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)
    side.status = 503
    ends = platform.clock.now + LIVES
    while platform.clock.now <= ends:
        await deliver_to(postman_of(platform), session.hospital.code)
        platform.clock.now += timedelta(minutes=30)
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)
    state = await told(platform, manager)
    [delivery] = state["webhookDeliveries"]["nodes"]
    assert (delivery["state"], delivery["lastStatus"], delivery["lastFault"]) == ("DEAD", 503, "HTTP_503")
    assert 8 <= delivery["attempts"] == len(side.calls) <= 12
    assert (state["hospitalWebhook"]["deadCount"], state["hospitalWebhook"]["lastFault"]) == (1, "HTTP_503")

    side.status = 200
    for sequences, count in (([7], 0), ([1], 1), (None, 0)):
        answer = await platform.data(REPLAY, {"sequences": sequences}, bearer=manager.token)
        assert answer["replayWebhookDeliveries"] == {"__typename": "WebhookDeliveriesReplayed", "count": count}
    assert await deliver_to(postman_of(platform), session.hospital.code) == 1
    assert len({headers["htbooking-webhook-id"] for headers, _ in side.calls}) == 1


async def test_a_hospital_that_is_down_is_asked_now_and_then_and_gets_all_in_the_end(
    platform: Platform, side: HospitalSide
) -> None:
    session, _, _ = await managed(platform, side)
    for booker in await new_bookers(platform.stores, platform.ring, 4):
        await booked(platform, booker, session)
    side.status = 502
    for _ in range(10):
        await deliver_due(postman_of(platform))
    assert len(side.calls) == 4, "one round, then a pause"
    platform.clock.now += timedelta(seconds=6)
    await deliver_due(postman_of(platform))
    assert len(side.calls) == 5, "one event is enough to see that it is still down"

    side.status = 200
    platform.clock.now += timedelta(minutes=6)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 4
    assert sorted(body["sequence"] for body in side.bodies) == [1, 2, 3, 4]


async def test_a_worker_that_dies_between_call_and_note_is_followed_by_the_same_call(
    platform: Platform, side: HospitalSide
) -> None:
    session, _, _ = await managed(platform, side)
    await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)
    now = platform.clock()
    async with platform.stores.sql.unit_of_work() as sql:
        assert await HospitalWebhooks(sql).lease(session.hospital.code, now, now + timedelta(minutes=5)) is not None

    assert await deliver_to(postman_of(platform), session.hospital.code) == 0, "another worker is at it"
    platform.clock.now += timedelta(minutes=6)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 1


async def test_a_new_secret_signs_beside_the_old_one_for_a_time(platform: Platform, side: HospitalSide) -> None:
    session, manager, old = await managed(platform, side)
    new = (await platform.data(ROTATE, {"hours": 1}, bearer=manager.token))["rotateWebhookSecret"]["secret"]
    assert new != old
    pinged = (await platform.data(PING, {"url": side.url}, bearer=manager.token))["pingWebhook"]
    assert pinged == {"__typename": "WebhookPinged", "taken": True, "status": 204, "fault": ""}
    headers, raw = side.calls[-1]
    timestamp, id = headers["htbooking-webhook-timestamp"], headers["htbooking-webhook-id"]
    by_both = [f"v1={signature(secret.encode(), timestamp, id, raw)}" for secret in (new, old)]
    assert headers["htbooking-webhook-signature"].split(" ") == by_both

    platform.clock.now += timedelta(hours=2)
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)
    await platform.data(PING, {"url": side.url}, bearer=manager.token)
    assert " " not in side.calls[-1][0]["htbooking-webhook-signature"]
    refused = (await platform.data(ROTATE, {"hours": 999}, bearer=manager.token))["rotateWebhookSecret"]
    assert refused["__typename"] == "InvalidInput"


async def test_a_url_is_changed_without_losing_what_waits_and_a_bad_one_is_refused(
    platform: Platform, side: HospitalSide
) -> None:
    session, manager, _ = await managed(platform, side)
    await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)
    for url, code in (("nonsense", "MALFORMED"), ("https://no-such-host.invalid/", "MALFORMED")):
        refused = (await platform.data(SET, {"url": url}, bearer=manager.token))["setWebhook"]
        assert (refused["__typename"], refused["fields"][0]["code"]) == ("InvalidInput", code)
    again = (await platform.data(SET, {"url": side.url + "?again"}, bearer=manager.token))["setWebhook"]
    assert (again["__typename"], again["secret"]) == ("WebhookSet", None)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 1

    removed = await platform.data(REMOVE, {"url": side.url}, bearer=manager.token)
    assert removed["removeWebhook"]["__typename"] == "NotFound"
    removed = await platform.data(REMOVE, {"url": side.url + "?again"}, bearer=manager.token)
    assert removed["removeWebhook"]["__typename"] == "WebhookRemoved"
    assert (await told(platform, manager))["hospitalWebhook"] is None


async def test_another_hospitals_manager_neither_sees_nor_changes_it(platform: Platform, side: HospitalSide) -> None:
    session, manager, _ = await managed(platform, side)
    await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)
    await deliver_to(postman_of(platform), session.hospital.code)
    stranger = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=await platform.new_hospital())

    state = await told(platform, stranger)
    assert (state["hospitalWebhook"], state["webhookDeliveries"]["nodes"]) == (None, [])
    for call, variables in (
        (PING, {"url": side.url}),
        (REMOVE, {"url": side.url}),
        (REPLAY, {}),
        (ROTATE, {"hours": 1}),
    ):
        [answer] = (await platform.data(call, variables, bearer=stranger.token)).values()
        assert answer["__typename"] == "NotFound"
    assert (await told(platform, manager))["hospitalWebhook"]["url"] == side.url
