"""What the clock does to text messages."""

from dataclasses import dataclass
from datetime import datetime

from datasources.sql.sms_sweeps import BATCH, SmsSweeps
from datasources.stores import Stores
from domain.live.changes import note_sms_change
from domain.sms.policy import KEPT


@dataclass(frozen=True, slots=True)
class Swept:
    """How many messages were moved."""

    expired: int = 0
    taken_back: int = 0
    unknown: int = 0


async def sweep(stores: Stores, now: datetime) -> Swept:
    """Expire what nobody began in time, queue again what was leased too long, and say of what was handed over and
    never reported that it is UNKNOWN: it is not sent again."""
    expired = taken_back = unknown = 0
    moved = BATCH
    while moved == BATCH:
        async with stores.sql.unit_of_work() as session:
            sweeps = SmsSweeps(session)
            gone, back = await sweeps.expire(now), await sweeps.take_back(now)
            lost = await sweeps.give_up_unreported(now)
            for kind in back:
                note_sms_change(session, kind)
        expired, taken_back, unknown = expired + len(gone), taken_back + len(back), unknown + lost
        moved = max(len(gone), len(back), lost)
    return Swept(expired, taken_back, unknown)


async def forget_old(stores: Stores, now: datetime) -> int:
    """Delete what has been over for long; how many."""
    deleted = 0
    while True:
        async with stores.sql.unit_of_work() as session:
            batch = await SmsSweeps(session).forget(now, KEPT)
        deleted += batch
        if batch < BATCH:
            return deleted
