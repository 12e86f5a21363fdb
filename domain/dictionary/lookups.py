"""What is asked of the dictionary as a whole: a tree, the names of a list, the full name of a region."""

from collections.abc import Collection
from dataclasses import dataclass, field

from datasources.sql.dictionary import Dictionary, DictItem
from datasources.stores import Stores
from domain.dictionary.regions import ancestors_of, full_name


@dataclass(slots=True)
class DictNode:
    """An item with what stands below it, as deep as was asked."""

    item: DictItem
    children: list["DictNode"] = field(default_factory=list)


async def dictionary_tree(stores: Stores, code: str, depth: int) -> DictNode | None:
    """The tree under the root with this dict code, `depth` levels below it; None if there is no such root."""
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        root = await dictionary.by_code(code)
        if root is None:
            return None
        items = await dictionary.subtree(root.id, depth)
    nodes = {item.id: DictNode(item) for item in items}
    for item in items:
        if item.id != root.id and item.parent_id is not None:
            nodes[item.parent_id].children.append(nodes[item.id])
    return nodes[root.id]


async def names_by_value(stores: Stores, code: str) -> dict[str, str] | None:
    """Value → name of the items directly under the root with this dict code, in order; None without such a root."""
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        root = await dictionary.by_code(code)
        if root is None:
            return None
        children = await dictionary.children_by_parent_ids([root.id])
    return {item.value: item.name for item in children[root.id]}


async def region_full_names(stores: Stores, codes: Collection[str]) -> dict[str, str]:
    """The full name of each region by its six-digit code (北京市东城区); codes that name no region are absent.

    One round trip however many codes: a region's id is its code, so all ancestors are known beforehand.
    """
    paths = {code: (*ancestors_of(code), code) for code in codes}
    async with stores.sql.read() as session:
        items = await Dictionary(session).by_ids({int(step) for path in paths.values() for step in path})
    return {
        code: full_name(items[int(step)].name for step in path if int(step) in items)
        for code, path in paths.items()
        if int(code) in items
    }
