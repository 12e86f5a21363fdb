"""What a page that waits for WeChat is told: the subscription, run in process as a transport runs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from inspect import isawaitable
from typing import Any

import httpx
import pytest
from graphql import ExecutionResult, parse, subscribe

from domain.booking.desk import BookingDesk
from domain.payments.desk import PaymentDesk
from resolvers.context import RequestContext
from schema.graph import graph
from server.app import create_app
from server.booking_policy import booking_policy
from server.file_storage import file_storage
from server.settings import Settings
from tests.platform import Platform
from tests.wechat import START, WaitingPage, linked, someone

WATCH = "subscription ($ticket: ID!) { weChatSignIn(ticketId: $ticket) { status expiresAt } }"


async def watching(platform: Platform, ticket: str) -> AsyncIterator[str]:
    """The statuses that a waiting page is told."""
    context = RequestContext(
        stores=platform.stores,
        zone=Settings().zone,
        ring=platform.ring,
        files=file_storage(Settings(), platform.ring),
        booking=BookingDesk(platform.stores, platform.ring, booking_policy(Settings())),
        payments=PaymentDesk(platform.stores),
        clock=platform.clock,
    )
    results = await _subscribed(context, ticket)
    assert not isinstance(results, ExecutionResult), results.errors
    async with aclosing(results) as told:
        async for result in told:
            assert result.errors is None, result.errors
            assert result.data is not None
            yield result.data["weChatSignIn"]["status"]


async def _subscribed(context: RequestContext, ticket: str) -> Any:
    found: Any = subscribe(graph._schema, parse(WATCH), context_value=context, variable_values={"ticket": ticket})
    return await found if isawaitable(found) else found


async def statuses(platform: Platform, ticket: str) -> list[str]:
    return [each async for each in watching(platform, ticket)]


@pytest.mark.parametrize("known", [True, False])
async def test_the_waiting_page_is_told_each_step(platform: Platform, known: bool) -> None:
    person = someone()
    if known:
        await linked(platform, person)
    page = await WaitingPage.of(platform)
    told = watching(platform, page.ticket)
    assert await anext(told) == "WAITING"
    question = await page.phone.scan(page.url, person)
    assert await asyncio.wait_for(anext(told), 5) == "SCANNED"
    await page.phone.decide(question)
    outcome = "CONFIRMED" if known else "NEEDS_PHONE"
    assert [each async for each in told] == [outcome]
    # A page that comes back gets what is now, at once.
    assert await statuses(platform, page.ticket) == [outcome]


async def test_the_waiting_page_is_told_that_time_is_over(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    told = watching(platform, page.ticket)
    assert await anext(told) == "WAITING"
    platform.clock.now += timedelta(minutes=10)
    assert [each async for each in told] == ["EXPIRED"]
    assert await statuses(platform, "no such ticket") == ["EXPIRED"]


async def test_a_wechat_that_is_down_ends_the_sign_in_and_then_begins_none(
    platform: Platform, settings: Settings
) -> None:
    nobody = {"wechat_app_id": "wx1", "wechat_app_secret": "x", "wechat_base_url": "http://127.0.0.1:9"}
    app = create_app(Settings(**{**settings.model_dump(), **nobody}), clock=platform.clock)
    async with app.router.lifespan_context(app):
        down = Platform(httpx.AsyncClient(transport=httpx.ASGITransport(app)), platform.stores, platform.ring)
        page = await WaitingPage.of(down)
        assert page.url.startswith("http://127.0.0.1:9/connect/qrconnect?appid=wx1&")
        assert (await page.phone.scan(page.url, someone())).status_code == 503
        assert await statuses(platform, page.ticket) == ["EXPIRED"]
        for _ in range(3):
            page = await WaitingPage.of(down)
            await page.phone.scan(page.url, someone())
            if (answer := (await page.browser.data(START))["startWeChatSignIn"])["__typename"] == "WeChatUnavailable":
                break
        assert (answer["code"], answer["retryAfterSeconds"]) == ("WECHAT_UNAVAILABLE", 15)
