"""Calls to hospitals' servers: judged, pinned, never led elsewhere."""

import socket

import pytest

from datasources.hospitals.target import TargetPolicy
from datasources.hospitals.webhook_sender import WebhookSender
from tests.hospital_side import hospital_side

SENDER = WebhookSender(TargetPolicy(https_only=False, private_allowed=True))


async def test_a_call_goes_to_the_judged_address_under_the_name() -> None:
    async with hospital_side() as side, SENDER.line() as line:
        port = side.origin.rpartition(":")[2]
        posted = await line.post(f"http://localhost:{port}/hook", b"{}", {"X-Own": "1"})

    assert (posted.status, posted.is_taken, posted.fault) == (204, True, "")
    [(headers, body)] = side.calls
    assert (headers["host"], headers["x-own"], body) == (f"localhost:{port}", "1", b"{}")


async def test_a_redirect_is_not_followed() -> None:
    async with hospital_side() as side, SENDER.line() as line:
        side.status = 307
        posted = await line.post(side.url, b"{}", {})

    assert (posted.status, posted.is_taken, posted.fault) == (307, False, "HTTP_307")
    assert len(side.calls) == 1


async def test_an_endless_answer_is_not_read() -> None:
    async with hospital_side() as side, SENDER.line() as line:
        posted = await line.post(f"{side.origin}/endless", b"{}", {})

    assert posted.is_taken


async def test_who_does_not_listen_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with SENDER.line() as line:
            posted = await line.post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"{}", {})

    assert (posted.status, posted.fault) == (None, "UNREACHABLE")


async def test_who_speaks_no_tls_is_told_so() -> None:
    async with hospital_side() as side, SENDER.line() as line:
        posted = await line.post(side.url.replace("http://", "https://"), b"{}", {})

    assert (posted.status, posted.fault) == (None, "TLS")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_policy_is_asked_at_each_call(host: str) -> None:
    async with hospital_side() as side, WebhookSender(TargetPolicy(https_only=False)).line() as line:
        posted = await line.post(side.url.replace("127.0.0.1", host), b"{}", {})

    assert (posted.fault, side.calls) == ("PRIVATE_ADDRESS", [])
