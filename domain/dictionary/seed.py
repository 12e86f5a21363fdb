"""What the dictionary ships with: about 3,400 items, stored at the first start (sources in data/README.md)."""

import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

from datasources.sql.database import Database
from datasources.sql.dictionary import Dictionary, DictItem
from domain.dictionary.regions import ancestors_of

_DATA = files("domain.dictionary") / "data"
_REGIONS_ROOT = "Province"

# The items of list 6 have the ids 6001, 6002, …: apart from the regions, whose ids are their six-digit codes.
_IDS_PER_LIST = 1000


async def ensure_dictionary(database: Database) -> int:
    """Store what is missing of the shipped dictionary, in one transaction; the number of items that were missing.

    Only ids decide: what an administrator has changed stays changed. Several processes may do this at once.
    """
    async with database.unit_of_work() as session:
        dictionary = Dictionary(session)
        present = await dictionary.ids()
        missing = [(depth, item) for depth, item in shipped_items() if item.id not in present]
        for _, level in groupby(sorted(missing, key=_by_depth), key=_by_depth):
            await dictionary.insert_missing([item for _, item in level])
    return len(missing)


def shipped_items() -> Iterator[tuple[int, DictItem]]:
    """Every item with its depth in the tree (a root's is 0)."""
    for position, root in enumerate(_read("lists.json"), 1):
        yield (
            0,
            DictItem(id=root["id"], name=root["name"], value=root["code"], dict_code=root["code"], position=position),
        )
        if root["code"] == _REGIONS_ROOT:
            yield from _regions(root["id"])
        else:
            yield from _short_list(root)


def shipped_regions() -> dict[str, str]:
    """Six-digit code → name of every region, in order of codes."""
    regions: dict[str, str] = _read("regions.json")
    return regions


def _short_list(root: dict[str, Any]) -> Iterator[tuple[int, DictItem]]:
    for position, (value, name) in enumerate(root["items"].items(), 1):
        yield (
            1,
            DictItem(
                id=root["id"] * _IDS_PER_LIST + position,
                parent_id=root["id"],
                name=name,
                value=value,
                position=position,
            ),
        )


def _regions(root_id: int) -> Iterator[tuple[int, DictItem]]:
    for position, (code, name) in enumerate(shipped_regions().items(), 1):
        above = ancestors_of(code)
        parent_id = int(above[-1]) if above else root_id
        yield len(above) + 1, DictItem(id=int(code), parent_id=parent_id, name=name, value=code, position=position)


def _by_depth(pair: tuple[int, DictItem]) -> int:
    return pair[0]


def _read(name: str) -> Any:
    return json.loads((_DATA / name).read_text(encoding="utf-8"))
