"""`POST /payments/notify/{provider}`: where payment providers tell of trades and refunds.

Anybody can call it. What is not proved changes nothing, and a body that is too long is not read to its end.
"""

import asyncio

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.payments.channel import Acknowledgement
from domain.clock import Clock
from domain.payments.desk import NOTIFY_PATH, PROVIDER_NAMES, PaymentDesk
from domain.payments.notifying import take_notify

MOST_BODY_BYTES = 64 * 1024
LONGEST_SECONDS = 4.0
"""Providers wait five seconds, and then send it again."""

_log = structlog.get_logger(component="payments")
_BY_NAME = {name: provider for provider, name in PROVIDER_NAMES.items()}


class PaymentRoutes:
    """The routes and what they need."""

    def __init__(self, desk: PaymentDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [Route(f"{NOTIFY_PATH}/{{provider}}", self.notify, methods=["POST"])]

    async def notify(self, request: Request) -> Response:
        """Take a provider's message, in the provider's own manner of answering."""
        provider = _BY_NAME.get(request.path_params["provider"])
        channel = None if provider is None else self._desk.channel(provider)
        if channel is None:
            return Response(status_code=404)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                answer = await take_notify(self._desk, channel, request.headers, body, self._clock())
        except Exception as error:  # noqa: BLE001 - whatever it is, the provider is to send it again
            if not isinstance(error, TimeoutError) and unavailable_store(error) is None:
                _log.exception("notify_failed", provider=str(channel.provider))
            else:
                _log.warning("notify_not_taken", provider=str(channel.provider), error=type(error).__name__)
            # Whatever was begun was undone, and the provider sends the message again.
            answer = channel.acknowledge(ok=False)
        return _response(answer)


async def _body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY_BYTES:
            return None
    return body


def _response(answer: Acknowledgement) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(answer.body, answer.status, headers=headers, media_type=answer.media_type)
