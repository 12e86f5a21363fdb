"""The three stores of one process, opened and closed together, and who in it watches them."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from datasources.hints import RedisHints
from datasources.live.topics import Topics
from datasources.mongo.catalogue_store import CatalogueStore
from datasources.sql.database import Database

REDIS_TIMEOUT_SECONDS = 2


@dataclass(slots=True, frozen=True)
class Stores:
    """PostgreSQL, MongoDB and Redis. Making one connects to nothing yet."""

    sql: Database
    catalogue: CatalogueStore
    redis: "Redis"
    topics: Topics = field(default_factory=Topics)
    """Woken by `datasources.live.listener` where one runs."""

    @classmethod
    def at(cls, *, database_url: str, mongodb_url: str, redis_url: str, sql_pool_size: int = 16) -> "Stores":
        """Stores at these addresses."""
        redis = Redis.from_url(
            redis_url, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
        )
        return cls(
            sql=Database(database_url, pool_size=sql_pool_size, send_hints=RedisHints(redis).send),
            catalogue=CatalogueStore(mongodb_url),
            redis=redis,
        )

    async def close(self) -> None:
        """Close all three."""
        await self.sql.close()
        await self.catalogue.close()
        await self.redis.aclose()
