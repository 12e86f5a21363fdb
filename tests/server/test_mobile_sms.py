"""Two real `mobile_sms` processes, killed -9 again and again: each message is sent once by a radio, or is UNKNOWN."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from datasources.sealing import KeyRing
from datasources.sql.sms_message import SmsState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.sms.desk import SmsDesk
from domain.sms.phones.enrolling import add_phone, revoke
from domain.sms.policy import SmsPolicy
from domain.sms.sweeping import sweep
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from server.websocket.protocol import CloseCode
from tests.chaos.house import RealClock
from tests.chaos.sms import SETTINGS, Squall, squall
from tests.chaos.telephones import Telephone
from tests.domain.sms.conftest import clear
from tests.platform import Platform
from tests.server.http.front_door import listening

REVOKED = 4


@dataclass
class Grounds:
    """A platform in this process; its worker's part is played beside it."""

    platform: Platform
    url: str
    directory: Path
    app: Starlette

    async def kill(self, part: str) -> float:
        """Cut every line, as a server that dies does."""
        for socket in self.app.state.sockets:
            socket.close(CloseCode.GOING_AWAY, "killed")
        return 0.0


@pytest.fixture
async def grounds(
    settings: Settings, stores: Stores, tmp_path: Path, logging_as_before: None
) -> AsyncIterator[Grounds]:
    """A platform that sends by telephones alone."""
    await clear(stores)
    given = settings.model_dump() | {name.lower(): value for name, value in SETTINGS.items()}
    app = create_app(Settings(**given))
    async with _swept(stores), listening(app, lifespan=True) as url, httpx.AsyncClient() as http:
        ring = KeyRing.of(root_key(settings))
        yield Grounds(Platform(http, stores, ring, RealClock()), url, tmp_path, app)
    await clear(stores)


@asynccontextmanager
async def _swept(stores: Stores) -> AsyncIterator[None]:
    async def again_and_again() -> None:
        while True:
            await sweep(stores, datetime.now(UTC))
            await asyncio.sleep(0.5)

    sweeping = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)


async def test_whoever_is_killed_each_message_is_sent_once_or_unknown(grounds: Grounds) -> None:
    said: list[str] = []

    states = await squall(grounds, Squall(messages=100, kills=8, server_kills=2), said.append)

    assert sum(states.values()) == 100
    assert states.keys() <= {SmsState.SENT, SmsState.UNKNOWN, SmsState.EXPIRED}
    assert states[SmsState.SENT] > 50, said


async def test_a_revoked_telephone_says_so_and_stops(grounds: Grounds) -> None:
    desk = SmsDesk(grounds.platform.stores, grounds.platform.ring, SmsPolicy(grounds.platform.booking_policy.zone))
    actor = Actor.system("test", datetime.now(UTC))
    invitation = await add_phone(desk, "一号机", actor)
    telephone = Telephone(grounds.directory / "telephone")
    await telephone.enrol(grounds.url, invitation.code.get_secret_value())
    await telephone.start()
    async with asyncio.timeout(60):
        while not len(grounds.app.state.sockets):  # noqa: ASYNC110 - another process connects
            await asyncio.sleep(0.05)

    await revoke(grounds.platform.stores, invitation.phone.id, actor)

    assert telephone.process is not None
    async with asyncio.timeout(60):
        assert await telephone.process.wait() == REVOKED
