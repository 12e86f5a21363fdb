"""The signature of what webhooks are sent, as docs/hospital-events.md publishes it."""

from datetime import UTC, datetime, timedelta

from domain.hospitals.webhook_retries import LIVES, PAUSES, hospital_resumes, next_try
from domain.hospitals.webhook_signature import signature, signed_headers

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ID = "0b9f3c1e-0c5e-4b2a-9a55-6d5a2f1c7e11"
BODY = '{"kind":"PING","说明":"试"}'.encode()


def test_the_published_vector() -> None:
    made = signature(b"whs_test", "1795140000", ID, BODY)
    assert made == "64c06a4406f75724dd1f7cfac857722272c34e8753c92a445ca96db720dd0617"


def test_calls_carry_a_signature_by_each_secret() -> None:
    headers = signed_headers(ID, NOW, BODY, [b"new", b"old"])
    new, old = headers["HTBooking-Webhook-Signature"].split(" ")
    timestamp = headers["HTBooking-Webhook-Timestamp"]
    assert timestamp == str(int(NOW.timestamp()))
    assert headers["HTBooking-Webhook-Id"] == ID
    assert new == "v1=" + signature(b"new", timestamp, ID, BODY)
    assert old == "v1=" + signature(b"old", timestamp, ID, BODY)


def test_tries_back_off_and_a_day_holds_many() -> None:
    now, tries = NOW, 0
    while now <= NOW + LIVES:
        tries += 1
        now = next_try(tries, now)
    assert tries == 13
    assert next_try(1, NOW) - NOW == timedelta(seconds=5)
    assert next_try(500, NOW) - NOW == PAUSES[-1]
    assert [hospital_resumes(failures, NOW) - NOW for failures in (1, 4, 99)] == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=5),
    ]
