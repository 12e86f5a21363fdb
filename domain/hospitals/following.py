"""Following a hospital's events as they happen, from any of them on: each once, in order, none left out.

Unlike the states of `domain/live/states.py` these are told one by one. Hints only make it fast; where they get lost
the log is looked at anyway.
"""

import asyncio
from collections.abc import AsyncGenerator

import structlog

from datasources.faults import unavailable_store
from datasources.live.topics import Watch, hospital_topic
from datasources.stores import Stores
from domain.hospitals.events import HospitalEvent, events_behind

PAGE = 100
LOOK_SECONDS = 1.0
"""How often the log is looked at while hints are not heard, and a store that is down is tried."""
RECHECK_SECONDS = 5.0
"""How often the log is looked at although nothing was heard."""

_log = structlog.get_logger(component="live")


async def follow_events(stores: Stores, hospital_code: str, after: int) -> AsyncGenerator[HospitalEvent, None]:
    """Every event behind this number, then each as it happens. The first read raises what it meets; later ones that
    meet a store which is down are tried again until it is back."""
    with stores.topics.watch([hospital_topic(hospital_code)]) as watch:
        found = await events_behind(stores.sql, hospital_code, after, PAGE)
        while True:
            for event in found:
                yield event
                after = event.sequence
            if len(found) < PAGE:
                await _news(watch, stores)
            found = await _read_until_it_works(stores, watch, hospital_code, after)


async def _read_until_it_works(stores: Stores, watch: Watch, hospital_code: str, after: int) -> list[HospitalEvent]:
    while True:
        watch.take()
        try:
            return list(await events_behind(stores.sql, hospital_code, after, PAGE))
        except Exception as error:
            store = unavailable_store(error)
            if store is None:
                raise
            _log.warning("a hospital's events cannot be read for the moment", store=store, error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)


async def _news(watch: Watch, stores: Stores) -> None:
    waited = 0.0
    while not await watch.wait(LOOK_SECONDS):
        waited += LOOK_SECONDS
        if not stores.topics.hearing or waited >= RECHECK_SECONDS:
            return
