"""Ends the connections of sessions that have ended and of keys that were revoked, wherever that was done.

A hint on Redis ends them at once. Hints get lost, so every connection's session or key is also asked of PostgreSQL now
and then, and each time that the channel was away and is back.
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import aclosing
from uuid import UUID

import structlog

from datasources.cache.session_ends import Ended, ended_credentials
from datasources.faults import unavailable_store
from datasources.stores import Stores
from domain.callers import HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from domain.clock import Clock
from domain.identity.open_sessions import callers_now
from domain.integration.keys import live_keys
from domain.refusals import RefusalCode
from domain.sms.phones.proving import live_phones
from server.websocket import words
from server.websocket.sockets import Socket, Sockets

RECHECK_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0

_log = structlog.get_logger(component="websocket")


class Revocation:
    """Watches for one process. `listen` and `recheck_now_and_then` for as long as connections may be open."""

    def __init__(
        self, stores: Stores, sockets: Sockets, clock: Clock, *, recheck_seconds: float = RECHECK_SECONDS
    ) -> None:
        self._stores = stores
        self._sockets = sockets
        self._clock = clock
        self._recheck_seconds = recheck_seconds

    async def listen(self) -> None:
        """End what Redis tells of, until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with aclosing(ended_credentials(self._stores.redis)) as ends:
                    async for ended in ends:
                        pause = FIRST_PAUSE_SECONDS
                        if ended:
                            self._end(ended)
                        else:
                            await self.recheck()
            except Exception as error:  # noqa: BLE001 - whatever it was, listening goes on
                _log.warning("ended credentials are not heard of for the moment", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def recheck_now_and_then(self) -> None:
        """Ask PostgreSQL, until cancelled."""
        while True:
            await asyncio.sleep(self._recheck_seconds)
            await self.recheck()

    async def recheck(self) -> None:
        """End the connections whose session or key has ended or whose holder has other rights now.

        While PostgreSQL can't be asked they stay: a token's own expiry ends them within minutes all the same.
        """
        by_session, by_key, by_phone = _by_session(self._sockets), _by_key(self._sockets), _by_phone(self._sockets)
        if not by_session and not by_key and not by_phone:
            return
        try:
            async with self._stores.sql.read() as session:
                callers = await callers_now(session, list(by_session), self._clock()) if by_session else {}
                live = await live_keys(session, list(by_key), self._clock()) if by_key else frozenset()
                enrolled = await live_phones(session, by_phone) if by_phone else frozenset()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next check may do better
            _log.warning("open sessions cannot be checked", store=unavailable_store(error), error=type(error).__name__)
            return
        self._end_keys(by_key.keys() - live)
        self._end_phones(by_phone.keys() - enrolled)
        for id, sockets in by_session.items():
            caller = callers.get(id)
            for socket in sockets:
                if caller is None:
                    socket.end_credential(RefusalCode.SESSION_ENDED, words.SESSION_ENDED)
                elif caller != socket.caller:
                    socket.end_credential(RefusalCode.FORBIDDEN, words.RIGHTS_CHANGED)

    def _end(self, ended: Ended) -> None:
        for id, sockets in _by_session(self._sockets).items():
            if id in ended.sessions:
                for socket in sockets:
                    socket.end_credential(RefusalCode.SESSION_ENDED, words.SESSION_ENDED)
        self._end_keys(ended.key_ids)
        # A telephone's enrolment ends as a session does, and its id is told on the same channel.
        self._end_phones(phone for phone in _by_phone(self._sockets) if phone.enrolment_id in ended.sessions)

    def _end_phones(self, phones: Iterable[SmsPhoneCaller]) -> None:
        by_phone = _by_phone(self._sockets)
        for phone in phones:
            for socket in by_phone.get(phone, ()):
                socket.end_credential(RefusalCode.TOKEN_INVALID, words.PHONE_REVOKED)

    def _end_keys(self, key_ids: Collection[str]) -> None:
        for key_id, sockets in _by_key(self._sockets).items():
            if key_id in key_ids:
                for socket in sockets:
                    socket.end_credential(RefusalCode.KEY_REVOKED, words.KEY_REVOKED)


def _by_key(sockets: Sockets) -> dict[str, list[Socket]]:
    found: dict[str, list[Socket]] = {}
    for socket in sockets:
        if isinstance(socket.caller, HospitalSystem):
            found.setdefault(socket.caller.key_id, []).append(socket)
    return found


def _by_phone(sockets: Sockets) -> dict[SmsPhoneCaller, list[Socket]]:
    found: dict[SmsPhoneCaller, list[Socket]] = {}
    for socket in sockets:
        if isinstance(socket.caller, SmsPhoneCaller):
            found.setdefault(socket.caller, []).append(socket)
    return found


def _by_session(sockets: Sockets) -> dict[UUID, list[Socket]]:
    found: dict[UUID, list[Socket]] = {}
    for socket in sockets:
        if isinstance(socket.caller, SignedInUser | StaffMember):
            found.setdefault(socket.caller.session_id, []).append(socket)
    return found
