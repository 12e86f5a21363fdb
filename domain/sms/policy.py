"""What holds for text messages on the whole platform. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from datasources.sql.sms_message import SmsKind, SmsRoute

AT_ANY_HOUR = frozenset({SmsKind.CODE, SmsKind.TEST})

BEAT_LASTS = timedelta(minutes=3)
"""A telephone that was not heard of for so long is taken for gone."""
MOST_FAILURES = 3
"""So many failures in a row, and a route or telephone rests."""
PHONE_RESTS = timedelta(minutes=5)
PROVIDER_RESTS = timedelta(minutes=1)
UNPAID_RESTS = timedelta(minutes=10)
"""Of a provider whose account is out of money or locked."""
KEPT = timedelta(days=30)
"""Messages that are over are kept for so long."""


@dataclass(frozen=True, slots=True)
class SmsPolicy:
    """Settings of the installation."""

    zone: ZoneInfo
    routes: tuple[SmsRoute, ...] = (SmsRoute.PHONE, SmsRoute.ALIYUN)
    """The ways out that this installation has, the preferred first."""
    code_routes: tuple[SmsRoute, ...] = (SmsRoute.ALIYUN, SmsRoute.PHONE)
    """The same for codes, which are urgent."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Aliyun's code of each template by the platform's name for it."""
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    lease: timedelta = timedelta(seconds=60)
    """How long a telephone has a message without having begun."""
    begin_within: timedelta = timedelta(seconds=30)
    """A telephone that was told to go on begins within this, or gives the message back."""
    report_within: timedelta = timedelta(minutes=2)
    """A message of which nothing is reported for so long after it was handed over is UNKNOWN."""
    gap_seconds: tuple[float, float] = (3.0, 8.0)
    """Between two messages of one telephone, at random; codes do not wait."""
    most_open: int = 3
    """Messages that a telephone has at once; codes twice as many."""
    parts_per_half_hour: int = 25
    parts_per_day: int = 200
    """What a telephone is given when it is made; each can be changed."""
    reserved_for_codes: float = 0.2
    """Of both, what only codes may use."""

    def routes_of(self, kind: SmsKind) -> tuple[SmsRoute, ...]:
        """The ways for this kind, the preferred first."""
        return self.code_routes if kind is SmsKind.CODE else self.routes

    def is_quiet(self, now: datetime) -> bool:
        """Whether only what cannot wait is sent now."""
        at = now.astimezone(self.zone).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until

    def kinds_now(self, now: datetime) -> frozenset[SmsKind]:
        """What may be sent at this hour."""
        return AT_ANY_HOUR if self.is_quiet(now) else frozenset(SmsKind)

    def day_begins(self, now: datetime) -> datetime:
        """When today began in the platform's zone."""
        return datetime.combine(now.astimezone(self.zone).date(), time(), self.zone)
