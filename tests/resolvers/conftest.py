"""The whole application for the tests of what fields do."""

from collections.abc import AsyncIterator

import httpx
import pytest

from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from tests.domain.payments.channel import TestProvider
from tests.platform import Platform, SettableClock


@pytest.fixture(scope="session")
async def _application(settings: Settings, open_stores: Stores) -> AsyncIterator[Platform]:
    await ensure_dictionary(open_stores.sql)
    clock = SettableClock()
    provider = TestProvider()
    # Storms take longer on a busy machine, and it is not their speed that is tested.
    patient = settings.model_copy(update={"operation_timeout_seconds": 120.0})
    app = create_app(patient, clock=clock, channels={provider.provider: provider})
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=30) as http,
    ):
        yield Platform(
            http=http, stores=open_stores, ring=KeyRing.of(root_key(settings)), clock=clock, provider=provider
        )


@pytest.fixture
async def platform(_application: Platform) -> Platform:
    """The application, its clock at 10:00 of an ordinary day."""
    # An application of another test may have taken the documents with it when it closed.
    await _application.stores.catalogue.bind()
    _application.clock.now = SettableClock().now
    return _application
