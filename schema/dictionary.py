"""The dictionary."""

import strawberry

from datasources.sql.dictionary import DictItem as DictItemRow
from domain.global_id import NodeKind, global_id
from resolvers import dictionary, nodes
from schema.binding import Context, of, on
from schema.node import Node


@strawberry.federation.type(
    keys=["id"],
    description="An item of the dictionary: a region, a hospital level, a certificate kind, … Items form a tree.",
)
class DictItem(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda item: global_id(NodeKind.DICT_ITEM, item.id)), description="Global, opaque id."
    )
    name: str = strawberry.field(description="Display text, in Chinese.")
    value: str = strawberry.field(description="The value that stands for the item, unique under its parent.")
    dict_code: str | None = strawberry.field(description="Code by which a list is found; only its root has one.")
    parent: "DictItem | None" = strawberry.field(resolver=on(dictionary.parent_of), description="The item above.")
    children: list["DictItem"] = strawberry.field(
        resolver=on(dictionary.children_of), description="The items directly below, in order."
    )

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, DictItemRow)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.DICT_ITEM)


@strawberry.type(description="A value of a dictionary list and its display text.")
class DictEntry:
    value: str = strawberry.field(description="The value.")
    name: str = strawberry.field(description="Its display text.")
