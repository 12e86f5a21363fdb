"""Tells a store that is down from every other fault."""

from collections.abc import Iterator
from enum import StrEnum

import asyncpg
import beanie.exceptions
import pymongo.errors
import redis.exceptions
import sqlalchemy.exc

from datasources.storage.object_store import ObjectStorageDownError


class Store(StrEnum):
    """A store, as health checks and logs name it."""

    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"
    REDIS = "redis"
    OBJECT_STORAGE = "object-storage"


_REFUSED_BY_POSTGRESQL = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    sqlalchemy.exc.TimeoutError,
)


def unavailable_store(error: BaseException) -> Store | None:
    """The store whose absence caused this error, or None when the error has another cause.

    SQLAlchemy, Strawberry and graphql-core wrap what the drivers raise, so the chain of causes is walked.
    """
    for link in _chain(error):
        if isinstance(link, ObjectStorageDownError):
            return Store.OBJECT_STORAGE
        if isinstance(link, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError):
            return Store.REDIS
        if isinstance(link, pymongo.errors.ConnectionFailure | pymongo.errors.WaitQueueTimeoutError):
            return Store.MONGODB
        if isinstance(link, beanie.exceptions.CollectionWasNotInitialized):
            # The process has started and MongoDB has not answered it yet, or not about all of its documents.
            return Store.MONGODB
        if isinstance(link, _REFUSED_BY_POSTGRESQL):
            return Store.POSTGRESQL
        if isinstance(link, sqlalchemy.exc.DBAPIError) and link.connection_invalidated:
            return Store.POSTGRESQL
        # asyncpg lets the socket's own errors through when it cannot connect at all.
        if isinstance(link, ConnectionError | TimeoutError | FileNotFoundError) and not isinstance(
            link, redis.exceptions.RedisError
        ):
            return Store.POSTGRESQL
    return None


_DATA, _CONSTRAINT, _ROLLBACK, _RAISED = "22", "23", "40", "P0"


def spoilt_by_one(error: BaseException) -> bool:
    """Whether PostgreSQL undid a statement for what one of its rows was (a constraint, a value), or to end a deadlock.

    What the statement held may be tried again in smaller parts.
    """
    return isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] in {
        _DATA,
        _CONSTRAINT,
        _ROLLBACK,
        _RAISED,
    }


def was_deadlocked(error: BaseException) -> bool:
    """Whether PostgreSQL undid a statement because of what others did at the same time; it may be tried again."""
    return isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] == _ROLLBACK


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = getattr(link, "original_error", None) or link.__cause__ or link.__context__
