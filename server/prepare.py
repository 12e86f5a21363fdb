"""Makes PostgreSQL ready for the platform: its tables, the root key's canary, and the dictionary that ships with it."""

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.dictionary.seed import ensure_dictionary
from server.key_check import KeyCheck
from server.migrate import migrate


async def prepare(database_url: str, ring: KeyRing) -> None:
    """Bring the tables up to date and store what is missing of the dictionary. Any number of processes may do so.

    Raises StartError when the ring is not the one that belongs to the database.
    """
    await migrate(database_url)
    database = Database(database_url, pool_size=1)
    try:
        await KeyCheck(database, ring).until_answered()
        await ensure_dictionary(database)
    finally:
        await database.close()
