"""What sending text messages works with."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sms.provider import SmsProvider
from datasources.sql.sms_message import SmsRoute
from datasources.sql.sms_phones import ProvidersHealth, SmsPhones
from datasources.stores import Stores
from domain.sms.policy import BEAT_LASTS, MOST_FAILURES, SmsPolicy

_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class SmsDesk:
    """One per process."""

    stores: Stores
    ring: KeyRing
    policy: SmsPolicy
    providers: Mapping[SmsRoute, SmsProvider] = field(default_factory=dict)
    """Those that are called; telephones ask by themselves."""

    def gap_seconds(self) -> float:
        """How long a telephone pauses after a message this time."""
        return _RANDOM.uniform(*self.policy.gap_seconds)

    async def close(self) -> None:
        """Close the providers."""
        for provider in self.providers.values():
            await provider.close()


async def routes_that_are_well(session: AsyncSession, desk: SmsDesk, now: datetime) -> Collection[SmsRoute]:
    """The ways out that would take a message now."""
    health = await ProvidersHealth(session).all()
    well: list[SmsRoute] = []
    for route in dict.fromkeys((*desk.policy.routes, *desk.policy.code_routes)):
        if route is SmsRoute.PHONE:
            if await SmsPhones(session).some_is_well(now, now - BEAT_LASTS, MOST_FAILURES):
                well.append(route)
        elif route in desk.providers:
            known = health.get(route)
            if known is None or known.rest_until is None or known.rest_until <= now:
                well.append(route)
    return well
