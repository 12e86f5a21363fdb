"""Which WeChat the platform speaks to: the real one, another at a given address, the sandbox's own, or none."""

from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount

from datasources.stores import Stores
from datasources.wechat.client import API_URL, CONNECT_URL, WeChatApp, WeChatClient
from domain.clock import Clock
from server.sandbox_wechat import APP_ID, APP_SECRET, PATH, WeChatSimulator
from server.settings import Mode, Settings
from server.start_error import StartError
from server.wechat_routes import CALLBACK_PATH, WeChatRoutes


@dataclass(frozen=True, slots=True)
class WeChatSetup:
    """The client, if there is any, and the routes that belong to it."""

    client: WeChatClient | None
    routes: list[BaseRoute]

    async def close(self) -> None:
        """Close the client."""
        if self.client is not None:
            await self.client.close()


def wechat_setup(settings: Settings, stores: Stores, clock: Clock) -> WeChatSetup:
    """What the settings name; without credentials the sandbox in development, and nothing in production."""
    callback_url = f"{settings.site_url}{CALLBACK_PATH}"
    if settings.wechat_app_id is not None and settings.wechat_app_secret is not None:
        app = WeChatApp(settings.wechat_app_id, settings.wechat_app_secret, callback_url)
        base = settings.wechat_base_url
        client = WeChatClient(app, api_url=base or API_URL, connect_url=base or CONNECT_URL)
        return WeChatSetup(client, _routes(settings, stores, client, clock))
    if settings.mode is not Mode.DEVELOPMENT:
        return WeChatSetup(None, [])
    simulator = sandbox_wechat(settings, stores, clock).application()
    client = WeChatClient(
        WeChatApp(APP_ID, SecretStr(APP_SECRET), callback_url),
        api_url="http://wechat.sandbox",
        connect_url=f"{settings.site_url}{PATH}",
        transport=httpx.ASGITransport(simulator),
    )
    return WeChatSetup(client, [*_routes(settings, stores, client, clock), Mount(PATH, simulator)])


def sandbox_wechat(settings: Settings, stores: Stores, clock: Clock) -> WeChatSimulator:
    """The simulator. Raises StartError anywhere but in development, and beside real credentials."""
    if settings.mode is not Mode.DEVELOPMENT:
        raise StartError("the WeChat simulator signs in whoever asks; it runs with MODE=development only")
    if settings.wechat_app_id is not None or settings.wechat_app_secret is not None:
        raise StartError("the WeChat simulator does not run beside real credentials: unset WECHAT_APP_ID and _SECRET")
    return WeChatSimulator(stores.redis, clock)


def _routes(settings: Settings, stores: Stores, client: WeChatClient, clock: Clock) -> list[BaseRoute]:
    site = settings.site_url.partition("://")[2]
    secure = settings.mode is Mode.PRODUCTION
    return WeChatRoutes(stores, client, clock, site=site, zone=settings.zone, secure=secure).routes()
