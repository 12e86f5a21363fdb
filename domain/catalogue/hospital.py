"""Pushing a hospital's own entry."""

import base64
import hashlib

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind
from datasources.mongo.documents import HospitalDocument, level_rank
from datasources.sql.dictionary import Dictionary
from datasources.sql.hospital_account import HospitalAccounts, HospitalStatus
from domain.booking.rule import stored_rule
from domain.catalogue.push import Change, PushPlan, PushRequest
from domain.catalogue.pushed import PushedHospital, picture_type
from domain.catalogue.validation import read_items
from domain.dictionary.regions import RegionLevel, ancestors_of, level_of
from domain.language import Words
from domain.pinyin import initials_of, pinyin_of
from domain.problems import FieldProblem, ItemProblem, ProblemCode

_UNKNOWN_REGION = Words(
    "没有代码为 {code} 的行政区划；可用的见字典 Province。",
    "No region has the code {code}; the dictionary Province lists them.",
)
_OTHER_HOSPITAL = Words(
    "此密钥属于医院 {code}；请用该医院自己的密钥推送。",
    "This key is of hospital {code}; push another hospital's entry with its own key.",
)
_REGION_FIELDS = {
    RegionLevel.PROVINCE: "province_code",
    RegionLevel.CITY: "city_code",
    RegionLevel.DISTRICT: "district_code",
}


async def plan_upsert(session: AsyncSession, request: PushRequest) -> PushPlan:
    """The hospital's entry to put. A logo that is left out keeps the one there is."""
    plan = PushPlan()
    items, problems = read_items(PushedHospital, request.items)
    plan.problems += problems
    for index, item in items.items():
        if item.code is not None and item.code != request.hospital_code:
            problem = FieldProblem("code", ProblemCode.OUT_OF_RANGE, _OTHER_HOSPITAL, {"code": request.hospital_code})
            plan.problems.append(ItemProblem(index, problem))
            continue
        regions = await _regions(session, item.region_code)
        if regions is None:
            values = {"code": item.region_code}
            problem = FieldProblem("regionCode", ProblemCode.UNKNOWN_REFERENCE, _UNKNOWN_REGION, values)
            plan.problems.append(ItemProblem(index, problem))
            continue
        existing = await HospitalDocument.get(request.hospital_code)
        plan.created += existing is None
        plan.replaced += existing is not None
        etag = existing.logo_etag if existing else None
        if item.logo is not None:
            etag = hashlib.sha256(item.logo).hexdigest()[:32]
            plan.documents.append(_logo(request.hospital_code, item.logo, etag))
        plan.change = _entry_change(plan, request, item, regions, etag)
    return plan


def _entry_change(
    plan: PushPlan, request: PushRequest, item: PushedHospital, regions: dict[str, str], etag: str | None
) -> Change:
    async def change(session: AsyncSession, revision: int) -> None:
        account = await HospitalAccounts(session).rename(request.hospital_code, item.name)
        document = {
            "code": request.hospital_code,
            "name": item.name,
            "pinyin": pinyin_of(item.name),
            "initials": initials_of(item.name),
            "level": item.level,
            "level_rank": level_rank(item.level),
            **regions,
            "address": item.address,
            "introduction": item.introduction,
            "route": item.route,
            "phone": item.phone,
            "booking_rule": stored_rule(item.booking_rule).model_dump(),
            "logo_etag": etag,
            "listed": account is HospitalStatus.ONLINE,
        }
        plan.documents.append(DocumentChange(kind=DocumentKind.HOSPITAL, id=request.hospital_code, document=document))

    return change


async def _regions(session: AsyncSession, code: str | None) -> dict[str, str] | None:
    """The hospital's region fields for its deepest region; None if there is no such region."""
    if code is None:
        return {}
    steps = (*ancestors_of(code), code)
    known = await Dictionary(session).by_ids([int(step) for step in steps])
    if int(code) not in known:
        return None
    return {_REGION_FIELDS[level_of(step)]: step for step in steps if int(step) in known}


def _logo(hospital_code: str, content: bytes, etag: str) -> DocumentChange:
    return DocumentChange(
        kind=DocumentKind.HOSPITAL_LOGO,
        id=hospital_code,
        document={
            "content_type": picture_type(content),
            "content": base64.b64encode(content).decode(),
            "etag": etag,
        },
    )
