"""The dictionary: a tree of coded values (regions, hospital levels, certificate kinds, …)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint, func
from sqlmodel import Field, SQLModel


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
