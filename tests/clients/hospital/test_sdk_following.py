"""What the SDK makes of what comes over the WebSocket and to a webhook."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.hospitals.webhook_signature import signed_headers
from htbooking_hospital import (
    BadRequestError,
    EventsMissedError,
    KeyRefusedError,
    SignatureError,
    UnavailableError,
    WebhookError,
    read_webhook,
)
from htbooking_hospital.conversation import Conversation, Progress, closed, is_passing

EVENT = {
    "cursor": "c1",
    "sequence": 1,
    "kind": "ORDER_PLACED",
    "at": "2026-11-20T10:00:00+08:00",
    "by": "user",
    "reason": "",
    "orderId": "b1",
    "orderNumber": "2611200000000001",
    "state": "AWAITING_PAYMENT",
    "departmentCode": "11",
    "externalId": "s1",
    "date": "2026-11-25",
    "halfDay": "AM",
    "number": 3,
    "fee": "9.67",
    "paid": "0.00",
}


def came(sequence: int) -> str:
    """The message that brings the event with this number."""
    money = {"fee": {"amount": "9.67"}, "paid": {"amount": "0.00"}}
    answer = {**EVENT, **money, "sequence": sequence, "cursor": f"c{sequence}"}
    return json.dumps({"type": "next", "id": "1", "payload": {"data": {"answer": answer}}})


def talk(progress: Progress) -> Conversation:
    """A connection just opened."""
    return Conversation("HTB1 …", "en", progress)


def test_it_subscribes_behind_the_cursor_and_answers_pings() -> None:
    conversation = talk(Progress("c7"))
    opening = json.loads(conversation.opening)
    assert (opening["type"], opening["payload"]) == (
        "connection_init",
        {"authorization": "HTB1 …", "acceptLanguage": "en"},
    )
    reply, event = conversation.take('{"type": "connection_ack"}')
    assert event is None
    assert json.loads(reply or "")["payload"]["variables"] == {"after": "c7"}
    assert conversation.take('{"type": "ping"}') == ('{"type": "pong"}', None)


def test_what_comes_again_after_a_reconnect_is_left_out_and_a_gap_is_told() -> None:
    progress = Progress(None)
    seen = [talk(progress).take(came(number))[1] for number in (1, 2)]
    seen += [talk(progress).take(came(number))[1] for number in (2, 3)]
    assert [event and event.sequence for event in seen] == [1, 2, None, 3]
    assert progress.cursor == "c3"
    with pytest.raises(EventsMissedError, match="1 are missing") as caught:
        talk(progress).take(came(5))
    assert caught.value.cursor == "c5"
    with pytest.raises(EventsMissedError, match="90 are missing"):
        talk(Progress("c9", 9)).take(came(100))


def test_the_end_of_a_connection_is_passing_or_final() -> None:
    assert is_passing(closed(4401, "TOKEN_EXPIRED: over"))
    assert is_passing(closed(1013, "a store is down"))
    assert is_passing(closed(None, "cut"))
    revoked, wrong = closed(4401, "KEY_REVOKED: gone"), closed(4403, "SIGNATURE_WRONG: no")
    assert isinstance(revoked, KeyRefusedError)
    assert isinstance(wrong, SignatureError)
    assert not is_passing(revoked)
    assert not is_passing(wrong)


@pytest.mark.parametrize(
    ("message", "raised"),
    [
        ({"type": "complete"}, UnavailableError),
        ({"type": "error", "payload": [{"message": "m", "extensions": {"code": "BAD_CURSOR"}}]}, BadRequestError),
        (
            {"type": "next", "payload": {"errors": [{"message": "m", "extensions": {"code": "SERVICE_UNAVAILABLE"}}]}},
            UnavailableError,
        ),
    ],
)
def test_what_goes_wrong_in_a_subscription_is_raised(message: dict[str, Any], raised: type[Exception]) -> None:
    with pytest.raises(raised):
        talk(Progress(None)).take(json.dumps(message))


# ---- webhooks ----


def posted(body: dict[str, Any], *secrets: str, at: float | None = None) -> tuple[dict[str, str], bytes]:
    """A call as the platform makes it."""
    raw = json.dumps(body).encode()
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return signed_headers("d1", moment, raw, [each.encode() for each in secrets]), raw


def test_the_platforms_own_calls_are_read() -> None:
    headers, raw = posted(EVENT, "new", "old")
    for secrets in ("new", "old", ["other", "old"]):
        delivery = read_webhook({name.upper(): value for name, value in headers.items()}, raw, secrets)
        assert delivery.event is not None
        assert (delivery.id, delivery.kind, delivery.event.order_id) == ("d1", "ORDER_PLACED", "b1")
    headers, raw = posted({"kind": "PING", "id": "d1"}, "new")
    assert read_webhook(headers, raw, "new").event is None


def test_anything_else_is_refused() -> None:
    headers, raw = posted(EVENT, "secret")
    stale, stale_raw = posted(EVENT, "secret", at=time.time() - 301)
    moved = headers | {"HTBooking-Webhook-Id": "d2"}
    nonsense = signed_headers("d1", datetime.now(UTC), b"[]", [b"secret"])
    for given, body in (
        (headers, raw + b" "),
        (moved, raw),
        (stale, stale_raw),
        ({}, raw),
        (headers | {"HTBooking-Webhook-Signature": "v1=ü"}, raw),
        (headers | {"HTBooking-Webhook-Timestamp": "²"}, raw),
        (nonsense, b"[]"),
    ):
        with pytest.raises(WebhookError):
            read_webhook(given, body, "secret")
    with pytest.raises(WebhookError, match="No signature"):
        read_webhook(headers, raw, "another")
    with pytest.raises(WebhookError):
        read_webhook(headers, raw, [])


def test_the_published_vector_is_right() -> None:
    body = '{"kind":"PING","说明":"试"}'.encode()
    headers = {
        "HTBooking-Webhook-Id": "0b9f3c1e-0c5e-4b2a-9a55-6d5a2f1c7e11",
        "HTBooking-Webhook-Timestamp": "1795140000",
        "HTBooking-Webhook-Signature": "v1=64c06a4406f75724dd1f7cfac857722272c34e8753c92a445ca96db720dd0617",
    }
    assert read_webhook(headers, body, "whs_test", now=1795140000).kind == "PING"
