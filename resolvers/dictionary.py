"""The dictionary: items, trees, lists and region names."""

from dataclasses import dataclass

from datasources.sql.dictionary import Dictionary, DictItem
from domain.dictionary.lookups import names_by_value
from domain.dictionary.regions import ancestors_of, full_name, normalise_region_code
from resolvers.context import RequestContext

MAX_TREE_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and its name."""

    value: str
    name: str


async def item_by_code(context: RequestContext, code: str, value: str | None) -> DictItem | None:
    """The root with this dict code, or the item with this value directly below it."""
    if value is not None:
        return await context.loaders.dict_item_by_code_and_value.load((code, value))
    async with context.stores.sql.read() as session:
        return await Dictionary(session).by_code(code)


async def roots(context: RequestContext) -> list[DictItem]:
    """The lists that the dictionary has."""
    async with context.stores.sql.read() as session:
        return await Dictionary(session).roots()


async def tree(context: RequestContext, code: str, depth: int) -> list[DictItem]:
    """The root with this dict code and all below it down to `depth` levels, parents before children."""
    async with context.stores.sql.read() as session:
        dictionary = Dictionary(session)
        root = await dictionary.by_code(code)
        return [] if root is None else await dictionary.subtree(root.id, max(0, min(depth, MAX_TREE_DEPTH)))


async def entries(context: RequestContext, code: str) -> list[Entry] | None:
    """Values and names directly below the root with this dict code; None without such a root."""
    names = await names_by_value(context.stores, code)
    return None if names is None else [Entry(value, name) for value, name in names.items()]


async def region_full_name(context: RequestContext, code: str) -> str | None:
    """The region's name from its province down (北京市东城区); None if there is no such region."""
    known = normalise_region_code(code)
    if known is None:
        return None
    steps = (*ancestors_of(known), known)
    items = await context.loaders.dict_item_by_id.load_many([int(step) for step in steps])
    return None if items[-1] is None else full_name(item.name for item in items if item is not None)


async def parent_of(context: RequestContext, item: DictItem) -> DictItem | None:
    """The item above."""
    return None if item.parent_id is None else await context.loaders.dict_item_by_id.load(item.parent_id)


async def children_of(context: RequestContext, item: DictItem) -> list[DictItem]:
    """The items directly below."""
    return await context.loaders.dict_children_by_parent_id.load(item.id) or []
