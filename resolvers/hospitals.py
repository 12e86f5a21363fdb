"""Hospitals: lists and details."""

from datasources.mongo.documents import HospitalDocument, HospitalLogo
from datasources.mongo.hospitals import HospitalCriteria, HospitalReads, HospitalSort, sort_keys
from datasources.sql.dictionary import DictItem
from domain.dictionary.levels import canonical_level
from domain.dictionary.regions import RegionLevel, level_of, normalise_region_code
from domain.language import Words
from domain.page import Page, page_of
from domain.paging import decode_cursor, encode_cursor, page_size
from domain.refusals import Refusal, RefusalCode
from resolvers import dictionary
from resolvers.context import RequestContext

LEVEL_DICTIONARY = "HospitalType"
_UNKNOWN_LEVEL = Words(
    "level “{level}”不是医院等级。可用的值见字典 HospitalType，例如 3A。",
    "level “{level}” is no hospital level. The dictionary HospitalType lists the values, for example 3A.",
)
_UNKNOWN_REGION = Words(
    "region “{region}”不是行政区划代码。请用 GB/T 2260 的两位、四位或六位数字，例如 110000。",
    "region “{region}” is no region code. Use the 2, 4 or 6 digits of GB/T 2260, for example 110000.",
)
_REGION_FIELDS = {
    RegionLevel.PROVINCE: "province_code",
    RegionLevel.CITY: "city_code",
    RegionLevel.DISTRICT: "district_code",
}


async def hospitals(
    context: RequestContext,
    *,
    text: str | None,
    level: str | None,
    region: str | None,
    department: str | None,
    sort: HospitalSort,
    first: int,
    after: str | None,
) -> Page[HospitalDocument]:
    """Listed hospitals that meet the criteria, in the order asked for."""
    size = page_size(first)
    list_name = f"hospitals.{sort}"
    key_count = {HospitalSort.NAME: 2, HospitalSort.LEVEL: 3, HospitalSort.CODE: 1}[sort]
    behind = decode_cursor(list_name, after, key_count)
    criteria = _criteria(text, level, region, department)
    reads = HospitalReads()
    found = await reads.page(criteria, sort, behind, size + 1)
    # What stands below asks for its hospital again.
    context.loaders.hospital_by_code.prime_many({hospital.code: hospital for hospital in found})
    return page_of(
        found,
        size,
        continued=behind is not None,
        cursor=lambda hospital: encode_cursor(list_name, sort_keys(hospital, sort)),
        count=lambda: reads.count(criteria),
    )


async def hospital(context: RequestContext, code: str) -> HospitalDocument | None:
    """The listed hospital with this code."""
    return await context.loaders.hospital_by_code.load(code)


async def level(context: RequestContext, hospital: HospitalDocument) -> DictItem | None:
    """The hospital's level as the dictionary has it."""
    if hospital.level is None:
        return None
    return await context.loaders.dict_item_by_code_and_value.load((LEVEL_DICTIONARY, hospital.level))


async def region(context: RequestContext, hospital: HospitalDocument) -> DictItem | None:
    """The deepest region known of the hospital."""
    code = _deepest_region(hospital)
    return None if code is None else await context.loaders.dict_item_by_id.load(int(code))


def _criteria(text: str | None, level: str | None, region: str | None, department: str | None) -> HospitalCriteria:
    known_level = known_region = None
    if level is not None:
        known_level = canonical_level(level)
        if known_level is None:
            raise Refusal(RefusalCode.BAD_REQUEST, _UNKNOWN_LEVEL, level=level[:40])
    if region is not None:
        known_region = normalise_region_code(region)
        if known_region is None:
            raise Refusal(RefusalCode.BAD_REQUEST, _UNKNOWN_REGION, region=region[:40])
    return HospitalCriteria(
        text=text.strip() if text and text.strip() else None,
        level=known_level,
        region_field=None if known_region is None else _REGION_FIELDS[level_of(known_region)],
        region_code=known_region,
        department=department.strip() if department and department.strip() else None,
    )


async def region_name(context: RequestContext, hospital: HospitalDocument) -> str | None:
    """The full name of the deepest region known of the hospital."""
    code = _deepest_region(hospital)
    return None if code is None else await dictionary.region_full_name(context, code)


def logo_path(hospital: HospitalDocument) -> str | None:
    """Where the front door serves the logo. The etag in it changes with the picture, so it can be cached for long."""
    return None if hospital.logo_etag is None else f"/hospitals/{hospital.code}/logo?v={hospital.logo_etag}"


def _deepest_region(hospital: HospitalDocument) -> str | None:
    return hospital.district_code or hospital.city_code or hospital.province_code


async def logo_of(code: str) -> HospitalLogo | None:
    """The logo of a listed hospital."""
    reads = HospitalReads()
    return await reads.logo(code) if code in await reads.by_codes([code]) else None
