"""Kinds of certificates by their value in the dictionary's CertificatesType, and what each kind's number must be.

Kinds that operators add to the dictionary have no rule here: their numbers are taken as they are and looked at by the
hospital's desk, so that nobody is kept from a doctor by a list that is out of date.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from datasources.sql.patient import Sex
from domain.certificates import faults
from domain.certificates.faults import CertificateFault
from domain.certificates.resident_id import check_character, read_resident_id

LONGEST_NUMBER = 40

_RESIDENCE_PERMIT_REGIONS = ("810000", "820000", "830000")


class CertificateKind(StrEnum):
    """Values of CertificatesType that have a rule. Not published: the graph takes any value of the dictionary."""

    RESIDENT_ID = "10"
    HOUSEHOLD_BOOK = "20"
    PASSPORT = "30"
    HONG_KONG_MACAO_TRAVEL_PERMIT = "40"
    TAIWAN_TRAVEL_PERMIT = "50"
    RESIDENCE_PERMIT = "60"
    FOREIGNER_PERMANENT_RESIDENT = "70"
    BIRTH_CERTIFICATE = "80"


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """A number in its normal form and what it tells. No log shows it: it has no repr of its own."""

    kind: str
    number: str
    birth_date: date | None = None
    sex: Sex | None = None
    check_at_desk: bool = False
    """Whether no rule could judge the number."""


Reading = Certificate | CertificateFault


def normal_number(text: str) -> str:
    """Full-width characters made half-width, letters made capitals, all white space taken out."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def read_certificate(kind: str, text: str, today: date) -> Reading:
    """The certificate with this number, or the first rule that the number fails. `today` is the platform's date."""
    number = normal_number(text)
    if not number:
        return faults.EMPTY
    if len(number) > LONGEST_NUMBER:
        return faults.TOO_LONG
    if not number.isprintable():
        return faults.CONTROL_CHARACTERS
    rule = _RULES.get(kind)
    return Certificate(kind, number, check_at_desk=True) if rule is None else rule(kind, number, today)


def contradiction(certificate: Certificate, birth_date: date | None, sex: Sex | None) -> list[CertificateFault]:
    """Where what somebody stated of themselves differs from what the number tells."""
    found = []
    if birth_date is not None and certificate.birth_date not in (None, birth_date):
        found.append(faults.BIRTH_DATE_CONTRADICTS)
    if sex is not None and certificate.sex not in (None, sex):
        found.append(faults.SEX_CONTRADICTS)
    return found


def _resident_id(kind: str, number: str, today: date) -> Reading:
    read = read_resident_id(number, today)
    return read if isinstance(read, CertificateFault) else Certificate(kind, number, read.birth_date, read.sex)


def _residence_permit(kind: str, number: str, today: date) -> Reading:
    read = _resident_id(kind, number, today)
    if isinstance(read, Certificate) and not number.startswith(_RESIDENCE_PERMIT_REGIONS):
        return faults.form(
            "港澳台居民居住证号码须以 810000、820000 或 830000 开头。",
            "A residence permit's number begins with 810000, 820000 or 830000.",
        )
    return read


def _permanent_resident(kind: str, number: str, _today: date) -> Reading:
    """The older form is letters and digits without a check; the newer is 18 characters that begin with 9."""
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return Certificate(kind, number)
    if not re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        return faults.form(
            "外国人永久居留身份证号码须为 3 个字母加 12 位数字，或以 9 开头的 18 位号码。",
            "A permanent resident's number is 3 letters and 12 digits, or 18 characters that begin with 9.",
        )
    return Certificate(kind, number) if number[17] == check_character(number) else faults.CHECK_CHARACTER


def _by_desk(kind: str, number: str, _today: date) -> Reading:
    return Certificate(kind, number, check_at_desk=True)


def _of_form(pattern: str, chinese: str, english: str) -> Callable[[str, str, date], Reading]:
    compiled = re.compile(pattern)
    fault = faults.form(chinese, english)

    def read(kind: str, number: str, _today: date) -> Reading:
        return Certificate(kind, number) if compiled.fullmatch(number) else fault

    return read


_RULES: Mapping[str, Callable[[str, str, date], Reading]] = {
    CertificateKind.RESIDENT_ID: _resident_id,
    CertificateKind.HOUSEHOLD_BOOK: _by_desk,
    CertificateKind.PASSPORT: _of_form(
        r"[A-Z0-9]{5,17}", "护照号码须为 5 至 17 位字母或数字。", "A passport's number has 5 to 17 letters or digits."
    ),
    CertificateKind.HONG_KONG_MACAO_TRAVEL_PERMIT: _of_form(
        r"[HM][0-9]{8}(?:[0-9]{2})?",
        "港澳居民来往内地通行证号码须为 H 或 M 加 8 或 10 位数字。",
        "A Hong Kong and Macao travel permit's number is H or M and 8 or 10 digits.",
    ),
    CertificateKind.TAIWAN_TRAVEL_PERMIT: _of_form(
        r"[0-9]{8}(?:[0-9]{2})?",
        "台湾居民来往大陆通行证号码须为 8 或 10 位数字。",
        "A Taiwan travel permit's number has 8 or 10 digits.",
    ),
    CertificateKind.RESIDENCE_PERMIT: _residence_permit,
    CertificateKind.FOREIGNER_PERMANENT_RESIDENT: _permanent_resident,
    CertificateKind.BIRTH_CERTIFICATE: _of_form(
        r"[A-Z][0-9]{9}",
        "出生医学证明编号须为 1 个字母加 9 位数字。",
        "A birth certificate's number is a letter and 9 digits.",
    ),
}
