"""Ends the connections of sessions that have ended, wherever that was done.

A hint on Redis ends them at once. Hints get lost, so every connection's session is also asked of PostgreSQL now and
then, and each time that the channel was away and is back.
"""

import asyncio
from contextlib import aclosing
from uuid import UUID

import structlog

from datasources.cache.session_ends import ended_sessions
from datasources.faults import unavailable_store
from datasources.stores import Stores
from domain.callers import SignedInUser, StaffMember
from domain.clock import Clock
from domain.identity.open_sessions import callers_now
from domain.refusals import RefusalCode
from server.websocket import words
from server.websocket.sockets import Socket, Sockets

RECHECK_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0

_log = structlog.get_logger(component="websocket")


class Revocation:
    """Watches for one process. `run` it for as long as connections may be open."""

    def __init__(
        self, stores: Stores, sockets: Sockets, clock: Clock, *, recheck_seconds: float = RECHECK_SECONDS
    ) -> None:
        self._stores = stores
        self._sockets = sockets
        self._clock = clock
        self._recheck_seconds = recheck_seconds

    async def run(self) -> None:
        """Listen and re-check until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._recheck_now_and_then())

    async def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with aclosing(ended_sessions(self._stores.redis)) as ends:
                    async for ids in ends:
                        pause = FIRST_PAUSE_SECONDS
                        if ids:
                            self._end(ids)
                        else:
                            await self.recheck()
            except Exception as error:  # noqa: BLE001 - whatever it was, listening goes on
                _log.warning("ended sessions are not heard of for the moment", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _recheck_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._recheck_seconds)
            await self.recheck()

    async def recheck(self) -> None:
        """End the connections whose session has ended or whose holder has other rights now.

        While PostgreSQL can't be asked they stay: a token's own expiry ends them within minutes all the same.
        """
        open_now = _by_session(self._sockets)
        if not open_now:
            return
        try:
            async with self._stores.sql.read() as session:
                callers = await callers_now(session, list(open_now), self._clock())
        except Exception as error:  # noqa: BLE001 - whatever it was, the next check may do better
            _log.warning("open sessions cannot be checked", store=unavailable_store(error), error=type(error).__name__)
            return
        for id, sockets in open_now.items():
            caller = callers.get(id)
            for socket in sockets:
                if caller is None:
                    socket.end_credential(RefusalCode.SESSION_ENDED, words.SESSION_ENDED)
                elif caller != socket.caller:
                    socket.end_credential(RefusalCode.FORBIDDEN, words.RIGHTS_CHANGED)

    def _end(self, ids: frozenset[UUID]) -> None:
        for id, sockets in _by_session(self._sockets).items():
            if id in ids:
                for socket in sockets:
                    socket.end_credential(RefusalCode.SESSION_ENDED, words.SESSION_ENDED)


def _by_session(sockets: Sockets) -> dict[UUID, list[Socket]]:
    found: dict[UUID, list[Socket]] = {}
    for socket in sockets:
        if isinstance(socket.caller, SignedInUser | StaffMember):
            found.setdefault(socket.caller.session_id, []).append(socket)
    return found
