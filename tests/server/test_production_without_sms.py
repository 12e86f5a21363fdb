"""Production has no SMS inbox to fall back on: without a provider it says so at its start, and without a telephone as
well it refuses each code."""

import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from datasources.sms.sandbox import SandboxInbox
from datasources.stores import Stores
from server.app import create_app
from server.root_key import root_key
from server.settings import Mode, Settings
from tests.browser import new_phone

ASK = """mutation ($phone: String!) { requestLoginCode(input: {phone: $phone}) {
  __typename ... on Problem { code } } }"""
CHINESE = "平台尚未接通短信服务，暂时无法发送验证码。"
ENGLISH = "The platform has no way to send text messages yet, so no code can be sent."


@pytest.fixture
def production(settings: Settings) -> Settings:
    """The running servers, in production mode."""
    key = SecretStr(base64.b64encode(root_key(settings)).decode())
    values = {name: getattr(settings, name) for name in Settings.model_fields if name not in ("mode", "root_key")}
    return Settings(**{**values, "mode": Mode.PRODUCTION, "root_key": key})


@pytest.fixture
async def http(production: Settings, logging_as_before: None) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(production)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        yield http


@pytest.mark.parametrize(("language", "message"), [("zh-CN", CHINESE), ("en", ENGLISH)])
async def test_a_code_is_refused_in_words_that_say_why(
    http: httpx.AsyncClient, stores: Stores, language: str, message: str
) -> None:
    phone = new_phone()
    body = {"query": ASK, "variables": {"phone": phone}}
    for _ in range(3):
        answer = (await http.post("/graphql", json=body, headers={"Accept-Language": language})).json()
        [error] = answer["errors"]
        assert (error["message"], error["extensions"]["code"]) == (message, "SMS_UNAVAILABLE")
    assert phone not in [each.phone for each in await SandboxInbox(stores.redis).messages(1000)]


async def test_no_page_shows_codes(http: httpx.AsyncClient) -> None:
    assert (await http.get("/sandbox/sms")).status_code == 404


def test_it_says_so_when_it_starts(
    production: Settings, logging_as_before: None, capsys: pytest.CaptureFixture[str]
) -> None:
    create_app(production)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    [line] = [each for each in lines if each["event"] == "no_sms_provider"]
    assert line["level"] == "warning"
    assert "nobody can sign in by phone" in line["meaning"]
