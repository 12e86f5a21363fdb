"""The platform on a port, and a browser before it."""

import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, async_playwright, expect

from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from domain.payments.desk import PaymentDesk
from server.app import create_app
from server.payment_setup import payment_channels
from server.root_key import root_key
from server.settings import Settings
from tests.e2e.chromium import ADVICE, chromium
from tests.e2e.portal import Place, Site, new_place
from tests.e2e.visit import PATIENCE_SECONDS, Visit
from tests.platform import Platform, SettableClock
from tests.server.http.front_door import listening

HERE = Path(__file__).parent
PROVIDERS_HURRY = 100.0
"""How many times faster than the real ones the sandbox's providers are."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs Chromium. Without one, leave it out and say so; in CI, where nothing is left out, refuse."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
    if not ours or chromium() is not None:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError(f"{len(ours)} tests need Chromium, and CI leaves none out. {ADVICE}")
    config.get_terminal_writer().line(f"{len(ours)} tests of pages are left out: there is no Chromium. {ADVICE}")
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="package")
async def site(settings: Settings, open_stores: Stores) -> AsyncIterator[Site]:
    """The whole application on a port, its clock the browser's own."""
    await ensure_dictionary(open_stores.sql)
    port = _free_port()
    own = settings.model_copy(
        update={"public_url": f"http://127.0.0.1:{port}", "payment_sandbox_time_scale": PROVIDERS_HURRY}
    )
    app = create_app(own)
    async with (
        listening(app, lifespan=True, port=port) as origin,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=30) as http,
    ):
        clock = SettableClock(datetime.now(UTC))
        desk = PaymentDesk(open_stores, payment_channels(own, open_stores, _now), origin)
        yield Site(origin, Platform(http, open_stores, KeyRing.of(root_key(own)), clock), desk, app.state.sockets)
        await desk.close()


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="package")
async def strict(site: Site, settings: Settings) -> AsyncIterator[Site]:
    """The same on another port, where people's browsers may send trusted documents alone."""
    port = _free_port()
    changes = {"public_url": f"http://127.0.0.1:{port}", "trusted_documents_only": True}
    app = create_app(settings.model_copy(update=changes))
    async with listening(app, lifespan=True, port=port) as origin:
        yield Site(origin, site.platform, site.desk, app.state.sockets)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-proxy-server"])
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """A tab of somebody whom no page knows yet, and who reads English."""
    context = await browser.new_context(locale="en-GB")
    yield await Visit.begun(context)
    await context.close()


@pytest.fixture(scope="package")
async def place(site: Site) -> Place:
    """A hospital of the portal's tests, with one session of two free numbers."""
    return await new_place(site)
