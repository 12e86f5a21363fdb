"""The simulated WeChat keeps to the real one's wire, and to development."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from datasources.stores import Stores
from datasources.wechat.client import TOKEN_PATH, USER_PATH
from server.sandbox_wechat import APP_ID, APP_SECRET, PEOPLE, WeChatSimulator
from server.settings import Mode, Settings
from server.start_error import StartError
from server.wechat_setup import sandbox_wechat
from tests.platform import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def simulator(open_stores: Stores, clock: SettableClock) -> WeChatSimulator:
    return WeChatSimulator(open_stores.redis, clock)


@pytest.fixture
async def http(simulator: WeChatSimulator) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(simulator.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://wechat.test") as http:
        yield http


async def asked(http: httpx.AsyncClient, path: str, **query: str) -> dict[str, Any]:
    response = await http.get(path, params=query)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    fields: dict[str, Any] = response.json()
    return fields


async def exchanged(http: httpx.AsyncClient, code: str, **other: str) -> dict[str, Any]:
    query = {"appid": APP_ID, "secret": APP_SECRET, "code": code, "grant_type": "authorization_code", **other}
    return await asked(http, TOKEN_PATH, **query)


async def test_a_code_counts_once(http: httpx.AsyncClient, simulator: WeChatSimulator) -> None:
    code = await simulator.new_code(PEOPLE[0])
    first = await exchanged(http, code)
    assert (first["openid"], first["unionid"], first["expires_in"]) == (
        PEOPLE[0].open_id,
        PEOPLE[0].union_id,
        7200,
    )
    assert (await exchanged(http, code))["errcode"] == 40163
    assert (await exchanged(http, "invented"))["errcode"] == 40029


async def test_codes_and_tokens_expire(
    http: httpx.AsyncClient, simulator: WeChatSimulator, clock: SettableClock
) -> None:
    code = await simulator.new_code(PEOPLE[0])
    grant = await exchanged(http, await simulator.new_code(PEOPLE[0]))
    clock.now += timedelta(minutes=10)
    assert (await exchanged(http, code))["errcode"] == 40029
    query = {"access_token": grant["access_token"], "openid": grant["openid"]}
    assert (await asked(http, USER_PATH, **query))["nickname"] == PEOPLE[0].name
    clock.now += timedelta(hours=2)
    assert (await asked(http, USER_PATH, **query))["errcode"] == 40001


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [({"appid": "wx"}, 40013), ({"secret": "no"}, 40125), ({"grant_type": "x"}, 40002), ({"code": ""}, 41008)],
)
async def test_what_is_wrong_is_said_by_its_code(
    http: httpx.AsyncClient, simulator: WeChatSimulator, wrong: dict[str, str], errcode: int
) -> None:
    code = await simulator.new_code(PEOPLE[0])
    assert (await exchanged(http, **{"code": code, **wrong}))["errcode"] == errcode


def test_it_runs_neither_in_production_nor_beside_real_credentials(
    settings: Settings, open_stores: Stores, clock: SettableClock
) -> None:
    for update in ({"mode": Mode.PRODUCTION}, {"wechat_app_id": "wx"}, {"wechat_app_secret": "x"}):
        with pytest.raises(StartError):
            sandbox_wechat(settings.model_copy(update=update), open_stores, clock)
