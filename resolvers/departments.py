"""Departments: of a hospital, as a list and as a tree."""

from datasources.keys import department_key
from datasources.mongo.departments import DepartmentSlice
from datasources.mongo.documents import DepartmentDocument, HospitalDocument
from domain.page import Page, page_of
from domain.paging import decode_cursor, encode_cursor, page_size
from resolvers.context import RequestContext


async def department(context: RequestContext, hospital_code: str, code: str) -> DepartmentDocument | None:
    """A department of a listed hospital."""
    return await listed_department(context, department_key(hospital_code, code))


async def listed_department(context: RequestContext, key: str) -> DepartmentDocument | None:
    """The department under this key, unless its hospital is not listed."""
    found = await context.loaders.department_by_id.load(key)
    if found is None or await context.loaders.hospital_by_code.load(found.hospital_code) is None:
        return None
    return found


async def hospital_of(context: RequestContext, department: DepartmentDocument) -> HospitalDocument | None:
    """The hospital that a department belongs to."""
    return await context.loaders.hospital_by_code.load(department.hospital_code)


async def departments_of(
    context: RequestContext, hospital: HospitalDocument, *, text: str | None, first: int, after: str | None
) -> Page[DepartmentDocument]:
    """The departments of a hospital that patients book in, in the hospital's order."""
    size = page_size(first)
    text = (text or "").strip()
    behind = decode_cursor("departments", after, 2)
    wanted = DepartmentSlice(
        hospital_code=hospital.code,
        limit=size + 1,
        after_position=_position(behind),
        after_id=behind[1] if behind else "",
        text=text,
    )
    found = await context.loaders.departments_by_slice.load(wanted)

    async def count() -> int:
        return await context.loaders.leaf_count_by_hospital_and_text.load((hospital.code, text)) or 0

    return page_of(
        found or [],
        size,
        continued=behind is not None,
        cursor=lambda item: encode_cursor("departments", [str(item.position), item.id]),
        count=count,
    )


async def tree_of(context: RequestContext, hospital: HospitalDocument) -> list[DepartmentDocument]:
    """The departments of a hospital that have no parent."""
    every = await context.loaders.departments_by_hospital.load(hospital.code) or []
    known = {item.code for item in every}
    return [item for item in every if item.parent_code is None or item.parent_code not in known]


async def children_of(context: RequestContext, department: DepartmentDocument) -> list[DepartmentDocument]:
    """The departments directly below this one."""
    if department.is_leaf:
        return []
    every = await context.loaders.departments_by_hospital.load(department.hospital_code) or []
    return [item for item in every if item.parent_code == department.code]


async def parent_of(context: RequestContext, department: DepartmentDocument) -> DepartmentDocument | None:
    """The department above this one."""
    if department.parent_code is None:
        return None
    return await context.loaders.department_by_id.load(department_key(department.hospital_code, department.parent_code))


def _position(behind: list[str] | None) -> int:
    return int(behind[0]) if behind and behind[0].lstrip("-").isdigit() else 0
