"""Reads of doctor documents."""

from collections.abc import Sequence
from typing import Any

from datasources.mongo.documents import DoctorDocument
from datasources.mongo.name_search import name_condition
from datasources.mongo.stored import find_stored


class DoctorReads:
    """Questions about doctors, one round trip each."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, DoctorDocument]:
        """Doctors by their keys."""
        found = await find_stored(DoctorDocument, {"_id": {"$in": ids}})
        return {doctor.id: doctor for doctor in found}

    async def page(
        self,
        hospital_code: str,
        department_code: str | None,
        text: str | None,
        after: Sequence[str] | None,
        limit: int,
    ) -> list[DoctorDocument]:
        """Up to `limit` doctors of a hospital by name (pinyin) behind the keys `after` (pinyin, id)."""
        conditions = _conditions(hospital_code, department_code, text)
        if after is not None:
            pinyin, id = after
            conditions.append({"$or": [{"pinyin": {"$gt": pinyin}}, {"pinyin": pinyin, "_id": {"$gt": id}}]})
        return await find_stored(DoctorDocument, {"$and": conditions}, sort=("pinyin", "_id"), limit=limit)

    async def count(self, hospital_code: str, department_code: str | None, text: str | None) -> int:
        """How many doctors meet the criteria."""
        return await DoctorDocument.find({"$and": _conditions(hospital_code, department_code, text)}).count()


def _conditions(hospital_code: str, department_code: str | None, text: str | None) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = [{"hospital_code": hospital_code}]
    if department_code is not None:
        conditions.append({"department_codes": department_code})
    if text:
        conditions.append(name_condition(text))
    return conditions
