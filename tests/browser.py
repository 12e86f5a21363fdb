"""A person's browser in a test: at an address of its own, with its own cookies."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.types import ASGIApp

from datasources.cache.login_codes import EVERYBODY_KEY
from datasources.sms.sandbox import SandboxInbox
from datasources.stores import Stores
from domain.identity.proof_of_work import solve

ENDPOINT = "http://platform.test/graphql"

REQUEST_CODE = """mutation ($input: RequestLoginCodeInput!) { requestLoginCode(input: $input) { __typename
  ... on LoginCodeSent { challengeId retryAfterSeconds expiresAt } ... on TooManyCodes { retryAfterSeconds }
  ... on WorkNeeded { challenge difficulty expiresAt }
  ... on InvalidInput { fields { field code message } } ... on Problem { code message } } }"""
SIGN_IN = """mutation ($input: SignInWithPhoneInput!) { signInWithPhone(input: $input) { __typename
  ... on SignedIn { accessToken expiresAt user { id phone nickname status verification createdAt } }
  ... on WrongCode { triesLeft } ... on TooManyTries { retryAfterSeconds }
  ... on InvalidInput { fields { field code message } } ... on Problem { code message } } }"""


def new_phone() -> str:
    """A mobile number that no other test uses."""
    return f"+861{secrets.choice('3456789')}{secrets.randbelow(10**9):09}"


def solved(needed: Any) -> dict[str, str]:
    """The work that a `WorkNeeded` asks for."""
    return {"challenge": needed["challenge"], "nonce": solve(needed["challenge"], needed["difficulty"])}


def new_address() -> str:
    """An address of a network that no other test uses."""
    return f"2001:{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}:{secrets.randbelow(256):x}00::1"


@dataclass
class Browser:
    """One browser. It sends its access token, once it has one, with everything."""

    app: ASGIApp
    stores: Stores
    address: str = field(default_factory=new_address)
    token: str | None = None
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.app, client=(self.address, 50000))
        self.http = httpx.AsyncClient(transport=transport, timeout=30)

    async def response(
        self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en"
    ) -> httpx.Response:
        """The answer with its status and headers."""
        headers = {"Accept-Language": language, "User-Agent": "a test's browser"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return await self.http.post(ENDPOINT, json={"query": query, "variables": variables or {}}, headers=headers)

    async def answer(
        self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en"
    ) -> dict[str, Any]:
        """The whole answer."""
        answer: dict[str, Any] = (await self.response(query, variables, language=language)).json()
        return answer

    async def data(self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en") -> Any:
        """The data of an answer that must be free of errors."""
        answer = await self.answer(query, variables, language=language)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(
        self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en"
    ) -> dict[str, Any]:
        """The only error of an answer that must have one."""
        errors = (await self.answer(query, variables, language=language))["errors"]
        assert len(errors) == 1, errors
        error: dict[str, Any] = errors[0]
        return error

    async def request_code(self, phone: str, *, language: str = "en") -> Any:
        """Ask for a sign-in code, and do the work for it if some is asked for. The clock stands in tests, so what all
        of them send is not one minute's."""
        await self.stores.redis.delete(EVERYBODY_KEY)
        answer = await self.ask_for_code(phone, language=language)
        if answer["__typename"] == "WorkNeeded":
            answer = await self.ask_for_code(phone, solved(answer), language=language)
        return answer

    async def ask_for_code(self, phone: str, work: dict[str, str] | None = None, *, language: str = "en") -> Any:
        """The answer to one request for a sign-in code."""
        given = {"input": {"phone": phone, "work": work}}
        return (await self.data(REQUEST_CODE, given, language=language))["requestLoginCode"]

    async def code_of(self, phone: str) -> str:
        """The code that the phone's owner read last."""
        inbox = SandboxInbox(self.stores.redis)
        return next(each.code for each in await inbox.messages(1000) if each.phone == phone)

    async def enter_code(self, phone: str, challenge: str, code: str, device: str = "") -> Any:
        """Try to sign in by a code; from then on the browser is signed in if it was right."""
        given = {"phone": phone, "challengeId": challenge, "code": code, "device": device}
        answer = (await self.data(SIGN_IN, {"input": given}))["signInWithPhone"]
        if answer["__typename"] == "SignedIn":
            self.token = answer["accessToken"]
        return answer

    async def sign_in(self, phone: str, device: str = "") -> Any:
        """Sign in by a fresh code, which must succeed."""
        sent = await self.request_code(phone)
        assert sent["__typename"] == "LoginCodeSent", sent
        answer = await self.enter_code(phone, sent["challengeId"], await self.code_of(phone), device)
        assert answer["__typename"] == "SignedIn", answer
        return answer


@dataclass
class User:
    """A patient who is signed in with a browser."""

    id: str
    """The global id."""
    phone: str
    browser: Browser

    @property
    def token(self) -> str:
        """The access token."""
        assert self.browser.token is not None
        return self.browser.token

    async def data(self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en") -> Any:
        """The data of an answer to the user that must be free of errors."""
        return await self.browser.data(query, variables, language=language)

    async def error(
        self, query: str, variables: dict[str, Any] | None = None, *, language: str = "en"
    ) -> dict[str, Any]:
        """The only error of an answer to the user that must have one."""
        return await self.browser.error(query, variables, language=language)
