"""What an application must say of a hospital. Pure, but for whether its region is one."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.dictionary import Dictionary
from domain.dictionary.levels import canonical_level
from domain.dictionary.regions import normalise_region_code
from domain.identity.phones import normal_phone
from domain.language import Words
from domain.problems import FieldProblem, ProblemCode

MOST_LICENCES = 6
LONGEST_URL = 500
_LENGTHS = {"name": (2, 100), "address": (5, 200), "contactName": (2, 50)}
_REGISTRATION = re.compile(r"[A-Z0-9](?:[A-Z0-9\-]{6,30})[A-Z0-9]")
# A landline with its area code, a service number (400…, 95…, 12320), or a mobile number.
_PHONE = re.compile(r"\+?[0-9][0-9\- ]{3,18}[0-9]")

_LENGTH = Words(
    "须为 {least} 至 {most} 个字，不含控制字符。", "Use {least} to {most} characters, none of them control."
)
_LEVEL = Words("没有这个等级；例如 3A（三级甲等）。", "There is no such level; 3A is 三级甲等.")
_REGION = Words(
    "没有这个行政区划，或它下面还有区县：请填到最下一级。",
    "There is no such region, or it has districts: give the six digits of the lowest level.",
)
_NUMBER = Words(
    "须为《医疗机构执业许可证》登记号：8 至 32 位字母、数字或连字符。",
    "Give the registration number of the licence to practise: 8 to 32 letters, digits or hyphens.",
)
_BAD_PHONE = Words("须为医院的电话号码，固定电话带区号。", "Give the hospital's telephone number with its area code.")
_MOBILE = Words("须为联系人的大陆手机号。", "Give the contact's mainland mobile number.")
_URL = Words(
    "须为 https:// 开头的网址，至多 {most} 字。",
    "It must be a URL that begins with https://, at most {most} characters.",
)
_FILES = Words("请提交 1 至 {most} 份不同的证照文件。", "Hand in 1 to {most} different licence files.")


@dataclass(frozen=True, slots=True)
class GivenHospital:
    """What somebody typed about a hospital, and the licences that they uploaded."""

    name: str
    level: str
    region_code: str
    address: str
    registration_number: str
    phone: str
    contact_name: str
    contact_phone: str
    api_base: str
    licences: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class HospitalDetails:
    """The same, brought to one form."""

    name: str
    level: str
    region_code: str
    address: str
    registration_number: str
    phone: str
    contact_name: str
    contact_phone: str
    """In E.164."""
    api_base: str
    licences: Sequence[UUID]


async def checked_details(session: AsyncSession, given: GivenHospital) -> HospitalDetails | list[FieldProblem]:
    """The details, or everything that is wrong with them."""
    problems: list[FieldProblem] = []
    texts = {"name": _plain(given.name), "address": _plain(given.address), "contactName": _plain(given.contact_name)}
    for field, text in texts.items():
        least, most = _LENGTHS[field]
        if not (least <= len(text) <= most and text.isprintable()):
            problems.append(FieldProblem(field, ProblemCode.MALFORMED, _LENGTH, {"least": least, "most": most}))
    level = canonical_level(given.level)
    if level is None:
        problems.append(FieldProblem("level", ProblemCode.UNKNOWN_REFERENCE, _LEVEL))
    region = normalise_region_code(given.region_code)
    if region is None or not await _is_undivided(session, region):
        problems.append(FieldProblem("regionCode", ProblemCode.UNKNOWN_REFERENCE, _REGION))
    number = _plain(given.registration_number).upper()
    if not _REGISTRATION.fullmatch(number):
        problems.append(FieldProblem("registrationNumber", ProblemCode.MALFORMED, _NUMBER))
    phone = _plain(given.phone)
    if not _PHONE.fullmatch(phone):
        problems.append(FieldProblem("phone", ProblemCode.MALFORMED, _BAD_PHONE))
    mobile = normal_phone(given.contact_phone)
    if mobile is None:
        problems.append(FieldProblem("contactPhone", ProblemCode.MALFORMED, _MOBILE))
    api_base = given.api_base.strip()
    if api_base and not _is_url(api_base):
        problems.append(FieldProblem("apiBase", ProblemCode.MALFORMED, _URL, {"most": LONGEST_URL}))
    if not 1 <= len(given.licences) <= MOST_LICENCES or len(set(given.licences)) != len(given.licences):
        problems.append(FieldProblem("licenceFileIds", ProblemCode.OUT_OF_RANGE, _FILES, {"most": MOST_LICENCES}))
    if problems or level is None or region is None or mobile is None:
        return problems
    return HospitalDetails(
        texts["name"],
        level,
        region,
        texts["address"],
        number,
        phone,
        texts["contactName"],
        mobile,
        api_base,
        list(given.licences),
    )


async def _is_undivided(session: AsyncSession, region: str) -> bool:
    """Whether it is a district, or one of the cities that have none, such as Dongguan (441900)."""
    id, dictionary = int(region), Dictionary(session)
    if id not in await dictionary.by_ids([id]):
        return False
    return not (await dictionary.children_by_parent_ids([id]))[id]


def _plain(text: str) -> str:
    """Full-width forms as people's keyboards make them, and spaces around, stand for the plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
    return parts.scheme == "https" and named and len(text) <= LONGEST_URL and text.isprintable() and " " not in text
