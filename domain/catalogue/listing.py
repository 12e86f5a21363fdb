"""A hospital's own catalogue as it stands, page by page by offset: what it pushed, whether or not patients see it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from datasources.mongo.departments import DepartmentReads
from datasources.mongo.documents import DepartmentDocument, ScheduleDocument
from datasources.mongo.schedules import ScheduleReads
from datasources.sql.database import Database
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.slot_ledger_reads import SlotLedgerReads

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """Some of a list, and how long it is."""

    items: list[T]
    total: int


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session's numbers and its texts, which may still be on their way."""

    ledger: SlotLedger
    texts: ScheduleDocument | None


async def own_departments(hospital_code: str, *, offset: int, limit: int) -> Listed[DepartmentDocument]:
    """Departments in the hospital's order."""
    found = (await DepartmentReads().of_hospitals([hospital_code]))[hospital_code]
    return Listed(found[offset : offset + limit], len(found))


async def own_sessions(
    database: Database, hospital_code: str, department_code: str | None, *, offset: int, limit: int
) -> Listed[KeptSession]:
    """Sessions by date, those of one department if it is named."""
    async with database.read() as session:
        rows, total = await SlotLedgerReads(session).page_of_hospital(
            hospital_code, department_code, offset=offset, limit=limit
        )
    texts = await ScheduleReads().by_ids([row.schedule_id for row in rows])
    return Listed([KeptSession(row, texts.get(row.schedule_id)) for row in rows], total)
