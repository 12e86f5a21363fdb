"""Carries the simulated providers' messages to the platform, over HTTP like the real ones do."""

import asyncio
from contextlib import suppress
from urllib.parse import urlencode

import httpx
import structlog

from datasources.payments.alipay_signature import signed_notify
from datasources.payments.beijing import Clock
from datasources.payments.channel import Provider
from server.sandbox_payments.alipay_fields import notify_fields
from server.sandbox_payments.books import Books
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.keys import SandboxKeys
from server.sandbox_payments.notifies import Flaw, Notify, answered, claim_due
from server.sandbox_payments.wechat_fields import notify_body
from server.sandbox_payments.wechat_proof import signed_headers

LONGEST_SECONDS = 5.0
"""Both providers wait so long for an answer."""
PAUSE_SECONDS = 0.25
AT_ONCE = 8
PROBE_MARK = "WECHATPAY/SIGNTEST/"
"""What WeChat Pay writes before a signature with which it only probes."""

_log = structlog.get_logger(component="payment-sandbox")


class Postman:
    """Sends what is due. `transport` stands in for the network in tests."""

    def __init__(
        self,
        books: Books,
        keys: SandboxKeys,
        happenings: Happenings,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._books = books
        self._keys = keys
        self._happenings = happenings
        self._clock = clock
        self._transport = transport

    async def run(self) -> None:
        """Send until cancelled."""
        async with self._client() as http:
            while True:
                try:
                    await self._send_due(http)
                except Exception:  # noqa: BLE001 - a message that cannot be sent keeps no other from it
                    _log.exception("payment_sandbox_stumbled")
                await asyncio.sleep(PAUSE_SECONDS)

    async def send_due(self) -> int:
        """Send once what is due by now. How many messages were sent."""
        async with self._client() as http:
            return await self._send_due(http)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport, timeout=LONGEST_SECONDS, headers={"user-agent": "Mozilla/4.0"}, trust_env=False
        )

    async def _send_due(self, http: httpx.AsyncClient) -> int:
        now = self._clock().timestamp()
        await self._books.do(lambda books: self._happenings.catch_up(books, now))
        due = await self._books.do(lambda books: claim_due(books, now, self._happenings.hurry, AT_ONCE))
        await asyncio.gather(*(self._send(http, notify) for notify in due))
        return len(due)

    async def _send(self, http: httpx.AsyncClient, notify: Notify) -> None:
        now = self._clock().timestamp()
        status, answer = None, ""
        with suppress(httpx.HTTPError, httpx.InvalidURL):
            response = await http.send(self._request(http, notify, now))
            status, answer = response.status_code, response.text
        taken = status in {200, 204} and (notify.provider is Provider.WECHAT_PAY or answer == "success")
        await self._books.do(lambda books: answered(books, notify, now, status, answer, taken=taken))

    def _request(self, http: httpx.AsyncClient, notify: Notify, now: float) -> httpx.Request:
        if notify.provider is Provider.ALIPAY:
            form = signed_notify(notify_fields(notify, now), self._keys.alipay_provider)
            if notify.flaw is Flaw.SIGNATURE:
                form["sign"] = form["sign"][::-1]
            content_type = "application/x-www-form-urlencoded; charset=utf-8"
            return http.build_request(
                "POST", notify.url, content=urlencode(form).encode(), headers={"content-type": content_type}
            )
        body = notify_body(notify, self._keys.wechat_api_key, now)
        headers = {**signed_headers(self._keys, body, now), "content-type": "application/json"}
        if notify.flaw is Flaw.SIGNATURE:
            headers["wechatpay-signature"] = PROBE_MARK + headers["wechatpay-signature"]
        return http.build_request("POST", notify.url, content=body, headers=headers)
