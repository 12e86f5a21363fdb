"""The whole platform on a port of its own, with the real clock, for hospitals' programs that run beside it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import BookingMode, HospitalAccount, HospitalAccounts
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from domain.integration.keys import issue_key
from htbooking_hospital import AsyncHospitalClient, HospitalClient
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from tests.chaos.house import RealClock
from tests.platform import Platform
from tests.server.http.front_door import listening


@dataclass(frozen=True)
class Account:
    """A hospital's account and its key."""

    code: str
    endpoint: str
    key_id: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """As programs are told of it."""
        return {
            "HTBOOKING_ENDPOINT": self.endpoint,
            "HTBOOKING_KEY_ID": self.key_id,
            "HTBOOKING_SECRET": self.secret,
        }

    def client(self) -> HospitalClient:
        """Its own client."""
        return HospitalClient(self.endpoint, self.key_id, self.secret, language="en")

    def async_client(self) -> AsyncHospitalClient:
        """The other one."""
        return AsyncHospitalClient(self.endpoint, self.key_id, self.secret, language="en")


@dataclass
class ServedPlatform:
    """The platform and where it is."""

    origin: str
    platform: Platform

    async def account(self, mode: BookingMode = BookingMode.INSTANT) -> Account:
        """A new hospital with a key, which has pushed nothing yet."""
        return await new_account(self.platform, f"{self.origin}/graphql", mode)


async def new_account(platform: Platform, endpoint: str, mode: BookingMode = BookingMode.INSTANT) -> Account:
    """A new hospital with a key for the platform at this address."""
    code = f"sdk_{secrets.token_hex(5)}"
    async with platform.stores.sql.unit_of_work() as session:
        account = HospitalAccount(code=code, name="新医院", booking_mode=mode, confirm_seconds=600)
        await HospitalAccounts(session).add(account)
        issued = await issue_key(session, platform.ring, code, "")
    return Account(code, endpoint, issued.key_id, issued.secret.get_secret_value())


@asynccontextmanager
async def served_platform(settings: Settings, stores: Stores) -> AsyncIterator[ServedPlatform]:
    """It, in this process."""
    await ensure_dictionary(stores.sql)
    app = create_app(settings)
    async with (
        listening(app, lifespan=True) as origin,
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http,
    ):
        yield ServedPlatform(origin, Platform(http, stores, KeyRing.of(root_key(settings)), RealClock()))
