"""Refuses to work with root keys that do not belong to the database."""

import asyncio
import signal
from contextlib import suppress

import structlog
from sqlalchemy.exc import ProgrammingError

from datasources.faults import unavailable_store
from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.encryption.canary import WrongRingError, check_ring
from server.start_error import StartError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0

_log = structlog.get_logger(component="key_check")


class WrongKeyError(StartError):
    """The settings' root keys are not the database's."""


class KeyCheck:
    """One process's check. A database that is down, or has no tables yet, is asked again until it answers."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._passed = False

    async def try_once(self) -> bool:
        """True once the keys proved right, False if the database could not tell. Raises WrongKeyError."""
        if self._passed:
            return True
        try:
            await check_ring(self._database, self._ring)
        except WrongRingError as error:
            raise WrongKeyError(str(error)) from error
        except Exception as error:
            # Without its table the database is one that nobody has migrated yet, so nothing sealed is in it.
            if unavailable_store(error) is None and not isinstance(error, ProgrammingError):
                raise
            _log.warning("the database cannot tell yet whether the root key is its own", error=type(error).__name__)
            return False
        self._passed = True
        return True

    async def until_answered(self, closing: asyncio.Event | None = None) -> None:
        """Return once the keys proved right, however long the database takes, or when the process closes.

        Raises WrongKeyError.
        """
        closing = closing or asyncio.Event()
        pause = FIRST_PAUSE_SECONDS
        while not closing.is_set() and not await self.try_once():
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await closing.wait()
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def end_process_if_wrong(self, closing: asyncio.Event) -> None:
        """For a server that runs already: wait for the answer and, if it is no, have the process stopped."""
        try:
            await self.until_answered(closing)
        except WrongKeyError as error:
            _log.critical("stopping: the root key is not the database's", reason=str(error))
            signal.raise_signal(signal.SIGTERM)
