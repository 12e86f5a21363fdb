"""Workers that die over a hospital's webhook, or come back late: nothing is lost, and nothing is told as two things."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from datasources.sql.hospital_webhook import HospitalWebhooks
from domain.booking.order_states import OrderStep
from domain.hospitals.delivering import LEASE, deliver_to
from server.embedded.data_lock import Endpoints
from server.settings import Settings
from tests.booking import booked, new_bookers
from tests.domain.hospitals.killed_delivery import MOMENTS
from tests.hospital_side import HospitalSide, hospital_side
from tests.order_steps import key_of, step
from tests.platform import Platform
from tests.resolvers.test_webhooks import managed, postman_of


@pytest.fixture
async def side() -> AsyncIterator[HospitalSide]:
    """The hospital's server."""
    async with hospital_side() as side:
        yield side


async def killed(platform: Platform, endpoints: Endpoints, settings: Settings, moment: str, hospital_code: str) -> None:
    """Let a worker's process begin to deliver, and die at this moment."""
    environment = os.environ | {
        "DATABASE_URL": endpoints.database_url,
        "MONGODB_URL": endpoints.mongodb_url,
        "REDIS_URL": endpoints.redis_url,
        "DATA_DIRECTORY": str(settings.data_directory),
        "NOW": platform.clock.now.isoformat(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.domain.hospitals.killed_delivery", moment, hospital_code, env=environment
    )
    assert await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("moment", list(MOMENTS))
async def test_killed_over_a_delivery_another_worker_goes_on_once_the_lease_is_over(
    platform: Platform, side: HospitalSide, endpoints: Endpoints, settings: Settings, moment: str
) -> None:
    session, _, _ = await managed(platform, side)
    first, second = [
        await booked(platform, booker, session) for booker in await new_bookers(platform.stores, platform.ring, 2)
    ]
    await step(platform.stores, key_of(first["id"]), OrderStep.CANCEL, platform.clock())

    await killed(platform, endpoints, settings, moment, session.hospital.code)
    before = len(side.calls)
    assert before == (0 if moment == "with the lease and before the call" else 2)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 0, "its lease still stands"
    assert len(side.calls) == before

    platform.clock.now += LEASE
    await deliver_to(postman_of(platform), session.hospital.code)
    assert await deliver_to(postman_of(platform), session.hospital.code) == 0
    told = {body["sequence"]: (body["id"], body["kind"], body["orderId"]) for body in side.bodies}
    assert [told[sequence][1:] for sequence in sorted(told)] == [
        ("ORDER_PLACED", first["id"]),
        ("ORDER_PLACED", second["id"]),
        ("ORDER_CANCELLED", first["id"]),
    ]
    # What was told twice says so by its id and its number, whose meaning never changes.
    assert {(body["sequence"], body["id"]) for body in side.bodies} == {(each, told[each][0]) for each in told}
    noted = moment in ("with the lease and before the call", "after the note")
    assert len(side.calls) == (3 if noted else 5)


async def test_who_comes_back_late_leaves_the_lease_to_whom_it_is_now(platform: Platform, side: HospitalSide) -> None:
    session, _, _ = await managed(platform, side)
    code, now = session.hospital.code, platform.clock()
    later = now + LEASE
    async with platform.stores.sql.unit_of_work() as sql:
        assert await HospitalWebhooks(sql).lease(code, now, later) is not None
        assert await HospitalWebhooks(sql).lease(code, later, later + LEASE) is not None
        await HospitalWebhooks(sql).release(code, later)
        assert await HospitalWebhooks(sql).lease(code, later + timedelta(minutes=1), later + 2 * LEASE) is None
