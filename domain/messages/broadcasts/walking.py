"""The worker's walk through a broadcast's audience.

Batch after batch is written into the outbox, each in one transaction with the place that it has got to, and each
message has a key of its own: whoever dies on the way is followed by another who goes on behind the last batch, and
nobody is written to twice. Only some hundreds wait in the outbox at a time, so that what happens meanwhile (an order,
a withdrawn session) is not told late, and a pause or an end comes at once.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.broadcast import Audience, Broadcast, Broadcasts, BroadcastState
from datasources.sql.broadcast_audience import BroadcastAudience, Progress
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from domain.clock import Clock
from domain.messages.broadcasts.draft import AudienceChoice, Draft, kind_of, variables_of
from domain.messages.telling import Message, Subject, ToUser, tell_many

BATCH = 500
MOST_WAITING = 1_000
MOST_ROUNDS = 100

_log = structlog.get_logger(component="messages")


async def walk_due(database: Database, clock: Clock, *, batch: int = BATCH, only: UUID | None = None) -> int:
    """Go on with each broadcast that is due, until enough of each waits in the outbox; how many were written to."""
    written, settled = 0, set[UUID]()
    for _ in range(MOST_ROUNDS):
        async with database.unit_of_work() as session:
            broadcast = await Broadcasts(session).take_due(clock(), but=list(settled), only=only)
            if broadcast is None:
                break
            before = broadcast.written
            goes_on = await _step(session, broadcast, clock(), batch)
            written += broadcast.written - before
            if not goes_on:
                settled.add(broadcast.id)
            if broadcast.state == BroadcastState.DONE:
                _log.info("broadcast_done", broadcast=str(broadcast.id), told=broadcast.told, failed=broadcast.failed)
    await _look_at_paused(database)
    return written


async def _look_at_paused(database: Database) -> None:
    """Note how far the relay is with what was written before a pause."""
    async with database.unit_of_work() as session:
        for broadcast in await Broadcasts(session).take_paused():
            _note(broadcast, await BroadcastAudience(session, broadcast).progress())


async def _step(session: AsyncSession, broadcast: Broadcast, now: datetime, batch: int) -> bool:
    """Begin it, write its next batch, or end it; whether more can be written at once."""
    audience = BroadcastAudience(session, broadcast)
    if broadcast.begun_at is None:
        broadcast.begun_at = now
        broadcast.planned = await audience.size()
    broadcast.state = BroadcastState.RUNNING
    progress = await audience.progress()
    goes_on = not broadcast.all_written and progress.waiting < MOST_WAITING
    if goes_on:
        await _write(session, audience, broadcast, now, batch)
        progress = await audience.progress()
    _note(broadcast, progress)
    if broadcast.all_written and progress.waiting == 0:
        broadcast.state, broadcast.ended_at = BroadcastState.DONE, now
    return goes_on and not broadcast.all_written


def _note(broadcast: Broadcast, progress: Progress) -> None:
    for name, count in progress.counts().items():
        setattr(broadcast, name, count)


async def _write(
    session: AsyncSession, audience: BroadcastAudience, broadcast: Broadcast, now: datetime, batch: int
) -> None:
    people = await audience.behind(broadcast.cursor, batch)
    kind = kind_of(Audience(broadcast.audience))
    hospital = None
    if broadcast.hospital_code is not None:
        hospital = await HospitalAccounts(session).get(broadcast.hospital_code)
    variables = variables_of(_draft(broadcast), "" if hospital is None else hospital.name)
    broadcast.written += await tell_many(
        session,
        [
            Message(
                kind,
                ToUser(person),
                variables,
                f"broadcast:{broadcast.id}:{person}",
                Subject("broadcast", str(broadcast.id)),
                useless_after=broadcast.useless_after,
                broadcast_id=broadcast.id,
                in_app_only=not broadcast.by_sms,
            )
            for person in people
        ],
        now,
    )
    if people:
        broadcast.cursor = people[-1]
    broadcast.all_written = len(people) < batch


def _draft(broadcast: Broadcast) -> Draft:
    return Draft(
        AudienceChoice(Audience(broadcast.audience)),
        broadcast.title_zh,
        broadcast.body_zh,
        broadcast.title_en,
        broadcast.body_en,
    )
