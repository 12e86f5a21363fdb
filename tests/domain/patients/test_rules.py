"""What a patient's details must be, each fault named by its field."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from datasources.sql.patient import Sex
from domain.certificates.resident_id import check_character
from domain.patients.details import GivenContact, GivenGuardian, GivenPatient, PatientDetails, age_on
from domain.patients.known_values import KnownValues
from domain.patients.rules import checked

TODAY = date(2026, 11, 20)
KNOWN = KnownValues(
    lists={
        "CertificatesType": frozenset({"10", "20", "30"}),
        "MaritalStatus": frozenset({"10"}),
        "InsuranceType": frozenset({"01"}),
    },
    regions=frozenset({"110101"}),
)


def resident_id(born: date, order: int = 2) -> str:
    body = f"110105{born:%Y%m%d}{order:03}"
    return body + check_character(body)


ADULT = GivenPatient("张三", "10", resident_id(date(1990, 5, 1)), "138 0000 1234")
GUARDIAN = GivenGuardian("李四", "10", resident_id(date(1990, 5, 1)), "13800001234")
PASSPORT = replace(ADULT, certificate_kind="30", certificate_number="E12345678")


def details(given: GivenPatient, today: date = TODAY) -> PatientDetails:
    found = checked(given, KNOWN, today)
    assert isinstance(found, PatientDetails), found
    return found


def faults(given: GivenPatient, today: date = TODAY) -> list[tuple[str, str]]:
    found = checked(given, KNOWN, today)
    assert isinstance(found, list)
    return [(problem.field, problem.code.value) for problem in found]


def test_birth_date_and_sex_come_from_the_certificate() -> None:
    found = details(ADULT)
    assert (found.birth_date, found.sex) == (date(1990, 5, 1), Sex.FEMALE)
    assert found.phone == "+8613800001234"


def test_they_are_asked_for_where_the_certificate_does_not_tell() -> None:
    assert faults(PASSPORT) == [("sex", "MISSING"), ("birthDate", "MISSING")]
    found = details(replace(PASSPORT, sex=Sex.UNSTATED, birth_date=date(2000, 2, 29)))
    assert (found.birth_date, found.sex) == (date(2000, 2, 29), Sex.UNSTATED)


def test_what_is_stated_may_not_contradict_the_certificate() -> None:
    assert faults(replace(ADULT, sex=Sex.MALE, birth_date=date(1990, 5, 2))) == [
        ("birthDate", "BIRTH_DATE_CONTRADICTS"),
        ("sex", "SEX_CONTRADICTS"),
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "　 "}, ("name", "MISSING")),
        ({"name": "长" * 51}, ("name", "TOO_LONG")),
        ({"name": "张\x00三"}, ("name", "MALFORMED")),
        ({"phone": "1234"}, ("phone", "MALFORMED")),
        ({"certificate_kind": "77"}, ("certificateKind", "UNKNOWN_REFERENCE")),
        ({"certificate_number": "123"}, ("certificateNumber", "CERTIFICATE_FORM")),
        ({"marital_status": "99"}, ("maritalStatus", "UNKNOWN_REFERENCE")),
        ({"insurance_kind": "99"}, ("insuranceKind", "UNKNOWN_REFERENCE")),
        ({"region_code": "999999"}, ("regionCode", "UNKNOWN_REFERENCE")),
        ({"region_code": "东城区"}, ("regionCode", "UNKNOWN_REFERENCE")),
        ({"card_number": "1" * 33}, ("cardNumber", "TOO_LONG")),
        ({"address": "路" * 201}, ("address", "TOO_LONG")),
        ({"emergency_contact": GivenContact("", "13800001234")}, ("emergencyContact.name", "MISSING")),
        ({"emergency_contact": GivenContact("王五", "110")}, ("emergencyContact.phone", "MALFORMED")),
    ],
)
def test_a_fault_is_named_by_its_field(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(replace(ADULT, **changes)) == [fault]


@pytest.mark.parametrize("born", [date(1899, 12, 31), date(2026, 11, 21)])
def test_a_birth_date_lies_between_1900_and_today(born: date) -> None:
    assert ("birthDate", "OUT_OF_RANGE") in faults(replace(PASSPORT, sex=Sex.MALE, birth_date=born))


def test_a_child_needs_a_guardian_until_the_fourteenth_birthday() -> None:
    child = replace(ADULT, certificate_number=resident_id(date(2012, 11, 20)))
    assert faults(child, date(2026, 11, 19)) == [("guardian", "MISSING")]
    assert details(child, date(2026, 11, 20)).guardian is None
    guarded = details(replace(child, guardian=GUARDIAN), date(2026, 11, 19)).guardian
    assert guarded is not None
    assert guarded.phone == "+8613800001234"


def test_of_an_adult_no_guardian_is_kept() -> None:
    assert details(replace(ADULT, guardian=GUARDIAN)).guardian is None


def test_a_guardian_is_checked_like_a_patient_and_grown_up() -> None:
    child = replace(ADULT, certificate_number=resident_id(date(2020, 1, 1)))
    wrong = GivenGuardian("", "10", resident_id(date(1990, 5, 1))[:17] + "7", "1")
    assert faults(replace(child, guardian=wrong)) == [
        ("guardian.name", "MISSING"),
        ("guardian.certificateNumber", "CERTIFICATE_CHECK_CHARACTER"),
        ("guardian.phone", "MALFORMED"),
    ]
    young = replace(GUARDIAN, certificate_number=resident_id(date(2008, 11, 21)))
    assert faults(replace(child, guardian=young)) == [("guardian.certificateNumber", "OUT_OF_RANGE")]


def test_everything_is_kept_in_its_normal_form() -> None:
    found = details(
        replace(
            ADULT,
            name=" 阿卜杜拉·  买买提 ",
            marital_status="10",
            insurance_kind="01",
            card_number="６２２２ 0212 34",
            region_code="110101",
            address=" 东交民巷   1 号 ",
            emergency_contact=GivenContact(" 王五 ", "+86 139-0000-1234"),
        )
    )
    assert found.name == "阿卜杜拉· 买买提"
    assert (found.card_number, found.address) == ("6222021234", "东交民巷 1 号")
    assert found.emergency_contact is not None
    assert (found.emergency_contact.name, found.emergency_contact.phone) == ("王五", "+8613900001234")
    assert checked(found.as_given(), KNOWN, TODAY) == found


def test_no_repr_shows_anything() -> None:
    assert "张" not in repr(ADULT) + repr(details(ADULT))
    assert "1990" not in repr(ADULT) + repr(details(ADULT)) + repr(details(ADULT).certificate)


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 2, 28), 13), (date(2026, 3, 1), 14), (date(2012, 2, 29), 0), (date(2028, 2, 29), 16)],
)
def test_an_age_is_counted_in_whole_years(day: date, age: int) -> None:
    assert age_on(day, date(2012, 2, 29)) == age
