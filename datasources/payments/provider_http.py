"""Requests to a provider: bounded in time, tried twice where no answer came, refused at once while it is down."""

import asyncio
from collections.abc import Callable

import httpx
import structlog

from datasources.payments.channel import ChannelDownError
from datasources.storage.circuit_breaker import OPEN_SECONDS, CircuitBreaker

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
ANSWER_SECONDS = 8.0
"""Longest time from sending until the whole answer is there; `TIMEOUT` alone bounds only each wait for a piece."""
TRIES = 2
PAUSE_SECONDS = 0.2
MOST_ANSWER_BYTES = 64 * 1024 * 1024

_log = structlog.get_logger(component="payments")


class ProviderHttp:
    """One provider's connections, with their circuit. Make one per process and close it."""

    def __init__(
        self,
        name: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        answer_seconds: float = ANSWER_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._name = name
        self._http = httpx.AsyncClient(transport=transport, timeout=timeout, headers={"user-agent": "HTBooking"})
        self._answer_seconds = answer_seconds
        self._breaker = breaker or CircuitBreaker()

    @property
    def is_reachable(self) -> bool:
        """Whether a request would be sent at all now."""
        return self._breaker.is_closed

    @property
    def retry_after_seconds(self) -> int:
        """How long the provider is left alone, at most."""
        return int(OPEN_SECONDS)

    async def send(self, make_request: Callable[[], httpx.Request]) -> httpx.Response:
        """The answer, whatever it says, to a request that may be repeated; each try is signed anew.

        Raises ChannelDownError when there is none, or when the provider says that it failed or is busy.
        """
        try:
            return await self._try(make_request())
        except ChannelDownError as error:
            _log.info("payment provider did not answer; once more", provider=self._name, why=str(error))
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            return await self._try(make_request())
        except ChannelDownError as error:
            _log.warning("payment provider does not answer", provider=self._name, why=str(error))
            raise

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _try(self, request: httpx.Request) -> httpx.Response:
        if not self._breaker.lets_through():
            raise ChannelDownError("it failed several times in a row and is left alone for a while")
        try:
            async with asyncio.timeout(self._answer_seconds):
                response = await self._read(request)
        except (httpx.RequestError, TimeoutError) as error:
            self._breaker.failed()
            # httpx's own words can hold the address, and addresses hold signatures.
            raise ChannelDownError(type(error).__name__) from error
        except ChannelDownError:
            self._breaker.failed()
            raise
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._breaker.failed()
            raise ChannelDownError(f"it answered {response.status_code}")
        self._breaker.succeeded()
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ChannelDownError("it answered 429: too many requests")
        return response

    async def _read(self, request: httpx.Request) -> httpx.Response:
        response = await self._http.send(request, stream=True)
        try:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > MOST_ANSWER_BYTES:
                    raise ChannelDownError("its answer is larger than any answer may be")
        finally:
            await response.aclose()
        # Unpacked above, so the headers must not say that it is packed.
        plain = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        return httpx.Response(response.status_code, headers=plain, content=bytes(content), request=request)
