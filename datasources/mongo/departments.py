"""Reads of department documents."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from datasources.mongo.documents import DepartmentDocument, HospitalDocument
from datasources.mongo.name_search import name_condition
from datasources.mongo.stored import WHOLE_ANSWER, find_stored


class DepartmentSlice(NamedTuple):
    """The first departments of a hospital that patients book in, behind a position."""

    hospital_code: str
    limit: int
    after_position: int
    after_id: str
    text: str


class DepartmentReads:
    """Questions about departments, one round trip each for any number of hospitals."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, DepartmentDocument]:
        """Departments by their keys."""
        found = await find_stored(DepartmentDocument, {"_id": {"$in": ids}})
        return {department.id: department for department in found}

    async def of_hospitals(self, hospital_codes: Sequence[str]) -> dict[str, list[DepartmentDocument]]:
        """All departments of each hospital, in the hospital's order."""
        found = await find_stored(
            DepartmentDocument,
            {"hospital_code": {"$in": hospital_codes}},
            sort=("hospital_code", "position", "_id"),
        )
        grouped: dict[str, list[DepartmentDocument]] = {code: [] for code in hospital_codes}
        for department in found:
            grouped[department.hospital_code].append(department)
        return grouped

    async def slices(self, wanted: Sequence[DepartmentSlice]) -> dict[DepartmentSlice, list[DepartmentDocument]]:
        """The bookable departments (those without children) that each slice asks for.

        Slices that differ only in their hospital are read together, each by its own index range,
        so a hospital with 288 departments costs no more than one with five.
        """
        results: dict[DepartmentSlice, list[DepartmentDocument]] = {}
        alike: dict[tuple[Any, ...], list[DepartmentSlice]] = {}
        for wanted_slice in dict.fromkeys(wanted):
            alike.setdefault(wanted_slice[1:], []).append(wanted_slice)
        for group in alike.values():
            found = await self._slices_alike([each.hospital_code for each in group], group[0])
            results |= {each: found.get(each.hospital_code, []) for each in group}
        return results

    async def _slices_alike(
        self, hospital_codes: Sequence[str], shape: DepartmentSlice
    ) -> dict[str, list[DepartmentDocument]]:
        matching = _leaves(shape.text)
        if shape.after_id:
            matching.append(
                {
                    "$or": [
                        {"position": {"$gt": shape.after_position}},
                        {"position": shape.after_position, "_id": {"$gt": shape.after_id}},
                    ]
                }
            )
        rows = await HospitalDocument.aggregate(
            [
                {"$match": {"_id": {"$in": list(hospital_codes)}}},
                {"$project": {"_id": 1}},
                {
                    "$lookup": {
                        "from": "department",
                        "localField": "_id",
                        "foreignField": "hospital_code",
                        "pipeline": [
                            {"$match": {"$and": matching}},
                            {"$sort": {"position": 1, "_id": 1}},
                            {"$limit": shape.limit},
                        ],
                        "as": "departments",
                    }
                },
            ],
            batchSize=WHOLE_ANSWER,
        ).to_list()
        return {
            row["_id"]: [DepartmentDocument.model_validate(department) for department in row["departments"]]
            for row in rows
        }

    async def leaf_counts(self, hospital_codes: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many bookable departments with this text in their name each hospital has."""
        counts: dict[tuple[str, str], int] = {}
        for text in {text for _, text in hospital_codes}:
            codes = [code for code, wanted_text in hospital_codes if wanted_text == text]
            rows = await DepartmentDocument.aggregate(
                [
                    {"$match": {"$and": [{"hospital_code": {"$in": codes}}, *_leaves(text)]}},
                    {"$group": {"_id": "$hospital_code", "count": {"$sum": 1}}},
                ],
                batchSize=WHOLE_ANSWER,
            ).to_list()
            found = {row["_id"]: row["count"] for row in rows}
            counts |= {(code, text): found.get(code, 0) for code in codes}
        return counts


def _leaves(text: str) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = [{"is_leaf": True}]
    if text:
        conditions.append(name_condition(text))
    return conditions
