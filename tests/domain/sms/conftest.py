"""What tests of text messages share: nothing waits from tests before, and no telephone is there."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from datasources.stores import Stores

_CLEAR = (
    """
    UPDATE sms_message SET state = 'CANCELLED', finished_at = created_at, lease_until = NULL
     WHERE finished_at IS NULL
    """,
    "UPDATE sms_phone SET last_beat_at = NULL",
    "DELETE FROM sms_provider_health",
)


@pytest.fixture(autouse=True)
async def _empty_queue(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    if "open_stores" in request.fixturenames:
        await clear(request.getfixturevalue("open_stores"))
        yield
        await clear(request.getfixturevalue("open_stores"))
    else:
        yield


async def clear(stores: Stores) -> None:
    """Leave nothing to send and nobody to send it."""
    async with stores.sql.unit_of_work() as session:
        connection = await session.connection()
        for statement in _CLEAR:
            await connection.execute(text(statement))
