"""Makes PostgreSQL ready for the platform: its tables, and the dictionary that ships with it."""

from datasources.sql.database import Database
from domain.dictionary.seed import ensure_dictionary
from server.migrate import migrate


async def prepare(database_url: str) -> None:
    """Bring the tables up to date and store what is missing of the dictionary. Any number of processes may do so."""
    await migrate(database_url)
    database = Database(database_url, pool_size=1)
    try:
        await ensure_dictionary(database)
    finally:
        await database.close()
