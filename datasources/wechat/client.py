"""WeChat's website sign-in: the address to show, and the two calls that turn a code into a person."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog
from pydantic import SecretStr

from datasources.storage.circuit_breaker import OPEN_SECONDS, CircuitBreaker
from datasources.wechat.answers import (
    WeChatBusyError,
    WeChatCodeRefusedError,
    WeChatDownError,
    WeChatUser,
    grant_of,
    read_answer,
    user_of,
)

API_URL = "https://api.weixin.qq.com"
CONNECT_URL = "https://open.weixin.qq.com"
CONNECT_PATH = "/connect/qrconnect"
TOKEN_PATH = "/sns/oauth2/access_token"  # noqa: S105 - a path
USER_PATH = "/sns/userinfo"
TIMEOUT = httpx.Timeout(4.0, connect=2.0)
PAUSE_SECONDS = 0.2

_log = structlog.get_logger(component="wechat")


@dataclass(frozen=True, slots=True)
class WeChatApp:
    """The website app as WeChat knows it, and where its people come back to."""

    app_id: str
    secret: SecretStr
    callback_url: str


class WeChatClient:
    """One app's calls. Make one per process and close it.

    The exchange of a code is tried again only when no connection came about: a code counts once, so a second try after
    a lost answer could only be refused. The question who it was is harmless and is asked twice. When calls fail in a
    row, the next are refused at once for a while (`CircuitBreaker`).
    """

    def __init__(
        self,
        app: WeChatApp,
        *,
        api_url: str = API_URL,
        connect_url: str = CONNECT_URL,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._app = app
        self._connect_url = connect_url.rstrip("/")
        self._http = httpx.AsyncClient(base_url=api_url, transport=transport, timeout=timeout)
        self._breaker = breaker or CircuitBreaker()

    @property
    def is_reachable(self) -> bool:
        """Whether a call would be tried at all now."""
        return self._breaker.is_closed

    @property
    def retry_after_seconds(self) -> int:
        """How long an unreachable WeChat is left alone, at most."""
        return int(OPEN_SECONDS)

    def connect_address(self, state: str) -> str:
        """The address at which WeChat asks for consent, to be shown as it is or as a QR picture."""
        query = urlencode(
            {
                "appid": self._app.app_id,
                "redirect_uri": self._app.callback_url,
                "response_type": "code",
                "scope": "snsapi_login",
                "state": state,
            }
        )
        return f"{self._connect_url}{CONNECT_PATH}?{query}#wechat_redirect"

    async def user_of_code(self, code: str) -> WeChatUser:
        """Exchange a code, once, for the person who consented.

        Raises WeChatCodeRefusedError when WeChat does not take it, WeChatDownError when there is no telling.
        """
        credentials = {
            "appid": self._app.app_id,
            "secret": self._app.secret.get_secret_value(),
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            grant = grant_of(
                await self._get(TOKEN_PATH, credentials, again_after=(httpx.ConnectError, httpx.ConnectTimeout))
            )
            asked = {"access_token": grant.access_token, "openid": grant.open_id, "lang": "zh_CN"}
            fields = await self._get(USER_PATH, asked, again_after=(httpx.TransportError, WeChatBusyError))
        except WeChatDownError as error:
            _log.warning("WeChat does not answer", error=str(error))
            raise
        return user_of(self._app.app_id, grant, fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _get(
        self, path: str, query: dict[str, str], *, again_after: tuple[type[Exception], ...]
    ) -> dict[str, Any]:
        try:
            return await self._try(path, query)
        except (httpx.TransportError, WeChatBusyError) as error:
            if not isinstance(error, again_after):
                raise _down(error) from error
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            return await self._try(path, query)
        except (httpx.TransportError, WeChatBusyError) as error:
            raise _down(error) from error

    async def _try(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if not self._breaker.lets_through():
            raise WeChatDownError("it failed several times in a row and is left alone for a while")
        try:
            fields = read_answer(await self._http.get(path, params=query))
        except WeChatCodeRefusedError:
            self._breaker.succeeded()
            raise
        except (httpx.TransportError, WeChatDownError):
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return fields


def _down(error: Exception) -> WeChatDownError:
    # httpx's own words can hold the address, and with it the app's secret.
    return error if isinstance(error, WeChatDownError) else WeChatDownError(type(error).__name__)
