"""Doctors of a hospital or of a department."""

from datasources.keys import department_key, doctor_key
from datasources.mongo.doctor_slices import DoctorGroup, DoctorSlice
from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument
from domain.page import Page, page_of
from domain.paging import decode_cursor, encode_cursor, page_size
from resolvers.context import RequestContext


async def doctors_of(
    context: RequestContext,
    *,
    hospital_code: str,
    department_code: str | None,
    text: str | None,
    first: int,
    after: str | None,
) -> Page[DoctorDocument]:
    """Doctors of a hospital or of one of its departments, by name."""
    size = page_size(first)
    behind = decode_cursor("doctors", after, 2) or ["", ""]
    group = DoctorGroup(hospital_code, department_code, (text or "").strip())
    found = await context.loaders.doctors_by_slice.load(DoctorSlice(group, size + 1, behind[0], behind[1]))

    async def count() -> int:
        return await context.loaders.doctor_count_by_group.load(group) or 0

    return page_of(
        found or [],
        size,
        continued=after is not None,
        cursor=lambda doctor: encode_cursor("doctors", [doctor.pinyin, doctor.id]),
        count=count,
    )


async def doctors_of_listed(
    context: RequestContext,
    *,
    hospital_code: str,
    department_code: str | None,
    text: str | None,
    first: int,
    after: str | None,
) -> Page[DoctorDocument] | None:
    """The same; None when the hospital is unknown or not listed."""
    page = await doctors_of(
        context, hospital_code=hospital_code, department_code=department_code, text=text, first=first, after=after
    )
    return None if await context.loaders.hospital_by_code.load(hospital_code) is None else page


async def doctor(context: RequestContext, hospital_code: str, code: str) -> DoctorDocument | None:
    """A doctor of a listed hospital."""
    return await listed_doctor(context, doctor_key(hospital_code, code))


async def listed_doctor(context: RequestContext, key: str) -> DoctorDocument | None:
    """The doctor under this key, unless the hospital is not listed."""
    found = await context.loaders.doctor_by_id.load(key)
    if found is None or await context.loaders.hospital_by_code.load(found.hospital_code) is None:
        return None
    return found


async def departments_of(context: RequestContext, doctor: DoctorDocument) -> list[DepartmentDocument]:
    """The departments that a doctor works in."""
    found = await context.loaders.department_by_id.load_many(
        [department_key(doctor.hospital_code, code) for code in doctor.department_codes]
    )
    return [department for department in found if department is not None]


async def hospital_of(context: RequestContext, doctor: DoctorDocument) -> HospitalDocument | None:
    """The doctor's hospital."""
    return await context.loaders.hospital_by_code.load(doctor.hospital_code)
