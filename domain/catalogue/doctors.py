"""Pushing and removing doctors."""

from collections.abc import Collection

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.keys import department_key, doctor_key
from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind
from datasources.mongo.departments import DepartmentReads
from datasources.mongo.doctors import DoctorReads
from domain.catalogue.push import PushPlan, PushRequest
from domain.catalogue.pushed import PushedDoctor
from domain.catalogue.references import not_found, unknown_department, without_refused, without_repeats
from domain.catalogue.validation import read_items
from domain.pinyin import initials_of_person, pinyin_of_person


async def plan_upsert(session: AsyncSession, request: PushRequest) -> PushPlan:
    """Doctors to put; the departments they work in must exist."""
    plan = PushPlan()
    items, problems = read_items(PushedDoctor, request.items)
    plan.problems += problems
    items = without_repeats(items, "code", plan.problems, "code")
    departments = await known_departments(
        request.hospital_code, {code for item in items.values() for code in item.department_codes}
    )
    for index, item in items.items():
        plan.problems += [
            unknown_department(index, f"departmentCodes.{place}", code)
            for place, code in enumerate(item.department_codes)
            if code not in departments
        ]
    items = without_refused(items, plan.problems)
    existing = await known_doctors(request.hospital_code, {item.code for item in items.values()})
    for item in items.values():
        plan.created += item.code not in existing
        plan.replaced += item.code in existing
        document = item.model_dump() | {
            "hospital_code": request.hospital_code,
            "pinyin": pinyin_of_person(item.name),
            "initials": initials_of_person(item.name),
        }
        plan.documents.append(
            DocumentChange(kind=DocumentKind.DOCTOR, id=doctor_key(request.hospital_code, item.code), document=document)
        )
    return plan


async def plan_remove(session: AsyncSession, request: PushRequest) -> PushPlan:
    """Doctors to remove; their sessions keep the name they were pushed with."""
    plan = PushPlan()
    codes = {index: str(item["code"]) for index, item in enumerate(request.items)}
    codes = without_repeats(codes, "", plan.problems, "code")
    existing = await known_doctors(request.hospital_code, set(codes.values()))
    plan.problems += [not_found(index, code) for index, code in codes.items() if code not in existing]
    codes = without_refused(codes, plan.problems)
    plan.removed = len(codes)
    plan.documents = [
        DocumentChange(kind=DocumentKind.DOCTOR, id=doctor_key(request.hospital_code, code)) for code in codes.values()
    ]
    return plan


async def known_departments(hospital_code: str, codes: Collection[str]) -> set[str]:
    """Which of these department codes the hospital has."""
    if not codes:
        return set()
    found = await DepartmentReads().by_ids([department_key(hospital_code, code) for code in codes])
    return {department.code for department in found.values()}


async def known_doctors(hospital_code: str, codes: Collection[str]) -> set[str]:
    """Which of these doctor codes the hospital has."""
    if not codes:
        return set()
    found = await DoctorReads().by_ids([doctor_key(hospital_code, code) for code in codes])
    return {doctor.code for doctor in found.values()}
