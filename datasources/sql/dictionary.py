"""The dictionary: a tree of coded values (regions, hospital levels, certificate kinds, …)."""

from collections.abc import Collection, Sequence

import asyncpg
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    any_,
    cast,
    func,
    literal,
    text,
)
from sqlalchemy.orm import configure_mappers
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch


class DictItem(SQLModel, table=True):
    """One node of the dictionary. A root carries a dict code by which its children are found."""

    __tablename__ = "dict_item"
    __table_args__ = (
        UniqueConstraint("parent_id", "value", name="dict_item_value_under_parent"),
        Index("dict_item_code", func.lower(Column("dict_code")), unique=True),
        Index("dict_item_parent", "parent_id", "position"),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    parent_id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("dict_item.id", deferrable=True, initially="DEFERRED")),
    )
    name: str
    value: str
    dict_code: str | None = Field(default=None)
    position: int = Field(default=0)


# One level of the tree at a time, so an item whose parent an administrator took away stays away with it.
_INSERT_MISSING = text(
    """
    INSERT INTO dict_item (id, parent_id, name, value, dict_code, position)
    SELECT given.*
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:parent_ids AS bigint[]), CAST(:names AS text[]),
        CAST(:values AS text[]), CAST(:dict_codes AS text[]), CAST(:positions AS integer[])
    ) AS given (id, parent_id, name, value, dict_code, position)
    WHERE given.parent_id IS NULL OR EXISTS (SELECT 1 FROM dict_item AS parent WHERE parent.id = given.parent_id)
    ORDER BY given.id
    ON CONFLICT DO NOTHING
    """
)


_BY_IDS = "SELECT id, parent_id, name, value, dict_code, position FROM dict_item WHERE id = ANY($1::bigint[])"

_BY_CODES_AND_VALUES = """
    SELECT lower(root.dict_code) AS code, i.id, i.parent_id, i.name, i.value, i.dict_code, i.position
      FROM dict_item root
      JOIN dict_item i ON i.parent_id = root.id
     WHERE lower(root.dict_code) = ANY($1::text[]) AND i.value = ANY($2::text[])
"""


class Dictionary:
    """Reads and changes the dictionary inside the session it is given. Dict codes match whatever their case."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_ids(self, ids: Collection[int]) -> dict[int, DictItem]:
        """The items with these ids, by id; unknown ids are absent."""
        rows = await fetch(self._session, _BY_IDS, list(ids))
        return {row["id"]: _item(row) for row in rows}

    async def children_by_parent_ids(self, parent_ids: Collection[int]) -> dict[int, list[DictItem]]:
        """The children of each of these items in order of position; an empty list where there are none."""
        found = await self._session.exec(
            select(DictItem)
            .where(col(DictItem.parent_id) == any_(_bigints(parent_ids)))
            .order_by(col(DictItem.parent_id), col(DictItem.position), col(DictItem.id))
        )
        children: dict[int, list[DictItem]] = {parent_id: [] for parent_id in parent_ids}
        for item in found:
            if item.parent_id is not None:
                children[item.parent_id].append(item)
        return children

    async def by_parent_code_and_values(self, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], DictItem]:
        """The item with this value directly under the root with this dict code, for each (code, value) pair.

        Keys are the pairs as they were asked; pairs that name nothing are absent.
        """
        rows = await fetch(
            self._session,
            _BY_CODES_AND_VALUES,
            list({code.lower() for code, _ in pairs}),
            list({value for _, value in pairs}),
        )
        by_lowered = {(row["code"], row["value"]): _item(row) for row in rows}
        lowered = {pair: (pair[0].lower(), pair[1]) for pair in pairs}
        return {pair: by_lowered[key] for pair, key in lowered.items() if key in by_lowered}

    async def roots(self) -> list[DictItem]:
        """The items without a parent, in order of position."""
        found = await self._session.exec(
            select(DictItem).where(col(DictItem.parent_id).is_(None)).order_by(col(DictItem.position), col(DictItem.id))
        )
        return list(found)

    async def by_code(self, code: str) -> DictItem | None:
        """The item with this dict code: `hostype` finds `Hostype`."""
        return (
            await self._session.exec(select(DictItem).where(func.lower(DictItem.dict_code) == code.lower()))
        ).one_or_none()

    async def subtree(self, root_id: int, max_depth: int) -> list[DictItem]:
        """The item and all below it down to `max_depth` levels (0: the item alone); parents stand before children."""
        top = select(col(DictItem.id), literal(0).label("depth")).where(col(DictItem.id) == root_id)
        tree = top.cte("tree", recursive=True)
        tree = tree.union_all(
            select(col(DictItem.id), tree.c.depth + 1)
            .join(tree, tree.c.id == DictItem.parent_id)
            .where(tree.c.depth < max_depth)
        )
        found = await self._session.exec(
            select(DictItem)
            .join(tree, tree.c.id == DictItem.id)
            .order_by(tree.c.depth, col(DictItem.position), col(DictItem.id))
        )
        return list(found)

    async def ids(self) -> set[int]:
        """The id of every item."""
        return set((await self._session.exec(select(DictItem.id))).all())

    async def insert_missing(self, items: Sequence[DictItem]) -> None:
        """Store the items whose ids are new and whose parents stand; all others are left as they are.

        Parents must have been stored by an earlier call. An item whose value or dict code another item already
        has in its place is passed over, too.
        """
        connection = await self._session.connection()
        await connection.execute(
            _INSERT_MISSING,
            {
                "ids": [item.id for item in items],
                "parent_ids": [item.parent_id for item in items],
                "names": [item.name for item in items],
                "values": [item.value for item in items],
                "dict_codes": [item.dict_code for item in items],
                "positions": [item.position for item in items],
            },
        )


def _item(row: asyncpg.Record) -> DictItem:
    """An item to read; no session tracks it, so a change to it is stored nowhere."""
    return DictItem.model_construct(**{name: row[name] for name in DictItem.model_fields})


def _bigints(values: Collection[int]) -> ColumnElement[Sequence[int]]:
    return cast(list(values), ARRAY(BigInteger))


# Without a query through the ORM nothing else would prepare the class for `_item`.
configure_mappers()
