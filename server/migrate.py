"""Brings PostgreSQL's tables up to date. Every process may ask for it at its start; one does it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from datasources.sql.database import asyncpg_url

MIGRATIONS = Path(__file__).parent.parent / "migrations"

# Any number will do as long as nobody else locks it in this database.
MIGRATION_LOCK = 0x48_54_42_4D_49_47  # "HTBMIG"

CONNECT_TIMEOUT_SECONDS = 10


async def migrate(database_url: str) -> None:
    """Run the migrations that the database has not seen, all or none of them.

    Waits while another process does the same, then finds nothing left to do.
    """
    engine = create_async_engine(
        asyncpg_url(database_url), poolclass=NullPool, connect_args={"timeout": CONNECT_TIMEOUT_SECONDS}
    )
    try:
        async with engine.begin() as connection:
            # Released by the end of the transaction, however it ends.
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


async def draft_migration(database_url: str, name: str) -> Path:
    """Write the next migration from what the declared tables have beyond the migrated ones, to be corrected."""
    engine = create_async_engine(asyncpg_url(database_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_draft, name)
    finally:
        await engine.dispose()


def _draft(connection: Connection, name: str) -> Path:
    config = alembic_config(connection)
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    script = command.revision(config, message=name, autogenerate=True, rev_id=f"{number:04}")
    if not isinstance(script, Script):
        raise TypeError("Alembic drafted no single migration")
    return Path(script.path)
