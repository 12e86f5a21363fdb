"""An Android telephone by Termux:API.

`termux-sms-send` says nothing of what became of a message: it ends with 0 even where the permission is missing. So each
message is looked for in the telephone's own box of sent messages (type 2; 5 is failed), behind the place at which that
box ended before. Every call may hang for ever, and is broken off.
"""

import asyncio
import json
import re
import time
from typing import Any

from mobile_sms.radios.commands import CALL_SECONDS, Ended, call
from mobile_sms.radios.radio import Health, Incoming, Outcome

PROOF_SECONDS = 15.0
LOOK_SECONDS = 0.5
MOST_LISTED = 50
_INBOX, _SENT, _FAILED = 1, 2, 5
_OUTGOING = f"(type == {_SENT} or type == {_FAILED})"


class TermuxRadio:
    """Speaks to Termux:API's commands, which are on the PATH."""

    name = "termux"

    def __init__(self, *, proof_seconds: float = PROOF_SECONDS, call_seconds: float = CALL_SECONDS) -> None:
        self.hung_calls = 0
        self._proof_seconds = proof_seconds
        self._call_seconds = call_seconds

    async def mark(self) -> int | None:
        """The highest id of a sent or failed message; None if the box cannot be read."""
        rows = await self._list(_OUTGOING, order="_id DESC", most=1)
        return None if rows is None else max((int(row["_id"]) for row in rows), default=0)

    async def send(self, phone: str, text: str, sim_slot: int | None, mark: int | None) -> Outcome:
        """Hand the text over by standard input: as an argument it would pass through a shell's `echo`."""
        slot = () if sim_slot is None else ("-s", str(sim_slot))
        ended = await self._call("termux-sms-send", "-n", phone, *slot, text=text)
        if ended.is_missing:
            return Outcome("FAILED", "NO_RADIO")
        until = time.monotonic() + self._proof_seconds
        while True:
            proved = await self.prove(phone, text, mark)
            if proved is not None:
                return proved
            if mark is None or time.monotonic() >= until:
                return Outcome("UNKNOWN", "HUNG" if ended.hung else "UNPROVED")
            await asyncio.sleep(LOOK_SECONDS)

    async def prove(self, phone: str, text: str, mark: int | None) -> Outcome | None:
        """Look for the message behind the mark."""
        if mark is None:
            return None
        rows = await self._list(f"{_OUTGOING} and _id > {int(mark)}", order="_id ASC", most=MOST_LISTED)
        for row in rows or ():
            # The telephone trims texts and writes numbers in its own way.
            if (
                _digits(str(row.get("number", ""))) == _digits(phone)
                and str(row.get("body", "")).strip() == text.strip()
            ):
                failed = str(row.get("type")) in ("failed", str(_FAILED))
                return Outcome("FAILED", "GENERIC") if failed else Outcome("SENT")
        return None

    async def received(self, after: int | None) -> list[Incoming]:
        """Termux:API has no broadcast of received messages: the inbox is read again and again."""
        newest = after is None
        selection = f"type == {_INBOX}" if after is None else f"type == {_INBOX} and _id > {int(after)}"
        rows = await self._list(selection, order="_id DESC" if newest else "_id ASC", most=1 if newest else MOST_LISTED)
        return [
            Incoming(int(row["_id"]), f"{row['_id']}:{row.get('received', '')}", str(row["number"]), str(row["body"]))
            for row in rows or ()
            if row.get("number")
        ]

    async def health(self) -> Health:
        """Battery, SIM and signal, whichever of them answer."""
        battery = await self._json("termux-battery-status")
        device = await self._json("termux-telephony-deviceinfo")
        cells = await self._json("termux-telephony-cellinfo")
        facts: dict[str, Any] = {}
        if isinstance(battery, dict) and "percentage" in battery:
            facts["batteryPercent"] = min(100, max(0, int(battery["percentage"])))
            facts["charging"] = str(battery.get("plugged", "")).upper() not in ("", "UNPLUGGED")
        if isinstance(device, dict) and device.get("sim_operator_name"):
            facts["sims"] = [{"slot": 0, "carrier": str(device["sim_operator_name"])}]
        if isinstance(cells, list):
            levels = [int(cell["level"]) for cell in cells if isinstance(cell, dict) and "level" in cell]
            if levels:
                facts["signalPercent"] = min(100, max(0, max(levels) * 25))
        return Health(facts)

    async def _list(self, selection: str, *, order: str, most: int) -> list[dict[str, Any]] | None:
        found = await self._json(
            "termux-sms-list",
            f"--message-selection={selection}",
            f"--message-sort-order={order}",
            f"--message-limit={most}",
            "--message-return-no-order-reverse",
        )
        return found if isinstance(found, list) else None

    async def _json(self, *command: str) -> Any:
        ended = await self._call(*command)
        if ended.code != 0:
            return None
        try:
            return json.loads(ended.output)
        except ValueError:
            return None

    async def _call(self, *command: str, text: str | None = None) -> Ended:
        ended = await call(*command, text=text, seconds=self._call_seconds)
        if ended.hung:
            self.hung_calls += 1
        return ended


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)[-11:]
