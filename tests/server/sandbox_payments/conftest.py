"""A market for each provider, and an opened one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from datasources.cache.nonces import Nonces
from datasources.payments.channel import Provider
from server.embedded.data_lock import Endpoints
from server.sandbox_payments.keys import FILE, sandbox_keys
from tests.platform import SettableClock
from tests.server.sandbox_payments.market import Market


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once: it takes a while."""
    folder = tmp_path_factory.mktemp("payment-sandbox")
    sandbox_keys(folder)
    return folder


@pytest.fixture
def folder(keys_folder: Path, tmp_path: Path) -> Path:
    """A folder with keys and without books."""
    (tmp_path / FILE).write_bytes((keys_folder / FILE).read_bytes())
    return tmp_path


@pytest.fixture
async def nonces(endpoints: Endpoints) -> AsyncIterator[Nonces]:
    """Where used messages are remembered."""
    async with Redis.from_url(endpoints.redis_url) as redis:
        yield Nonces(redis)


@pytest.fixture(params=list(Provider))
async def market(request: pytest.FixtureRequest, folder: Path, nonces: Nonces) -> AsyncIterator[Market]:
    """Each provider in turn."""
    market = Market(request.param, folder, nonces, SettableClock())
    yield market
    await market.close()


@pytest.fixture
async def wechat(folder: Path, nonces: Nonces) -> AsyncIterator[Market]:
    """WeChat Pay's."""
    market = Market(Provider.WECHAT_PAY, folder, nonces, SettableClock())
    yield market
    await market.close()


@pytest.fixture
async def alipay(folder: Path, nonces: Nonces) -> AsyncIterator[Market]:
    """Alipay's."""
    market = Market(Provider.ALIPAY, folder, nonces, SettableClock())
    yield market
    await market.close()
