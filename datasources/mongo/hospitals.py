"""Reads of hospital documents: by code, and listed hospitals page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from datasources.mongo.documents import DepartmentDocument, HospitalDocument, HospitalLogo
from datasources.mongo.name_search import name_condition
from datasources.mongo.stored import find_stored


class HospitalSort(StrEnum):
    """Order of a list of hospitals; equal ones are ordered by code."""

    NAME = "NAME"
    LEVEL = "LEVEL"
    CODE = "CODE"


@dataclass(frozen=True, slots=True)
class HospitalCriteria:
    """What listed hospitals are searched by; None leaves a criterion out.

    `text` is matched within the name, the full pinyin and the pinyin initials; `region_field` is the document's
    field that holds `region_code`; `department` is matched within the names of the hospital's departments.
    """

    text: str | None = None
    level: str | None = None
    region_field: str | None = None
    region_code: str | None = None
    department: str | None = None


class HospitalReads:
    """Questions about hospitals, one round trip each (two when a department's name is among the criteria)."""

    async def by_codes(self, codes: Sequence[str]) -> dict[str, HospitalDocument]:
        """Listed hospitals by their codes."""
        found = await find_stored(HospitalDocument, {"_id": {"$in": codes}, "listed": True})
        return {hospital.code: hospital for hospital in found}

    async def whether_listed_or_not(self, code: str) -> HospitalDocument | None:
        """The hospital with this code, even one that patients do not see."""
        return await HospitalDocument.get(code)

    async def logo(self, code: str) -> HospitalLogo | None:
        """The logo of the hospital with this code."""
        return await HospitalLogo.get(code)

    async def page(
        self, criteria: HospitalCriteria, sort: HospitalSort, after: Sequence[str] | None, limit: int
    ) -> list[HospitalDocument]:
        """Up to `limit` hospitals behind the sort keys `after`."""
        conditions = await self._conditions(criteria)
        fields = _SORT_FIELDS[sort]
        if after is not None:
            conditions.append(_behind(fields, after))
        return await find_stored(HospitalDocument, {"$and": conditions}, sort=fields, limit=limit)

    async def count(self, criteria: HospitalCriteria) -> int:
        """How many hospitals meet the criteria."""
        return await HospitalDocument.find({"$and": await self._conditions(criteria)}).count()

    async def _conditions(self, criteria: HospitalCriteria) -> list[dict[str, Any]]:
        conditions: list[dict[str, Any]] = [{"listed": True}]
        if criteria.text:
            conditions.append(name_condition(criteria.text))
        if criteria.level:
            conditions.append({"level": criteria.level})
        if criteria.region_field and criteria.region_code:
            conditions.append({criteria.region_field: criteria.region_code})
        if criteria.department:
            named = name_condition(criteria.department)
            conditions.append({"_id": {"$in": await DepartmentDocument.distinct("hospital_code", named)}})
        return conditions


def sort_keys(hospital: HospitalDocument, sort: HospitalSort) -> list[str]:
    """The values by which the hospital stands where it stands in a list so sorted."""
    return [str(getattr(hospital, "id" if field == "_id" else field)) for field in _SORT_FIELDS[sort]]


_SORT_FIELDS = {
    HospitalSort.NAME: ["pinyin", "_id"],
    HospitalSort.LEVEL: ["level_rank", "pinyin", "_id"],
    HospitalSort.CODE: ["_id"],
}


def _behind(fields: Sequence[str], keys: Sequence[str]) -> dict[str, Any]:
    """Documents whose sort keys are greater than these, the first differing key deciding."""
    alternatives: list[dict[str, Any]] = []
    for index, field in enumerate(fields):
        equal = dict(zip(fields[:index], keys[:index], strict=True))
        alternatives.append({**equal, field: {"$gt": keys[index]}})
    return {"$or": alternatives}
