"""Puts what the demo made into the stores, in bulk and harmlessly often: what stands already is left as it is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pymongo.errors import BulkWriteError

from datasources.sql.hospital_account import HospitalAccounts
from datasources.stores import Stores
from server.demo.sessions import LedgerRow

# The whole large set is one stream of batches; a single one never takes this long.
COPY_TIMEOUT_SECONDS = 120.0

_DUPLICATE_KEY = 11000
_PROGRESS = "demo_progress"

Document = dict[str, Any]


class DemoWriter:
    """Writes in an order that a process may be killed anywhere in: texts, then what can be sold, then the mark."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._database = stores.catalogue.database

    async def filled_through(self) -> dict[str, date]:
        """Through which day each hospital of the demo has all its sessions, by hospital code."""
        async with self._stores.sql.read() as session:
            # A mark outlives its hospital when PostgreSQL alone was emptied.
            standing = set(await HospitalAccounts(session).all_codes())
        marks = self._database[_PROGRESS].find()
        return {mark["_id"]: date.fromisoformat(mark["through"]) async for mark in marks if mark["_id"] in standing}

    async def mark_filled(self, hospital_code: str, through: date) -> None:
        """Remember that this hospital's sessions stand through this day."""
        await self._database[_PROGRESS].replace_one(
            {"_id": hospital_code}, {"_id": hospital_code, "through": through.isoformat()}, upsert=True
        )

    async def insert_documents(self, collection: str, documents: Sequence[Document]) -> None:
        """Store the documents whose ids are new."""
        if not documents:
            return
        try:
            await self._database[collection].insert_many(documents, ordered=False)
        except BulkWriteError as error:
            faults = (error.details or {}).get("writeErrors", [])
            if any(fault["code"] != _DUPLICATE_KEY for fault in faults):
                raise

    async def insert_accounts_and_sessions(
        self, accounts: Sequence[tuple[str, str]], sessions: Sequence[LedgerRow]
    ) -> None:
        """Store the hospital accounts (code, name) and ledger rows whose keys are new, in one transaction."""
        async with self._stores.sql.engine.begin() as connection:
            # Begins SQLAlchemy's transaction on the driver's connection, which from here on speaks for itself.
            await connection.exec_driver_sql(
                "CREATE TEMPORARY TABLE demo_session (LIKE slot_ledger INCLUDING DEFAULTS) ON COMMIT DROP"
            )
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is None:
                raise RuntimeError("SQLAlchemy gave up its connection inside a transaction")
            await driver.executemany(
                "INSERT INTO hospital_account (code, name, status) VALUES ($1, $2, 'ONLINE') ON CONFLICT DO NOTHING",
                accounts,
            )
            await driver.copy_records_to_table(
                "demo_session", records=sessions, columns=LedgerRow._fields, timeout=COPY_TIMEOUT_SECONDS
            )
            await driver.execute(
                "INSERT INTO slot_ledger SELECT * FROM demo_session ON CONFLICT DO NOTHING",
                timeout=COPY_TIMEOUT_SECONDS,
            )

    async def refresh_statistics(self) -> None:
        """Let PostgreSQL plan by what stands now, instead of by the empty tables until it looks again by itself."""
        async with self._stores.sql.engine.begin() as connection:
            await connection.exec_driver_sql("ANALYZE hospital_account, slot_ledger")
