"""Writing what was pushed into MongoDB. Every write replaces a whole document, so doing it twice changes nothing."""

import base64
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from beanie import Document
from pymongo import DeleteOne, ReplaceOne

from datasources.mongo.documents import (
    DepartmentDocument,
    DoctorDocument,
    HospitalDocument,
    HospitalLogo,
    ScheduleDocument,
)


class DocumentKind(StrEnum):
    """Which collection a change is for."""

    HOSPITAL = "hospital"
    HOSPITAL_LOGO = "hospital_logo"
    DEPARTMENT = "department"
    DOCTOR = "doctor"
    SCHEDULE = "schedule"


class DocumentChange(TypedDict):
    """A document to put or, without `document`, to delete. Plain JSON, so that it can wait in PostgreSQL."""

    kind: str
    id: str
    document: NotRequired[dict[str, Any]]


_MODELS: dict[DocumentKind, type[Document]] = {
    DocumentKind.HOSPITAL: HospitalDocument,
    DocumentKind.HOSPITAL_LOGO: HospitalLogo,
    DocumentKind.DEPARTMENT: DepartmentDocument,
    DocumentKind.DOCTOR: DoctorDocument,
    DocumentKind.SCHEDULE: ScheduleDocument,
}


async def write_changes(changes: Sequence[DocumentChange], revision: int, now: datetime) -> None:
    """Put and delete these documents, one round trip per collection."""
    by_kind: dict[DocumentKind, list[DocumentChange]] = {}
    for change in changes:
        by_kind.setdefault(DocumentKind(change["kind"]), []).append(change)
    for kind, group in by_kind.items():
        model = _MODELS[kind]
        operations = [_operation(model, change, revision, now) for change in group]
        await model.get_pymongo_collection().bulk_write(operations, ordered=False)


def _operation(
    model: type[Document], change: DocumentChange, revision: int, now: datetime
) -> ReplaceOne[dict[str, Any]] | DeleteOne:
    if "document" not in change:
        return DeleteOne({"_id": change["id"]})
    stored = dict(change["document"], id=change["id"], revision=revision)
    if model is HospitalLogo:
        stored["content"] = base64.b64decode(stored["content"])
    else:
        stored["updated_at"] = now
    validated = model.model_validate(stored).model_dump(by_alias=True, exclude={"revision_id"})
    return ReplaceOne({"_id": change["id"]}, validated, upsert=True)
