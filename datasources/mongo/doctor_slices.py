"""Pages of doctors of many hospitals or departments, read together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from datasources.mongo.documents import DoctorDocument, HospitalDocument
from datasources.mongo.name_search import name_condition
from datasources.mongo.stored import WHOLE_ANSWER


class DoctorGroup(NamedTuple):
    """The doctors of a hospital or, with a code, of one of its departments; `text` is part of the name, or empty."""

    hospital_code: str
    department_code: str | None
    text: str


class DoctorSlice(NamedTuple):
    """The first doctors of a group by name, behind a name's pinyin and an id."""

    group: DoctorGroup
    limit: int
    after_pinyin: str
    after_id: str


class DoctorSlices:
    """Slices and counts of any number of groups; one round trip for hospitals, one for departments."""

    async def slices(self, wanted: Sequence[DoctorSlice]) -> dict[DoctorSlice, list[DoctorDocument]]:
        """The doctors of each slice, in the order of their names' pinyin."""
        found: dict[DoctorSlice, list[DoctorDocument]] = {}
        alike: dict[tuple[Any, ...], list[DoctorSlice]] = {}
        for each in dict.fromkeys(wanted):
            of_department = each.group.department_code is not None
            alike.setdefault((of_department, each.group.text, *each[1:]), []).append(each)
        for slices in alike.values():
            read = _of_hospitals if slices[0].group.department_code is None else _of_departments
            found |= await read(slices)
        return found

    async def counts(self, groups: Sequence[DoctorGroup]) -> dict[DoctorGroup, int]:
        """How many doctors each group has."""
        found = dict.fromkeys(groups, 0)
        for text in {group.text for group in groups}:
            for of_department in (False, True):
                alike = [
                    group
                    for group in found
                    if group.text == text and (group.department_code is not None) == of_department
                ]
                if alike:
                    found |= await _counted(alike, text, of_department=of_department)
        return found


async def _of_hospitals(slices: Sequence[DoctorSlice]) -> dict[DoctorSlice, list[DoctorDocument]]:
    """Each hospital by its own index range: one with a thousand doctors costs no more than one with ten."""
    shape = slices[0]
    pipeline: list[dict[str, Any]] = [
        {"$match": {"$and": _conditions(shape)}},
        {"$sort": {"pinyin": 1, "_id": 1}},
        {"$limit": shape.limit},
    ]
    rows = await _aggregate(
        HospitalDocument,
        [
            {"$match": {"_id": {"$in": [each.group.hospital_code for each in slices]}}},
            {"$project": {"_id": 1}},
            {
                "$lookup": {
                    "from": "doctor",
                    "localField": "_id",
                    "foreignField": "hospital_code",
                    "pipeline": pipeline,
                    "as": "doctors",
                }
            },
        ],
    )
    doctors = {row["_id"]: [DoctorDocument.model_validate(doctor) for doctor in row["doctors"]] for row in rows}
    return {each: doctors.get(each.group.hospital_code, []) for each in slices}


async def _of_departments(slices: Sequence[DoctorSlice]) -> dict[DoctorSlice, list[DoctorDocument]]:
    """All doctors of the departments at once: a department has a few dozen, and many work in several."""
    shape = slices[0]
    rows = await _aggregate(
        DoctorDocument,
        [
            {"$match": {"$and": [_within(each.group for each in slices), *_conditions(shape)]}},
            {"$sort": {"pinyin": 1, "_id": 1}},
        ],
    )
    found: dict[DoctorSlice, list[DoctorDocument]] = {each: [] for each in slices}
    by_department = {(each.group.hospital_code, each.group.department_code): each for each in slices}
    for row in rows:
        doctor = DoctorDocument.model_validate(row)
        for code in doctor.department_codes:
            each = by_department.get((doctor.hospital_code, code))
            if each is not None and len(found[each]) < each.limit:
                found[each].append(doctor)
    return found


async def _counted(groups: Sequence[DoctorGroup], text: str, *, of_department: bool) -> dict[DoctorGroup, int]:
    conditions: list[dict[str, Any]] = [_within(groups)]
    if text:
        conditions.append(name_condition(text))
    key: dict[str, str] = {"hospital": "$hospital_code"}
    pipeline: list[dict[str, Any]] = [{"$match": {"$and": conditions}}]
    if of_department:
        pipeline.append({"$unwind": "$department_codes"})
        key["department"] = "$department_codes"
    rows = await _aggregate(DoctorDocument, [*pipeline, {"$group": {"_id": key, "count": {"$sum": 1}}}])
    counts = {(row["_id"]["hospital"], row["_id"].get("department")): row["count"] for row in rows}
    return {group: counts.get((group.hospital_code, group.department_code), 0) for group in groups}


def _within(groups: Iterable[DoctorGroup]) -> dict[str, Any]:
    """Doctors of any of these groups."""
    alternatives: list[dict[str, Any]] = []
    departments: dict[str, list[str]] = {}
    for group in groups:
        if group.department_code is None:
            alternatives.append({"hospital_code": group.hospital_code})
        else:
            departments.setdefault(group.hospital_code, []).append(group.department_code)
    alternatives += [{"hospital_code": code, "department_codes": {"$in": codes}} for code, codes in departments.items()]
    return {"$or": alternatives}


def _conditions(shape: DoctorSlice) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = [name_condition(shape.group.text)] if shape.group.text else [{}]
    if shape.after_id:
        conditions.append(
            {
                "$or": [
                    {"pinyin": {"$gt": shape.after_pinyin}},
                    {"pinyin": shape.after_pinyin, "_id": {"$gt": shape.after_id}},
                ]
            }
        )
    return conditions


async def _aggregate(
    model: type[HospitalDocument | DoctorDocument], pipeline: list[dict[str, Any]]
) -> list[Mapping[str, Any]]:
    cursor = await model.get_pymongo_collection().aggregate(pipeline, batchSize=WHOLE_ANSWER)
    return await cursor.to_list()
