"""`rotate-keys`: brings everything sealed to the active root key, while the platform goes on."""

from collections.abc import Callable

from datasources.sql.database import Database
from domain.clock import system_clock
from domain.encryption.rotation import rotate
from server.key_check import KeyCheck
from server.root_key import key_ring
from server.settings import Settings


async def rotate_keys(settings: Settings, database_url: str, say: Callable[[str], None]) -> bool:
    """Whether every record is now on the active key; what was done is said table by table. Raises StartError."""
    ring = key_ring(settings)
    database = Database(database_url, pool_size=1)
    try:
        await KeyCheck(database, ring).until_answered()
        tables = await rotate(database, ring, system_clock)
    finally:
        await database.close()
    for table in tables:
        lost = f", {table.unopened} THAT NO KEY OPENS" if table.unopened else ""
        say(f"{table.table}: {table.resealed} records sealed with key {ring.active}{lost}")
    return not any(table.unopened for table in tables)
