"""The hospital's system at work: it pushes, follows, answers, and withdraws sessions when asked to."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from htbooking_hospital import AsyncHospitalClient, NotFoundError, OrderStateError, PushReport
from simulated_hospital.catalogue import Catalogue, exported, invented
from simulated_hospital.store import Store, Visit

CHINA = timezone(timedelta(hours=8))
MINUTES_PER_PATIENT = 5
FIRST_HOUR = {"AM": 8, "PM": 13}
PLACE = "门诊楼 2 层自助机"
LOOK_SECONDS = 60.0
"""How often it looks whether another day has begun."""

_log = logging.getLogger("simulated_hospital")


class HospitalSystem:
    """One hospital's system: its database and its line to the platform."""

    def __init__(
        self,
        client: AsyncHospitalClient,
        store: Store,
        name: str,
        *,
        folder: Path | None = None,
        withdraw_every: float | None = None,
        zone: tzinfo = CHINA,
    ) -> None:
        self._client = client
        self._store = store
        self._name = name
        self._folder = folder
        self._withdraw_every = withdraw_every
        self._zone = zone
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. Raises what only a person can mend: a key that was revoked, a folder that is gone."""
        work = [self._push_each_day(), self._follow(), self._answer()]
        if self._withdraw_every is not None:
            work.append(self._withdraw_now_and_then(self._withdraw_every))
        tasks = [asyncio.create_task(each) for each in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _today_here(self) -> date:
        return datetime.now(self._zone).date()

    # ---- pushing ----

    async def push(self) -> None:
        """Push everything as it stands today. The same again is the same push, so doing it too often is harmless."""
        for id in self._store.withdrawals_due():
            await self._tell_withdrawal(id)
        catalogue = self._catalogue()
        run = catalogue.name()
        code = await self._client.push_hospital(catalogue.hospital, key=f"{run}-h")
        self._store.note_push("hospital", 1, 0, code)
        self._note("departments", await self._client.push_departments(catalogue.departments, run=f"{run}-d"))
        if catalogue.doctors:
            self._note("doctors", await self._client.push_doctors(catalogue.doctors, run=f"{run}-p"))
        # Kept before they are sold, so that each order finds its session.
        self._store.offer(
            (str(each["externalId"]), str(each["date"]), str(each["halfDay"])) for each in catalogue.sessions
        )
        self._note("sessions", await self._client.push_schedules(catalogue.sessions, run=f"{run}-s"))

    def _catalogue(self) -> Catalogue:
        withdrawn = self._store.withdrawn()
        if self._folder is not None:
            return exported(self._folder, self._today_here(), withdrawn)
        return invented(self._name, self._today_here(), withdrawn)

    def _note(self, what: str, report: PushReport) -> None:
        first = f"{report.refused[0].field}: {report.refused[0].message}" if report.refused else ""
        self._store.note_push(what, report.items, report.refused_items, first)
        _log.info("%s: %d items, %d refused %s", what, report.items, report.refused_items, first)

    async def _push_each_day(self) -> None:
        while True:
            day = self._today_here()
            await self.push()
            while self._today_here() == day:  # noqa: ASYNC110 - nobody tells of a day that begins
                await asyncio.sleep(LOOK_SECONDS)

    # ---- following and answering ----

    async def _follow(self) -> None:
        async for event in self._client.events(self._store.cursor(), last_sequence=self._store.last_sequence()):
            if self._store.take(event):
                _log.info("event %d: %s %s", event.sequence, event.kind, event.order_number)
            self._news.set()

    async def _answer(self) -> None:
        while True:
            self._news.clear()
            due = self._store.due()
            for visit in due:
                self._store.answered(visit.record, await self._said_of(visit))
            if not due:
                await self._news.wait()

    async def _said_of(self, visit: Visit) -> str:
        record, at = f"MN{visit.record:08d}", fetch_time(visit, self._zone)
        try:
            if visit.state == "PENDING_HOSPITAL":
                await self._client.confirm_order(visit.order_id, record_id=record, fetch_time=at, fetch_place=PLACE)
            else:
                await self._client.acknowledge_order(visit.order_id, record, fetch_time=at, fetch_place=PLACE)
        except (OrderStateError, NotFoundError) as error:
            return error.code
        return "SAID"

    # ---- withdrawing ----

    async def withdraw_one(self) -> str | None:
        """Withdraw a session to come, at random; its id."""
        id = self._store.choose_withdrawal(self._today_here().isoformat())
        if id is not None:
            await self._tell_withdrawal(id)
        return id

    async def _tell_withdrawal(self, id: str) -> None:
        self._note("withdrawal", await self._client.withdraw_schedules([id], run=f"withdraw-{id}"))
        self._store.withdrawal_told(id)

    async def _withdraw_now_and_then(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.withdraw_one()


def fetch_time(visit: Visit, zone: tzinfo) -> datetime:
    """When the patient with this number is to be there: each has five minutes of the half-day."""
    start = datetime.fromisoformat(visit.date).replace(hour=FIRST_HOUR[visit.half_day], tzinfo=zone)
    latest = start + timedelta(hours=4)
    return min(start + timedelta(minutes=MINUTES_PER_PATIENT * (visit.number - 1)), latest)
