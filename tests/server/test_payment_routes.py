"""Where providers send their messages: what is answered to what."""

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from datasources.stores import Stores
from server.app import create_app
from server.payment_routes import MOST_BODY_BYTES
from server.settings import Settings
from tests.domain.payments.channel import TestProvider
from tests.domain.payments.money import NOW, desk_of, new_order, offered
from tests.order_steps import row_of

PATH = "http://platform.test/payments/notify/wechat-pay"
PROVIDER = TestProvider()


@pytest.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The application with a provider of the test's own."""
    app = create_app(settings, clock=lambda: NOW, channels={PROVIDER.provider: PROVIDER})
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=30) as client,
    ):
        yield client


async def test_a_proved_message_pays_the_order(http: httpx.AsyncClient, open_stores: Stores) -> None:
    order = await new_order(open_stores)
    payment = await offered(desk_of(open_stores, PROVIDER), order)
    headers, body = PROVIDER.notice(PROVIDER.pay(payment.trade_number, NOW))

    first = await http.post(PATH, headers=headers, content=body)
    again = await http.post(PATH, headers=headers, content=body)

    assert (first.status_code, again.status_code) == (204, 204)
    assert (await row_of(open_stores, order.id)).state == "PAID"


async def test_what_is_not_proved_is_refused_and_leaves_no_row(http: httpx.AsyncClient, open_stores: Stores) -> None:
    async def count() -> int:
        async with open_stores.sql.read() as session:
            return int(
                (await (await session.connection()).execute(text("SELECT count(*) FROM payment_notice"))).scalar_one()
            )

    before = await count()
    for body in (b"", b"{}", b"\xff" * 100, secrets.token_bytes(MOST_BODY_BYTES)):
        assert (await http.post(PATH, content=body)).status_code == 400
    assert await count() == before


async def test_a_long_body_another_method_and_an_unknown_provider_are_refused(http: httpx.AsyncClient) -> None:
    assert (await http.post(PATH, content=bytes(MOST_BODY_BYTES + 1))).status_code == 413
    assert (await http.get(PATH)).status_code == 405
    assert (await http.post("http://platform.test/payments/notify/other")).status_code == 404
    assert (await http.post("http://platform.test/payments/notify/alipay")).status_code == 404
