"""Region codes of GB/T 2260: two digits each for province, city and district. Pure; names come from the dictionary."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

_CODE = re.compile(r"[1-9][0-9](?:[0-9]{2}){0,2}")

# Rows that only group what stands below them. Nobody says them in an address.
_UNSPOKEN = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


class RegionLevel(StrEnum):
    """How deep a region stands."""

    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"


def normalise_region_code(text: str) -> str | None:
    """The six-digit form of a code given with two, four or six digits ("11" is "110000"); None if it is no code.

    Only the form is judged: whether such a region exists, the dictionary knows.
    """
    digits = unicodedata.normalize("NFKC", text).strip()
    return digits.ljust(6, "0") if _CODE.fullmatch(digits) else None


def level_of(code: str) -> RegionLevel:
    """The level of a six-digit code. A district may stand directly under its province (810001)."""
    if code.endswith("0000"):
        return RegionLevel.PROVINCE
    return RegionLevel.CITY if code.endswith("00") else RegionLevel.DISTRICT


def ancestors_of(code: str) -> tuple[str, ...]:
    """The six-digit codes above a six-digit code, the province first."""
    above = (code[:2] + "0000", code[:4] + "00")
    return tuple(dict.fromkeys(ancestor for ancestor in above if ancestor != code))


def full_name(names: Iterable[str]) -> str:
    """One name from the names on the way from the province down: 北京市, 市辖区, 东城区 make 北京市东城区.

    Grouping rows (市辖区, 省直辖县级行政区划) are left out, and so is a name that repeats the one above (嘉峪关市).
    """
    spoken: list[str] = []
    for name in names:
        if name not in _UNSPOKEN and spoken[-1:] != [name]:
            spoken.append(name)
    return "".join(spoken)
