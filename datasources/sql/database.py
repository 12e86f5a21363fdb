"""The connection pool to PostgreSQL and the two ways to use it: a read session and a unit of work."""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import PoolProxiedConnection, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import greenlet_spawn
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.hints import SendHints, take_hints

CONNECT_TIMEOUT_SECONDS = 3
STATEMENT_TIMEOUT_SECONDS = 10
# Longer than the pauses between requests, shorter than what firewalls forgive an idle connection.
TRUSTED_IDLE_SECONDS = 30.0
_LAST_WORDS = frozenset({"FATAL", "PANIC"})


class Database:
    """One pool per process; connections are made when first needed, so a server that is down delays nobody's start."""

    def __init__(self, url: str, *, pool_size: int, send_hints: SendHints | None = None) -> None:
        self._send_hints = send_hints
        self.engine: AsyncEngine = create_async_engine(
            asyncpg_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=STATEMENT_TIMEOUT_SECONDS,
            connect_args={"timeout": CONNECT_TIMEOUT_SECONDS, "command_timeout": STATEMENT_TIMEOUT_SECONDS},
        )
        _replace_dead_connections(self.engine)
        # The same pool without transactions: a read is one statement, and BEGIN and ROLLBACK would be two more.
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A short session for reads, each of which sees the data of its own moment; it takes no locks.

        Never shared between concurrently running resolvers.
        """
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises. Then its hints are sent."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            async with session.begin():
                yield session
            hints = take_hints(session)
        if hints and self._send_hints is not None:
            await self._send_hints(hints)

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of one statement that commits by itself, by the driver alone. Parameters are `$1`, `$2`, …

        For the statements of which there are thousands at once: a session around one costs more than the driver's work.
        """
        connection = await self.engine.raw_connection()
        try:
            return await _rows(connection.driver_connection, query, arguments)
        finally:
            await greenlet_spawn(connection.close)

    async def ping(self) -> None:
        """Raise unless PostgreSQL answers."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _replace_dead_connections(engine: AsyncEngine) -> None:
    """Give nobody a connection that died in the pool (server restarted), without asking the server each time.

    A server that stops, even by kill -9, closes its connections, and the driver learns of it at once. One that
    vanishes with its machine closes nothing, so a connection that was idle for long is tried before it is used.
    """
    idle_since = "idle_since"

    @event.listens_for(engine.sync_engine, "checkin")
    def _note(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[idle_since] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _check(connection: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        # The pool answers by making a new connection in its place.
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server closed the connection")
        if time.monotonic() - entry.info.get(idle_since, math.inf) > TRUSTED_IDLE_SECONDS:
            try:
                connection.ping()
            except Exception as error:
                raise DisconnectionError("the connection does not answer") from error


async def fetch(session: AsyncSession, query: str, *arguments: object) -> list[asyncpg.Record]:
    """The rows of a read, by the driver itself: prepared once per connection, without SQLAlchemy's work on each row.

    For the reads that pages are made of. Parameters are `$1`, `$2`, …
    """
    connection = await (await session.connection()).get_raw_connection()
    return await _rows(connection.driver_connection, query, arguments)


async def _rows(driver: Any, query: str, arguments: tuple[object, ...]) -> list[asyncpg.Record]:
    try:
        rows: list[asyncpg.Record] = await driver.fetch(query, *arguments)
    except asyncpg.PostgresError as error:
        if error.severity_en in _LAST_WORDS:
            # The server closes the connection a moment later; nobody may be given it from the pool before.
            driver.terminate()
        raise
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # So the driver refuses a statement on a connection that was lost before; but wrong arguments too.
        if isinstance(error, asyncpg.InternalClientError):
            driver.terminate()
        if driver.is_closed():
            raise asyncpg.ConnectionDoesNotExistError("the connection was lost") from error
        raise
    return rows


def asyncpg_url(url: str) -> str:
    """The URL in SQLAlchemy's form, whatever customary scheme it came with."""
    for scheme in ("postgresql+asyncpg://", "postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+asyncpg://" + url.removeprefix(scheme)
    raise ValueError("DATABASE_URL must begin with postgresql://")
