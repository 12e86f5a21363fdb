"""Aliyun's SendSms against a server that signs anew what it is sent and refuses what differs."""

import asyncio
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

import pytest
from pydantic import SecretStr

from datasources.sms.aliyun import AliyunAccount, AliyunSms
from datasources.sms.provider import Fate, OutgoingSms

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KEY_ID, SECRET = "LTAI-test", "s3cret"


class FakeAliyun:
    """Speaks the service's wire protocol, far enough for one call."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.answer: dict[str, object] = {"Code": "OK", "BizId": "900619746936498440^0"}
        self.status = 200
        self.silent = False
        self._nonces: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if self.silent:
            await reader.read()
        else:
            status, answer = self._judge(head)
            body = json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(body)))
            writer.write(body)
            await writer.drain()
        writer.close()

    def _judge(self, head: str) -> tuple[int, dict[str, object]]:
        request, *lines = head.strip().split("\r\n")
        method, target, _ = request.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        query = target.partition("?")[2]
        parameters = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(.+),SignedHeaders=(.+),Signature=([0-9a-f]{64})", headers["authorization"]
        )
        assert found is not None
        key_id, names, signature = found.groups()
        canonical_query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(parameters.items())
        )
        canonical = "\n".join(
            [
                method,
                "/",
                canonical_query,
                *(f"{name}:{headers[name]}" for name in names.split(";")),
                "",
                names,
                hashlib.sha256(b"").hexdigest(),
            ]
        )
        to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        right = hmac.new(SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        needed = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"}
        if (
            key_id != KEY_ID
            or signature != right
            or not needed <= set(names.split(";"))
            or headers["x-acs-signature-nonce"] in self._nonces
            or headers["x-acs-action"] != "SendSms"
            or headers["x-acs-date"] != "2026-11-20T02:00:00Z"
        ):
            return 400, {"Code": "SignatureDoesNotMatch"}
        self._nonces.add(headers["x-acs-signature-nonce"])
        self.sent.append(parameters)
        return self.status, self.answer


@pytest.fixture
def fake() -> FakeAliyun:
    """The service."""
    return FakeAliyun()


@pytest.fixture
async def aliyun(fake: FakeAliyun) -> AsyncIterator[Callable[[str], AliyunSms]]:
    """Makes clients of it."""
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made: list[AliyunSms] = []

    def make(secret: str = SECRET) -> AliyunSms:
        account = AliyunAccount(KEY_ID, SecretStr(secret), "华通挂号", f"http://127.0.0.1:{port}")
        made.append(AliyunSms(account, lambda: NOW, timeout_seconds=0.3))
        return made[-1]

    yield make
    for client in made:
        await client.close()
    server.close()


def message() -> OutgoingSms:
    """A code, with characters that canonical encoding must get right."""
    return OutgoingSms(
        id=secrets.token_hex(8),
        phone=SecretStr("+8613800001234"),
        text=SecretStr("不发送"),
        template="SMS_154950909",
        variables={"code": SecretStr("012345"), "name": SecretStr("a b*~+/张")},
    )


async def test_what_is_signed_is_accepted_with_its_parameters(
    fake: FakeAliyun, aliyun: Callable[[], AliyunSms]
) -> None:
    client, sent = aliyun(), message()

    first, second = await client.send(sent), await client.send(sent)

    assert first.fate is second.fate is Fate.ACCEPTED
    assert first.provider_number == "900619746936498440^0"
    assert fake.sent[0] == {
        "PhoneNumbers": "13800001234",
        "SignName": "华通挂号",
        "TemplateCode": "SMS_154950909",
        "TemplateParam": '{"code":"012345","name":"a b*~+/张"}',
        "OutId": sent.id,
    }


async def test_a_wrong_secret_is_the_accounts_fault(aliyun: Callable[[str], AliyunSms]) -> None:
    handed = await aliyun("other").send(message())

    assert (handed.fate, handed.reason) == (Fate.UNABLE, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("code", "status", "fate"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", 200, Fate.LATER),
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, Fate.REFUSED),
        ("isv.OUT_OF_SERVICE", 200, Fate.UNABLE),
        ("isv.AMOUNT_NOT_ENOUGH", 200, Fate.UNABLE),
        ("isv.TEMPLATE_MISSING_PARAMETERS", 200, Fate.NOT_SENT),
        ("ServiceUnavailable", 503, Fate.UNKNOWN),
        ("", 502, Fate.UNKNOWN),
    ],
)
async def test_what_its_codes_mean(
    fake: FakeAliyun, aliyun: Callable[[], AliyunSms], code: str, status: int, fate: Fate
) -> None:
    fake.answer, fake.status = {"Code": code}, status

    assert (await aliyun().send(message())).fate is fate


async def test_silence_is_unknown_and_a_closed_port_surely_not_sent(
    fake: FakeAliyun, aliyun: Callable[[], AliyunSms]
) -> None:
    fake.silent = True
    assert (await aliyun().send(message())).fate is Fate.UNKNOWN

    account = AliyunAccount(KEY_ID, SecretStr(SECRET), "华通挂号", "http://127.0.0.1:1")
    nowhere = AliyunSms(account, lambda: NOW)
    assert (await nowhere.send(message())).fate is Fate.NOT_SENT
    await nowhere.close()
