"""Alembic's entry. The connection comes from `server/migrate.py`, which also holds the lock.

To change a table:

1. Change its class in `datasources/sql/` (a new module is imported in `datasources/sql/tables.py`).
2. Write `migrations/versions/NNNN_what_it_does.py` with the next number, `revision = "NNNN"` and `down_revision` the
   number before. `make migration name="what it does"` drafts it from the difference; read and correct the draft.
3. `tests/test_migrations.py` compares the migrated database with the classes and names what differs. It sees tables,
   columns, types, defaults, indexes and keys, and the text of check constraints.

A migration that stands in `main` is never edited: installations have run it.
"""

from alembic import context

from datasources.sql.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, compare_type=True, compare_server_default=True)
with context.begin_transaction():
    context.run_migrations()
