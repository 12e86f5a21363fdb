"""How long reminding the owners of many orders takes, and that a second run reminds nobody: `make bench-reminders`."""

import argparse
import asyncio
import secrets
import sys
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bench.holders import own_stores, run, sell_out
from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.messages.relay import RelayDesk, relay_due
from domain.messages.reminding import remind_of_visits

POLICY = BookingPolicy(ZoneInfo("Asia/Shanghai"))
EVENING = datetime(2031, 5, 5, 18, 0, tzinfo=POLICY.zone)


async def measure(orders: int) -> int:
    """Print how long reminding took; how many were reminded by a second run, which should be none."""
    async with own_stores() as stores:
        return await _measure(stores, orders)


async def _measure(stores: Stores, orders: int) -> int:
    ring = KeyRing.of(secrets.token_bytes(32))
    await sell_out(stores, ring, orders)
    desk = RelayDesk(stores, ring, POLICY.zone)
    # What the orders themselves have told is not what is measured.
    await run(stores, "DELETE FROM outgoing_message")
    began = time.perf_counter()
    reminded = await remind_of_visits(stores.sql, POLICY, EVENING)
    written = time.perf_counter()
    told = 0
    while some := await relay_due(desk, EVENING):
        told += some
    done = time.perf_counter()
    again = await remind_of_visits(stores.sql, POLICY, EVENING + timedelta(minutes=1))
    second = time.perf_counter()
    _say(f"{reminded} reminders written in {written - began:.2f} s")
    _say(f"{told} told in the app and queued as SMS in {done - written:.2f} s, by one worker")
    _say(f"a second run reminded {again} in {second - done:.2f} s")
    return again


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="How long reminding many people takes.")
    arguments.add_argument("--orders", type=int, default=10_000)
    sys.exit(1 if asyncio.run(measure(arguments.parse_args().orders)) else 0)
