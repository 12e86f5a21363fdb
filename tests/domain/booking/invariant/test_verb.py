"""`python -m server check-ledger`: what is printed, and when it fails."""

import asyncio
import os
import sys

from datasources.stores import Stores
from server.ledger_check import check_ledger
from tests.domain.booking.invariant.test_checking import LEDGER, a_session, by_hand


async def printed(stores: Stores) -> tuple[bool, list[str]]:
    lines: list[str] = []
    return await check_ledger(stores, lines.append), lines


async def test_a_true_ledger_is_one_line(stores: Stores) -> None:
    await a_session(stores)
    assert await printed(stores) == (True, ["1 sessions checked: 0 breaches, 0 drifts"])


async def test_drift_is_printed_and_breaks_nothing(stores: Stores) -> None:
    session = await a_session(stores)
    await by_hand(session, LEDGER.format("waiting = 2"))
    for _ in range(2):
        assert await printed(stores) == (
            True,
            [
                f"drift WAITING_MISCOUNTED {session.schedule_id} {{'waiting': 2, 'entries': 0}}",
                "1 sessions checked: 0 breaches, 1 drifts",
            ],
        )


async def test_each_breach_is_a_line(stores: Stores) -> None:
    session = await a_session(stores)
    await by_hand(session, LEDGER.format("taken = taken + 1, next_number = next_number + 1"))
    assert await printed(stores) == (
        False,
        [
            f"BREACH TAKEN_MISCOUNTED {session.schedule_id} {{'taken': 4, 'orders': 3, 'offers': 0}}",
            f"BREACH NUMBER_LOST {session.schedule_id} {{'numbers': [5]}}",
            "1 sessions checked: 2 breaches, 0 drifts",
        ],
    )


async def test_the_exit_code_says_it_to_a_script(stores: Stores, urls: dict[str, str]) -> None:
    session = await a_session(stores)

    async def run() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "check-ledger", env={**os.environ, **urls}, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    assert await run() == (0, "1 sessions checked: 0 breaches, 0 drifts\n")
    await by_hand(session, LEDGER.format("taken = taken + 1, next_number = next_number + 1"))
    code, out = await run()
    assert code == 1
    assert out.startswith("BREACH TAKEN_MISCOUNTED")
