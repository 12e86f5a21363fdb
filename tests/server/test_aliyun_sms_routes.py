"""The address that Aliyun pushes its reports to: secret, and only where it is set up."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from datasources.sms.provider import Fate, Handed
from datasources.sql.sms_message import SmsState
from datasources.stores import Stores
from domain.sms.dispatch import send_due
from server.aliyun_sms_routes import MOST_REPORTS, aliyun_sms_routes, read_reports
from tests.domain.sms.queued import NOW, queued, row, sms
from tests.domain.sms.telephones import Provider, desk_of

TOKEN = "t" * 24
PATH = f"/sms/aliyun/{TOKEN}/reports"


@pytest.fixture
async def http(open_stores: Stores) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who knows the platform's address."""
    app = Starlette(routes=aliyun_sms_routes(open_stores, SecretStr(TOKEN), lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform.test") as client:
        yield client


def pushed(**changes: Any) -> dict[str, Any]:
    """A report as Aliyun's documentation shows it."""
    return {
        "phone_number": "13800000000",
        "send_time": "2026-11-20 10:00:00",
        "report_time": "2026-11-20 10:00:04",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "12345",
        "out_id": str(uuid4()),
        **changes,
    }


async def test_what_was_sent_is_delivered(open_stores: Stores, http: httpx.AsyncClient) -> None:
    message, number = await queued(open_stores, sms(template="t")), uuid4().hex
    await send_due(desk_of(open_stores, Provider(Handed(Fate.ACCEPTED, "", number))), lambda: NOW)

    answer = await http.post(PATH, json=[pushed(), pushed(out_id=str(message.id), biz_id=number), {"out_id": "x"}])

    assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "ok"})
    assert (await row(open_stores, message.id)).state == SmsState.DELIVERED


async def test_whoever_does_not_know_the_address_finds_nothing(http: httpx.AsyncClient) -> None:
    assert (await http.post(f"/sms/aliyun/{'x' * 24}/reports", json=[])).status_code == 404
    assert (await http.get(PATH)).status_code == 405


@pytest.mark.parametrize(
    ("body", "status"), [(b"no json", 400), (b"{}", 400), (b"[" + b"1," * 200_000 + b"1]", 413), (b"[]", 200)]
)
async def test_what_is_no_list_of_reports_is_refused(http: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await http.post(PATH, content=body)

    assert answer.status_code == status
    assert (answer.json()["code"] == 0) is (status == 200)


def test_without_a_token_there_is_no_such_address(open_stores: Stores) -> None:
    assert aliyun_sms_routes(open_stores, None, lambda: NOW) == []


def test_reports_that_name_no_message_of_ours_are_passed_over() -> None:
    good = pushed(success=False, err_code="MK:0001" * 50)
    strange = [1, None, {}, pushed(out_id=None), pushed(biz_id=""), pushed(biz_id=7), pushed(success="true")]

    [read] = read_reports(orjson.dumps([*strange, good])) or []

    assert (str(read.message_id), read.delivered, len(read.reason)) == (good["out_id"], False, 64)
    assert read_reports(orjson.dumps([good] * (MOST_REPORTS + 1))) is None
