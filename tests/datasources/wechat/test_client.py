"""The client against what WeChat answers, and against a WeChat that does not."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from datasources.storage.circuit_breaker import FAILURES_TO_OPEN, OPEN_SECONDS, CircuitBreaker
from datasources.wechat.answers import WeChatCodeRefusedError, WeChatDownError, WeChatUser
from datasources.wechat.client import TOKEN_PATH, USER_PATH, WeChatApp, WeChatClient

APP = WeChatApp("wx1", SecretStr("s3cret"), "https://site.test/sign-in/wechat/callback")
GRANT = {"access_token": "t", "expires_in": 7200, "refresh_token": "r", "openid": "o1", "scope": "snsapi_login"}
PERSON = {"openid": "o1", "nickname": "露", "unionid": "u1"}

Handler = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, **answers: Handler) -> None:
        self.answers = {TOKEN_PATH: plain(GRANT), USER_PATH: plain(PERSON)}
        self.answers |= {{"token": TOKEN_PATH, "user": USER_PATH}[name]: answer for name, answer in answers.items()}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers[request.url.path](request)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def plain(fields: dict[str, Any], status: int = 200) -> Handler:
    return lambda _: httpx.Response(status, json=fields, headers={"content-type": "text/plain"})


def fails(error: type[httpx.TransportError]) -> Handler:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return fail


def in_turn(*handlers: Handler) -> Handler:
    left = list(handlers)
    return lambda request: left.pop(0)(request)


def client_of(wire: Wire, breaker: CircuitBreaker | None = None) -> WeChatClient:
    return WeChatClient(APP, transport=httpx.MockTransport(wire), breaker=breaker)


async def test_a_code_is_exchanged_for_the_person() -> None:
    wire = Wire()
    assert await client_of(wire).user_of_code("c") == WeChatUser("wx1", "o1", "u1", "露")
    token, user = wire.asked
    assert dict(token.url.params) == {
        "appid": "wx1",
        "secret": "s3cret",
        "code": "c",
        "grant_type": "authorization_code",
    }
    assert dict(user.url.params) == {"access_token": "t", "openid": "o1", "lang": "zh_CN"}


def test_the_address_asks_for_sign_in_and_names_the_callback() -> None:
    address = httpx.URL(WeChatClient(APP).connect_address("a state"))
    assert (address.host, address.path, address.fragment) == (
        "open.weixin.qq.com",
        "/connect/qrconnect",
        "wechat_redirect",
    )
    assert dict(address.params) == {
        "appid": "wx1",
        "redirect_uri": "https://site.test/sign-in/wechat/callback",
        "response_type": "code",
        "scope": "snsapi_login",
        "state": "a state",
    }


@pytest.mark.parametrize("code", [40029, 40163, 41008])
async def test_a_refused_code_is_no_fault_of_wechats_and_is_not_tried_again(code: int) -> None:
    wire = Wire(token=plain({"errcode": code, "errmsg": "no"}))
    client = client_of(wire)
    for _ in range(FAILURES_TO_OPEN + 1):
        with pytest.raises(WeChatCodeRefusedError):
            await client.user_of_code("c")
    assert client.is_reachable
    assert wire.paths == [TOKEN_PATH] * (FAILURES_TO_OPEN + 1)


@pytest.mark.parametrize(
    "answer",
    [
        plain({"errcode": 40125, "errmsg": "invalid appsecret"}),
        plain({"errcode": -1, "errmsg": "system error"}),
        plain({}, 502),
        plain({"openid": "o1"}),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, text="[]"),
        fails(httpx.ReadTimeout),
    ],
)
async def test_an_exchange_whose_answer_is_lost_or_strange_is_not_tried_again(answer: Handler) -> None:
    wire = Wire(token=answer)
    with pytest.raises(WeChatDownError):
        await client_of(wire).user_of_code("c")
    assert wire.paths == [TOKEN_PATH]


async def test_an_exchange_that_never_reached_wechat_is_tried_once_more() -> None:
    wire = Wire(token=in_turn(fails(httpx.ConnectError), plain(GRANT)))
    assert (await client_of(wire).user_of_code("c")).open_id == "o1"
    assert wire.paths == [TOKEN_PATH, TOKEN_PATH, USER_PATH]


@pytest.mark.parametrize("first", [fails(httpx.ReadTimeout), plain({"errcode": -1}), plain({}, 500)])
async def test_who_it_was_is_asked_twice(first: Handler) -> None:
    wire = Wire(user=in_turn(first, plain(PERSON)))
    assert (await client_of(wire).user_of_code("c")).nickname == "露"
    assert wire.paths == [TOKEN_PATH, USER_PATH, USER_PATH]


async def test_an_answer_about_somebody_else_is_not_believed() -> None:
    with pytest.raises(WeChatDownError):
        await client_of(Wire(user=plain({**PERSON, "openid": "o2"}))).user_of_code("c")


async def test_the_secret_is_in_no_message() -> None:
    with pytest.raises(WeChatDownError) as caught:
        await client_of(Wire(token=fails(httpx.ConnectError))).user_of_code("c")
    assert "s3cret" not in f"{caught.value!r} {APP!r}"


async def test_after_several_failures_it_is_left_alone_for_a_while() -> None:
    now = 0.0
    wire = Wire(token=fails(httpx.ReadTimeout))
    client = client_of(wire, CircuitBreaker(clock=lambda: now))
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(WeChatDownError):
            await client.user_of_code("c")
    assert not client.is_reachable
    with pytest.raises(WeChatDownError, match="in a row"):
        await client.user_of_code("c")
    assert len(wire.asked) == FAILURES_TO_OPEN
    now = OPEN_SECONDS
    wire.answers[TOKEN_PATH] = plain(GRANT)
    assert client.is_reachable
    assert (await client.user_of_code("c")).open_id == "o1"


async def test_a_slow_wechat_is_given_up() -> None:
    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = WeChatClient(APP, api_url=f"http://127.0.0.1:{port}", timeout=httpx.Timeout(0.05))
        with pytest.raises(WeChatDownError, match="ReadTimeout"):
            await client.user_of_code("c")
        await client.close()
        await asyncio.sleep(0.5)
