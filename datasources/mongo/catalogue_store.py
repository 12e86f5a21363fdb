"""The connection to MongoDB. Beanie is bound to it as soon as the server answers."""

import asyncio
from typing import Any

from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from datasources.mongo.documents import DOCUMENTS, HospitalDocument

SERVER_SELECTION_TIMEOUT_MS = 2_000
SOCKET_TIMEOUT_MS = 10_000


class CatalogueStore:
    """One client per process."""

    def __init__(self, url: str) -> None:
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            url,
            serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS,
            connectTimeoutMS=SERVER_SELECTION_TIMEOUT_MS,
            socketTimeoutMS=SOCKET_TIMEOUT_MS,
            tz_aware=True,
        )
        self.database: AsyncDatabase[dict[str, Any]] = self.client.get_default_database("htbooking")
        self._binding = asyncio.Lock()

    @property
    def bound(self) -> bool:
        """Whether documents are read through this store: before that Beanie knows no field of theirs.

        Beanie binds its documents once for the whole process, so the store that was bound last has them.
        """
        settings = HospitalDocument._document_settings  # noqa: SLF001 - Beanie has no public way to ask
        return settings is not None and settings.pymongo_db is not None and settings.pymongo_db.client is self.client

    async def bind(self) -> None:
        """Bind the documents and make their indexes. Raises while the server does not answer: call again."""
        if self.bound:
            return
        async with self._binding:
            if not self.bound:
                await init_beanie(database=self.database, document_models=DOCUMENTS)

    async def ping(self) -> None:
        """Raise unless MongoDB answers."""
        await self.client.admin.command("ping")

    async def close(self) -> None:
        """Close every connection."""
        await self.client.close()
