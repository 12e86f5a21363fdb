"""People with WeChat in a test: their phones, and the browsers that wait for them."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.types import ASGIApp

from datasources.cache.login_codes import EVERYBODY_KEY
from server.sandbox_wechat import Person, WeChatSimulator
from tests.browser import Browser, new_phone
from tests.platform import Platform

SITE = "http://platform.test"
START = """mutation { startWeChatSignIn(input: {}) { __typename
  ... on WeChatSignInStarted { ticketId url qrCode expiresAt } ... on WeChatUnavailable { retryAfterSeconds }
  ... on Problem { code message } } }"""
SIGNED_IN = "... on SignedIn { accessToken user { id phone } } ... on Problem { code message }"
FINISH = f"""mutation ($input: FinishWeChatSignInInput!) {{ finishWeChatSignIn(input: $input) {{ __typename
  {SIGNED_IN} }} }}"""
REQUEST = """mutation ($input: RequestWeChatPhoneCodeInput!) { requestWeChatPhoneCode(input: $input) { __typename
  ... on LoginCodeSent { challengeId } ... on WorkNeeded { challenge difficulty } ... on Problem { code message } } }"""
BIND = f"""mutation ($input: BindWeChatPhoneInput!) {{ bindWeChatPhone(input: $input) {{ __typename
  {SIGNED_IN} }} }}"""
UNLINK = """mutation ($input: UnlinkWeChatInput!) { unlinkWeChat(input: $input) { __typename
  ... on WeChatUnlinked { user { id } } ... on Problem { code message } } }"""


def someone(*, union: bool = True) -> Person:
    """A WeChat user whom no other test knows."""
    name = secrets.token_hex(8)
    return Person("测试 <b>", f"o-{name}", f"u-{name}" if union else None)


@dataclass
class Phone:
    """A phone with WeChat: it scans, and answers what it is asked."""

    platform: Platform
    app: ASGIApp
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=SITE)

    async def consent(self, url: str, person: Person | None) -> str:
        """Where WeChat sends the phone once the person consented, or declined (None)."""
        state = parse_qs(urlsplit(url).query)["state"][0]
        if person is None:
            return f"/sign-in/wechat/callback?state={state}"
        code = await WeChatSimulator(self.platform.stores.redis, self.platform.clock).new_code(person)
        return f"/sign-in/wechat/callback?code={code}&state={state}"

    async def scan(self, url: str, person: Person | None) -> httpx.Response:
        return await self.http.get(await self.consent(url, person))

    async def decide(self, question: httpx.Response, decision: str = "confirm") -> httpx.Response:
        token = re.search('name="token" value="([^"]+)"', question.text)
        assert token is not None, question.text
        return await self.http.post("/sign-in/wechat/confirm", data={"token": token[1], "decision": decision})


@dataclass
class WaitingPage:
    """A browser that shows the picture, and the phone beside it."""

    browser: Browser
    phone: Phone
    ticket: str
    url: str

    @classmethod
    async def of(cls, platform: Platform) -> "WaitingPage":
        browser = platform.new_browser()
        started = (await browser.data(START))["startWeChatSignIn"]
        assert started["__typename"] == "WeChatSignInStarted", started
        return cls(browser, Phone(platform, browser.app), started["ticketId"], started["url"])

    async def confirmed_by(self, person: Person) -> None:
        answer = await self.phone.decide(await self.phone.scan(self.url, person))
        assert answer.status_code == 200, answer.text

    async def finish(self, browser: Browser | None = None) -> Any:
        variables = {"input": {"ticketId": self.ticket}}
        answer = (await (browser or self.browser).data(FINISH, variables))["finishWeChatSignIn"]
        if answer["__typename"] == "SignedIn":
            self.browser.token = answer["accessToken"]
        return answer

    async def bind(self, phone: str, code: str | None = None) -> Any:
        await self.browser.stores.redis.delete(EVERYBODY_KEY)
        asked = {"ticketId": self.ticket, "phone": phone}
        sent = (await self.browser.data(REQUEST, {"input": asked}))["requestWeChatPhoneCode"]
        assert sent["__typename"] == "LoginCodeSent", sent
        given = {**asked, "challengeId": sent["challengeId"], "code": code or await self.browser.code_of(phone)}
        answer = (await self.browser.data(BIND, {"input": given}))["bindWeChatPhone"]
        if answer["__typename"] == "SignedIn":
            self.browser.token = answer["accessToken"]
        return answer


async def linked(platform: Platform, person: Person) -> Any:
    """The new account of somebody who signed in by this WeChat and proved a phone."""
    page = await WaitingPage.of(platform)
    await page.confirmed_by(person)
    return await page.bind(new_phone())
