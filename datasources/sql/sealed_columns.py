"""Every column that holds sealed records, found by its name, so that none is forgotten when keys are rotated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Uuid, and_, func, literal, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

PREFIX = "sealed_"


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns. A record is sealed for `table.column` and the row's key as text."""

    table: Table
    key: Column[Any]
    columns: tuple[Column[Any], ...]

    def field(self, column: Column[Any]) -> str:
        """The name that the column's records are sealed for."""
        return f"{self.table.name}.{column.name}"


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One row's key and its records by column name, nulls left out."""

    key: Any
    records: Mapping[str, bytes]


def sealed_tables(metadata: MetaData) -> list[SealedTable]:
    """Tables with columns named `sealed_…`, by name. Raises ValueError if one's key is not a single column."""
    found = []
    for table in sorted(metadata.tables.values(), key=lambda each: each.name):
        columns = tuple(column for column in table.columns if column.name.startswith(PREFIX))
        if columns:
            keys = list(table.primary_key.columns)
            if len(keys) != 1:
                raise ValueError(f"{table.name} has sealed columns and {len(keys)} key columns; one is needed")
            found.append(SealedTable(table, keys[0], columns))
    return found


class SealedRows:
    """Reads and replaces sealed records inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def stale(self, sealed: SealedTable, key_id: int, *, after: str, limit: int) -> list[SealedRow]:
        """Rows behind `after` ("" for the first) with a record that another key than this one sealed, by key."""
        # A record's second and third byte are its key's id.
        other_key = [func.substring(column, 2, 2) != literal(key_id.to_bytes(2, "big")) for column in sealed.columns]
        query = select(sealed.key, *sealed.columns).where(or_(*other_key)).order_by(sealed.key).limit(limit)
        if after:
            query = query.where(sealed.key > _key_of(sealed, after))
        connection = await self._session.connection()
        rows = (await connection.execute(query)).all()
        names = [column.name for column in sealed.columns]
        return [
            SealedRow(row[0], {name: bytes(record) for name, record in zip(names, row[1:], strict=True) if record})
            for row in rows
        ]

    async def replace(self, sealed: SealedTable, row: SealedRow, fresh: Mapping[str, bytes]) -> bool:
        """Put fresh records in place of the row's; False if one of them was changed meanwhile, and nothing is done."""
        unchanged = [sealed.table.c[name] == row.records[name] for name in fresh]
        connection = await self._session.connection()
        replaced = await connection.execute(
            update(sealed.table)
            .where(and_(sealed.key == row.key, *unchanged))
            .values(dict(fresh))
            .returning(sealed.key)
        )
        return replaced.one_or_none() is not None


def _key_of(sealed: SealedTable, text: str) -> Any:
    if isinstance(sealed.key.type, Uuid):
        return UUID(text)
    return int(text) if isinstance(sealed.key.type, Integer | BigInteger) else text


def key_text(keys: Sequence[Any]) -> str:
    """The last of these keys as text; empty without any."""
    return str(keys[-1]) if keys else ""
