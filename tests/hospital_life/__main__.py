"""`make demo-hospital`: a hospital's whole life, on the platform that runs here or on one of its own."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx

from datasources.stores import Stores
from server.embedded.data_lock import current_holder
from server.root_key import key_ring
from server.settings import Settings
from tests.chaos.house import House, RealClock, ToThePlatform, running_house
from tests.hospital_life.story import tell
from tests.platform import Platform

OPENING_HOUR = 8


async def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="make demo-hospital", description=__doc__)
    parser.add_argument("--sessions", type=int, default=30_000, help="how many the second hospital pushes at the end")
    sessions: int = parser.parse_args().sessions
    try:
        async with _house() as (house, zone):
            _say(f"The platform at {house.url}, where it is {datetime.now(zone):%Y-%m-%d %H:%M}.")
            await tell(house, zone, _say, sessions=sessions)
    except AssertionError as broken:
        _say(f"BROKEN: {broken}")
        return 1
    _say("\nEvery promise was kept.")
    return 0


@asynccontextmanager
async def _house() -> AsyncIterator[tuple[House, ZoneInfo]]:
    settings = Settings()
    holder = current_holder(settings.data_directory)
    if holder is None or holder.url is None or holder.endpoints is None:
        # Where it is morning now, so that somebody can book for today and check in.
        ahead = (OPENING_HOUR - datetime.now(UTC).hour + 11) % 24 - 11
        zone = ZoneInfo(f"Etc/GMT{-ahead:+d}")
        _say(f"Nothing runs in {settings.data_directory}: starting a platform of its own, in the zone {zone.key}.")
        async with running_house(TIME_ZONE=zone.key) as house:
            yield house, zone
        return
    stores = Stores.at(
        database_url=holder.endpoints.database_url,
        mongodb_url=holder.endpoints.mongodb_url,
        redis_url=holder.endpoints.redis_url,
    )
    async with httpx.AsyncClient(transport=ToThePlatform(holder.url), timeout=60) as http:
        platform = Platform(http, stores, key_ring(settings), RealClock())
        yield House(settings.data_directory, holder.url, platform), settings.zone
    await stores.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


sys.exit(asyncio.run(main()))
