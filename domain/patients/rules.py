"""What a patient's details must be. Every fault is named by its field; nothing is stored half right. Pure."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from datasources.sql.patient import Sex
from domain.certificates.faults import CertificateFault
from domain.certificates.kinds import Certificate, contradiction, normal_number, read_certificate
from domain.dictionary.regions import normalise_region_code
from domain.identity.phones import normal_phone
from domain.language import Words
from domain.patients.details import (
    ADULT_AGE,
    GUARDED_BELOW_AGE,
    Contact,
    GivenContact,
    GivenGuardian,
    GivenPatient,
    Guardian,
    PatientDetails,
    age_on,
)
from domain.patients.known_values import CERTIFICATE_KINDS, INSURANCE_KINDS, MARITAL_STATUSES, KnownValues
from domain.problems import FieldProblem, ProblemCode

LONGEST_NAME = 50
LONGEST_ADDRESS = 200
LONGEST_CARD = 32
EARLIEST_BIRTH = date(1900, 1, 1)

_REQUIRED = Words("必填。", "This is required.")
_TOO_LONG = Words("最多 {most} 个字。", "At most {most} characters fit.")
_CONTROL = Words("含有控制字符，请去掉。", "It holds control characters; remove them.")
_PHONE = Words(
    "须为中国内地手机号码，例如 13800001234。", "Send a mobile number of mainland China, such as 13800001234."
)
_NOT_LISTED = Words(
    "不在字典 {list} 中；用 dictMap 可查看其全部取值。",
    "The dictionary's list {list} has no such value; dictMap shows those it has.",
)
_REGION = Words("没有此行政区划代码，例如 110101。", "There is no such region; codes look like 110101.")
_BIRTH = Words("出生日期须在 1900 年至今天之间。", "The birth date must lie between 1900 and today.")
_GUARDIAN = Words(
    "未满 14 周岁的就诊人须填写监护人的姓名、证件与手机号码。",
    "A patient under 14 needs a guardian's name, certificate and phone.",
)
_GUARDIAN_AGE = Words("监护人须年满 18 周岁。", "A guardian must be 18 or older.")


@dataclass(slots=True)
class _Faults:
    """The problems found so far."""

    found: list[FieldProblem] = field(default_factory=list)

    def add(self, field_name: str, code: ProblemCode, words: Words, **values: object) -> None:
        self.found.append(FieldProblem(field_name, code, words, values))


def checked(given: GivenPatient, known: KnownValues, today: date) -> PatientDetails | list[FieldProblem]:
    """The details in their normal form, or everything that is wrong with them. `today` is the platform's date."""
    faults = _Faults()
    name = _line(faults, "name", given.name, LONGEST_NAME, required=True)
    certificate = _certificate(faults, "", given.certificate_kind, given.certificate_number, known, today)
    phone = _phone(faults, "phone", given.phone)
    sex, birth_date = _sex_and_birth(faults, given, certificate, today)
    guarded = birth_date is not None and age_on(today, birth_date) < GUARDED_BELOW_AGE
    details = PatientDetails(
        name=name or "",
        certificate=certificate or Certificate("", ""),
        sex=sex or Sex.UNSTATED,
        birth_date=birth_date or today,
        phone=phone,
        marital_status=_listed(faults, "maritalStatus", given.marital_status, MARITAL_STATUSES, known),
        insurance_kind=_listed(faults, "insuranceKind", given.insurance_kind, INSURANCE_KINDS, known),
        card_number=_line(faults, "cardNumber", given.card_number, LONGEST_CARD, normal=normal_number),
        region_code=_region(faults, given.region_code, known),
        address=_line(faults, "address", given.address, LONGEST_ADDRESS),
        emergency_contact=_contact(faults, given.emergency_contact),
        # Of nobody else is a guardian kept: what isn't needed isn't stored.
        guardian=_guardian(faults, given.guardian, known, today) if guarded else None,
    )
    return faults.found or details


def checked_identity(
    name: str, kind: str, number: str, known: KnownValues, today: date
) -> tuple[str, Certificate] | list[FieldProblem]:
    """A name and a certificate in their normal form, judged as a patient's are, or everything wrong with them."""
    faults = _Faults()
    line = _line(faults, "name", name, LONGEST_NAME, required=True)
    certificate = _certificate(faults, "", kind, number, known, today)
    if faults.found or line is None or certificate is None:
        return faults.found
    return line, certificate


def _sex_and_birth(
    faults: _Faults, given: GivenPatient, certificate: Certificate | None, today: date
) -> tuple[Sex | None, date | None]:
    """What the certificate tells goes before what was typed, which must not contradict it."""
    if certificate is None:
        return given.sex, given.birth_date
    for fault in contradiction(certificate, given.birth_date, given.sex):
        contradicts_birth = fault.code is ProblemCode.BIRTH_DATE_CONTRADICTS
        faults.found.append(fault.of_field("birthDate" if contradicts_birth else "sex"))
    sex, birth_date = certificate.sex or given.sex, certificate.birth_date or given.birth_date
    if sex is None:
        faults.add("sex", ProblemCode.MISSING, _REQUIRED)
    if birth_date is None:
        faults.add("birthDate", ProblemCode.MISSING, _REQUIRED)
    elif not EARLIEST_BIRTH <= birth_date <= today:
        faults.add("birthDate", ProblemCode.OUT_OF_RANGE, _BIRTH)
        birth_date = None
    return sex, birth_date


def _certificate(
    faults: _Faults, prefix: str, kind: str, number: str, known: KnownValues, today: date
) -> Certificate | None:
    if not known.has(CERTIFICATE_KINDS, kind):
        faults.add(f"{prefix}certificateKind", ProblemCode.UNKNOWN_REFERENCE, _NOT_LISTED, list=CERTIFICATE_KINDS)
        return None
    read = read_certificate(kind, number, today)
    if isinstance(read, CertificateFault):
        faults.found.append(read.of_field(f"{prefix}certificateNumber"))
        return None
    return read


def _guardian(faults: _Faults, given: GivenGuardian | None, known: KnownValues, today: date) -> Guardian | None:
    if given is None:
        faults.add("guardian", ProblemCode.MISSING, _GUARDIAN)
        return None
    name = _line(faults, "guardian.name", given.name, LONGEST_NAME, required=True)
    certificate = _certificate(faults, "guardian.", given.certificate_kind, given.certificate_number, known, today)
    phone = _phone(faults, "guardian.phone", given.phone)
    if certificate is None or name is None:
        return None
    if certificate.birth_date is not None and age_on(today, certificate.birth_date) < ADULT_AGE:
        faults.add("guardian.certificateNumber", ProblemCode.OUT_OF_RANGE, _GUARDIAN_AGE)
    return Guardian(name, certificate.kind, certificate.number, phone)


def _contact(faults: _Faults, given: GivenContact | None) -> Contact | None:
    if given is None:
        return None
    name = _line(faults, "emergencyContact.name", given.name, LONGEST_NAME, required=True)
    return Contact(name or "", _phone(faults, "emergencyContact.phone", given.phone))


def _phone(faults: _Faults, field_name: str, text: str) -> str:
    phone = normal_phone(text)
    if phone is None:
        faults.add(field_name, ProblemCode.MALFORMED, _PHONE)
    return phone or ""


def _listed(faults: _Faults, field_name: str, value: str | None, code: str, known: KnownValues) -> str | None:
    if not value:
        return None
    if not known.has(code, value):
        faults.add(field_name, ProblemCode.UNKNOWN_REFERENCE, _NOT_LISTED, list=code)
    return value


def _region(faults: _Faults, text: str | None, known: KnownValues) -> str | None:
    if not text:
        return None
    code = normalise_region_code(text)
    if code not in known.regions:
        faults.add("regionCode", ProblemCode.UNKNOWN_REFERENCE, _REGION)
    return code


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _line(
    faults: _Faults,
    field_name: str,
    text: str | None,
    most: int,
    *,
    required: bool = False,
    normal: Callable[[str], str] = _one_line,
) -> str | None:
    """The text on one line without stray spaces, None when it is empty."""
    line = normal(text or "")
    if not line:
        if required:
            faults.add(field_name, ProblemCode.MISSING, _REQUIRED)
        return None
    if len(line) > most:
        faults.add(field_name, ProblemCode.TOO_LONG, _TOO_LONG, most=most)
    if not line.isprintable():
        faults.add(field_name, ProblemCode.MALFORMED, _CONTROL)
    return line
