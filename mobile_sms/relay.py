"""From the platform to the radio and back.

Each message is journalled, then the platform is asked whether it is still to be sent, then it is noted as begun, and
only then handed to the radio. So it is sent at most once by this telephone, whatever crashes, and by no other
telephone, because from the platform's word on it is this one's alone.
"""

import asyncio
import logging
import random
import time
from typing import Any

from mobile_sms import VERSION
from mobile_sms.home import Enrolment
from mobile_sms.journal import Entry, Journal
from mobile_sms.line import Line, LineError, with_line
from mobile_sms.radios.radio import Radio

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
BEAT_SECONDS = 60.0
POLL_SECONDS = 15.0

_OUTGOING = "subscription { outgoingSms { id attempt phone text simSlot } }"
_CLAIM = (
    """mutation ($input: ClaimSmsInput!) { claimSms(input: $input) { __typename ... on SmsClaimed { seconds } } }"""
)
_REPORT = """mutation ($input: ReportSmsInput!) { reportSms(input: $input) { __typename } }"""
_RECEIVED = """mutation ($input: ReportReceivedSmsInput!) { reportReceivedSms(input: $input) { __typename } }"""
_BEAT = """mutation ($input: SmsHeartbeatInput!) { smsHeartbeat(input: $input) { __typename } }"""
_INBOX_FACT = "inbox place"

_log = logging.getLogger("mobile_sms")


class Relay:
    """One telephone's work. `run` it until it is cancelled or the telephone is revoked."""

    def __init__(
        self, enrolment: Enrolment, journal: Journal, radio: Radio, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._enrolment = enrolment
        self._journal = journal
        self._radio = radio
        self._poll_seconds = poll_seconds
        self._to_send: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._pause = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Settle what a crash left behind, then work, connecting again and again. Raises RevokedError."""
        self._journal.forget_old()
        for entry in self._journal.in_state("BEGUN"):
            await self._settle_crashed(entry)
        while True:
            try:
                await with_line(self._enrolment, self._work)
            except LineError as error:
                _log.warning("no line (%s); again in about %.0f s", error, self._pause)
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnections
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    async def _settle_crashed(self, entry: Entry) -> None:
        proved = await self._radio.prove(entry.phone or "", entry.text or "", entry.mark)
        if proved is None:
            self._journal.finish(entry.key, "UNKNOWN", "KILLED")
        else:
            self._journal.finish(entry.key, proved.what, proved.reason)

    async def _work(self, line: Line) -> None:
        self._pause = FIRST_PAUSE_SECONDS
        _log.info("the line is open")
        # What another line left in the queue is in the journal as well.
        self._to_send = asyncio.Queue()
        for entry in self._journal.in_state("RECEIVED"):
            self._to_send.put_nowait(entry.key)
        tasks = [
            asyncio.ensure_future(work)
            for work in (line.serve(), self._send_all(line), self._beat(line), self._poll_inbox(line))
        ]
        try:
            await line.watch(_OUTGOING, self._take)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            # The radio's call is let end: what it is about to say is worth having.
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, data: dict[str, Any]) -> None:
        given = data["outgoingSms"]
        entry = self._journal.receive(
            given["id"], int(given["attempt"]), given["phone"], given["text"], given["simSlot"]
        )
        if entry.state == "RECEIVED":
            self._to_send.put_nowait(entry.key)

    async def _send_all(self, line: Line) -> None:
        await self._report_all(line)
        while True:
            key = await self._to_send.get()
            entry = self._journal.get(key)
            if entry.state == "RECEIVED":
                await asyncio.shield(asyncio.ensure_future(self._send(line, entry)))
            await self._report_all(line)

    async def _send(self, line: Line, entry: Entry) -> None:
        asked = time.monotonic()
        mark = await self._radio.mark()
        claimed = (await line.ask(_CLAIM, {"input": {"id": entry.id, "attempt": entry.attempt}}))["claimSms"]
        if claimed["__typename"] != "SmsClaimed":
            self._journal.finish(entry.key, "DROPPED", claimed["__typename"], reported=True)
            return
        if not self._journal.begin(entry.key, mark):
            return
        # Counted from before the question was asked, by a clock that nobody sets.
        if time.monotonic() - asked >= float(claimed["seconds"]):
            self._journal.finish(entry.key, "RETURNED", "LATE")
            return
        try:
            await self._hand_over(entry, mark)
        finally:
            # Should the line have broken meanwhile, whoever serves the next one has something to report.
            self._to_send.put_nowait(entry.key)

    async def _hand_over(self, entry: Entry, mark: int | None) -> None:
        outcome = await self._radio.send(entry.phone or "", entry.text or "", entry.sim_slot, mark)
        self._journal.finish(entry.key, outcome.what, outcome.reason)
        _log.info("message %s attempt %d: %s %s", entry.id, entry.attempt, outcome.what, outcome.reason)

    async def _report_all(self, line: Line) -> None:
        for entry in self._journal.unreported():
            told = {"id": entry.id, "attempt": entry.attempt, "outcome": entry.outcome, "reason": entry.reason or ""}
            await line.ask(_REPORT, {"input": told})
            self._journal.note_reported(entry.key)

    async def _beat(self, line: Line) -> None:
        while True:
            health = await self._radio.health()
            told = {
                "appVersion": VERSION,
                "radio": self._radio.name,
                "journalOpen": self._journal.open_count(),
                "hungCalls": self._radio.hung_calls,
                **health.facts,
            }
            await line.ask(_BEAT, {"input": told})
            await asyncio.sleep(BEAT_SECONDS)

    async def _poll_inbox(self, line: Line) -> None:
        while True:
            place = self._journal.fact(_INBOX_FACT)
            messages = await self._radio.received(None if place is None else int(place))
            for message in messages:
                # What was in the inbox before the telephone was enrolled is not the platform's.
                if place is not None:
                    told = {"sender": message.sender, "text": message.text, "key": message.key}
                    await line.ask(_RECEIVED, {"input": told})
                self._journal.remember(_INBOX_FACT, str(message.place))
            if place is None and not messages:
                self._journal.remember(_INBOX_FACT, "0")
            await asyncio.sleep(self._poll_seconds)
