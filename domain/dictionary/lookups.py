"""What is asked of a list of the dictionary as a whole."""

from datasources.sql.dictionary import Dictionary
from datasources.stores import Stores


async def names_by_value(stores: Stores, code: str) -> dict[str, str] | None:
    """Value → name of the items directly under the root with this dict code, in order; None without such a root."""
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        root = await dictionary.by_code(code)
        if root is None:
            return None
        children = await dictionary.children_by_parent_ids([root.id])
    return {item.value: item.name for item in children[root.id]}
