"""`make chaos`: kill everything, check everything, and say so."""

import argparse
import asyncio
import sys
import time

from tests.chaos.house import running_house
from tests.chaos.people import PromiseBrokenError
from tests.chaos.storm import Weather, storm


async def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--people", type=int, default=Weather.people)
    parser.add_argument("--rounds", type=int, default=Weather.rounds, help="how often each part is killed")
    parser.add_argument("--seed", type=int, default=Weather.seed, help="the order in which parts are killed")
    given = parser.parse_args()
    since = time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - since:6.1f} s  {line}\n")
        sys.stdout.flush()

    say("starting a platform of its own")
    async with running_house() as house:
        try:
            await storm(house, Weather(people=given.people, rounds=given.rounds, seed=given.seed), say)
        except (PromiseBrokenError, AssertionError) as broken:
            say(f"BROKEN: {broken}")
            return 1
    return 0


sys.exit(asyncio.run(main()))
