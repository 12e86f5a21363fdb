"""How long it takes until everybody who holds a number of a withdrawn session is told and has the money promised back,
and that nobody is told twice: `make bench-withdraw`."""

import argparse
import asyncio
import secrets
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from bench.holders import SESSION, counted, own_stores, run, sell_out
from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.booking.withdrawing import cancel_withdrawn
from domain.messages.relay import RelayDesk, relay_due

POLICY = BookingPolicy(ZoneInfo("Asia/Shanghai"))
NOW = datetime(2031, 5, 5, 18, 0, tzinfo=POLICY.zone)


async def measure(holders: int) -> bool:
    """Print how long each part took; whether every order was cancelled, refunded and told of once."""
    async with own_stores() as stores:
        ring = KeyRing.of(secrets.token_bytes(32))
        await sell_out(stores, ring, holders)
        await run(stores, "DELETE FROM outgoing_message")
        await run(stores, "UPDATE slot_ledger SET status = 'WITHDRAWN' WHERE schedule_id = :id", id=SESSION)
        return await _measure(stores, ring, holders)


async def _measure(stores: Stores, ring: KeyRing, holders: int) -> bool:
    began = time.perf_counter()
    cancelled = await cancel_withdrawn(stores.sql, NOW.date(), NOW)
    written = time.perf_counter()
    desk, told = RelayDesk(stores, ring, POLICY.zone), 0
    while some := await relay_due(desk, NOW):
        told += some
    done = time.perf_counter()
    again = await cancel_withdrawn(stores.sql, NOW.date(), NOW)
    refunds = await counted(stores, "SELECT count(DISTINCT order_id) FROM refund WHERE state = 'WAITING'")
    left = await counted(stores, "SELECT taken FROM slot_ledger")
    _say(f"{cancelled} orders cancelled, {refunds} refunds promised in {written - began:.2f} s, by one worker")
    _say(f"{told} holders told in the app and queued as SMS in {done - written:.2f} s more")
    _say(f"a second run cancelled {again}; {left} numbers are still taken")
    return (cancelled, refunds, told, again, left) == (holders, holders, holders, 0, 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="How long withdrawing a session with many holders takes.")
    arguments.add_argument("--holders", type=int, default=2_000)
    sys.exit(0 if asyncio.run(measure(arguments.parse_args().holders)) else 1)
