"""`make chaos-sms`: text messages by two telephones while API, worker and telephones are killed -9 at random.

What is checked afterwards, message by message: no radio sent it twice; what the platform calls sent was sent exactly
once; what it calls failed, expired or cancelled was not sent; the rest is UNKNOWN; and no code was sent after its end.
"""

import argparse
import asyncio
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import col, select

from datasources.sql.sms_message import OPEN, SmsKind, SmsMessage, SmsState
from domain.audit.actor import Actor
from domain.sms.desk import SmsDesk
from domain.sms.phones.enrolling import add_phone
from domain.sms.policy import SmsPolicy
from domain.sms.queueing import Sms, queue_sms
from tests.browser import new_phone
from tests.chaos.house import running_house
from tests.chaos.telephones import Modem, Telephone
from tests.platform import Platform

SETTINGS = {
    "SMS_ROUTES": "phone",
    "SMS_LEAST_GAP_SECONDS": "0",
    "SMS_MOST_GAP_SECONDS": "0",
    "SMS_PARTS_PER_HALF_HOUR": "100000",
    "SMS_PARTS_PER_DAY": "100000",
    "SMS_QUIET_FROM": "00:00:00",
    "SMS_QUIET_UNTIL": "00:00:00",
}
LONGEST_SECONDS = 400.0
SHORT_LIFE = timedelta(seconds=33)
"""Of some codes: they may be begun for three seconds more."""

Say = Callable[[str], None]


class Ground(Protocol):
    """Where it happens: a running platform, of which parts can be killed."""

    @property
    def platform(self) -> Platform:
        """Its stores."""

    @property
    def url(self) -> str:
        """Where it listens."""

    @property
    def directory(self) -> Path:
        """Where telephones are put."""

    async def kill(self, part: str) -> float:
        """SIGKILL a part; after so many seconds it was back."""


@dataclass(frozen=True)
class Squall:
    """How many messages, and how often what is killed."""

    messages: int = 1_000
    kills: int = 40
    seed: int = 1
    server_kills: int = 6


@dataclass(frozen=True)
class Promised:
    """A message that was queued."""

    id: UUID
    number: str
    text: str


async def squall(ground: Ground, weather: Squall, say: Say) -> Counter[str]:
    """Send, kill, check. The states in which the messages ended. Raises AssertionError."""
    telephones = [await _telephone(ground, number) for number in range(2)]
    try:
        promised = await _queue(ground, weather.messages)
        say(f"{len(promised)} messages are queued, a fifth of them codes, some of which end at once")
        for telephone in telephones:
            await telephone.start()
        killing = asyncio.create_task(_kill(ground, telephones, weather, say))
        await _until_all_over(ground)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        say(f"all are over; telephones were killed {sum(each.kills for each in telephones)} times")
    finally:
        for telephone in telephones:
            if telephone.process is not None:
                await telephone.stop()
    return await _check(ground, telephones, promised, say)


async def _telephone(ground: Ground, number: int) -> Telephone:
    desk = SmsDesk(
        ground.platform.stores,
        ground.platform.ring,
        SmsPolicy(ground.platform.booking_policy.zone, parts_per_half_hour=100_000, parts_per_day=100_000),
    )
    invitation = await add_phone(desk, f"{number} 号机", Actor.system("chaos", datetime.now(UTC)))
    kind = Modem if number and Modem.is_here() else Telephone
    telephone = kind(ground.directory / f"telephone-{number}")
    await telephone.enrol(ground.url, invitation.code.get_secret_value())
    return telephone


async def _queue(ground: Ground, count: int) -> list[Promised]:
    platform, promised = ground.platform, []
    for number in range(count):
        now = datetime.now(UTC)
        kind = SmsKind.CODE if number % 5 == 0 else SmsKind.NOTICE
        life = SHORT_LIFE if number % 50 == 0 else timedelta(hours=1)
        phone, text = new_phone(), f"【HTBooking】{secrets.token_hex(8)}"
        async with platform.stores.sql.unit_of_work() as session:
            sms = Sms(kind, SecretStr(phone), SecretStr(text), now + life)
            queued = await queue_sms(session, platform.ring, sms, now)
        promised.append(Promised(queued.id, phone, text))
    return promised


async def _kill(ground: Ground, telephones: list[Telephone], weather: Squall, say: Say) -> None:
    dice = random.Random(weather.seed)
    server_at = {round((at + 1) * weather.kills / (weather.server_kills + 1)) for at in range(weather.server_kills)}
    for number in range(1, weather.kills + 1):
        await asyncio.sleep(dice.uniform(0.3, 1.2))
        await dice.choice(telephones).kill()
        if number in server_at:
            part = dice.choice(["API", "worker"])
            seconds = await ground.kill(part)
            say(f"killed -9: {part}, whole again after {seconds:.1f} s")


async def _until_all_over(ground: Ground) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while await _open_count(ground):  # noqa: ASYNC110 - other processes settle them
            await asyncio.sleep(0.2)


async def _open_count(ground: Ground) -> int:
    async with ground.platform.stores.sql.read() as session:
        return len(list(await session.exec(select(SmsMessage.id).where(col(SmsMessage.state).in_(OPEN)))))


async def _check(ground: Ground, telephones: list[Telephone], promised: list[Promised], say: Say) -> Counter[str]:
    sent: dict[tuple[str, str], list[float]] = {}
    for telephone in telephones:
        for handed in telephone.sent():
            sent.setdefault((handed["number"], handed["body"]), []).append(handed["at"])
    async with ground.platform.stores.sql.read() as session:
        rows = {row.id: row for row in await session.exec(select(SmsMessage))}
    states: Counter[str] = Counter()
    for each in promised:
        row, times = rows[each.id], sent.pop((each.number, each.text), [])
        state = SmsState(row.state)
        states[state] += 1
        assert len(times) <= 1, f"{each.id} was sent {len(times)} times"
        if state in (SmsState.SENT, SmsState.DELIVERED):
            assert len(times) == 1, f"{each.id} is {state} and no radio sent it"
        elif state is not SmsState.UNKNOWN:
            assert times == [], f"{each.id} is {state} ({row.reason}) and was sent"
        if row.kind == SmsKind.CODE:
            assert all(at < row.expires_at.timestamp() for at in times), f"code {each.id} was sent after its end"
            assert row.sealed_text is None, f"code {each.id} is over and its text is kept"
    assert sent == {}, f"{len(sent)} messages were sent that nobody queued: {list(sent)[:3]}"
    told = ", ".join(f"{count} {state}" for state, count in states.most_common())
    shares = ", ".join(f"{len(each.sent())} by {each.name}" for each in telephones)
    say(f"sent {shares}")
    say(f"{told}; none was sent twice, none of another state was sent, no code after its end")
    return states


async def main() -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(prog="make chaos-sms", description=__doc__)
    parser.add_argument("--messages", type=int, default=Squall.messages)
    parser.add_argument("--kills", type=int, default=Squall.kills)
    parser.add_argument("--seed", type=int, default=Squall.seed)
    given = parser.parse_args()
    since = time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - since:6.1f} s  {line}\n")
        sys.stdout.flush()

    say("starting a platform of its own")
    async with running_house(**SETTINGS) as house:
        try:
            await squall(house, Squall(given.messages, given.kills, given.seed), say)
        except AssertionError as broken:
            say(f"BROKEN: {broken}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
