"""Each kind of certificate has its form; kinds without a rule stop nobody."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain.dictionary
from datasources.sql.patient import Sex
from domain.certificates.faults import CertificateFault
from domain.certificates.kinds import (
    Certificate,
    CertificateKind,
    contradiction,
    normal_number,
    read_certificate,
)
from domain.certificates.resident_id import check_character
from domain.language import Language
from domain.problems import ProblemCode

TODAY = date(2026, 11, 20)
RESIDENCE_PERMIT = "81000019900307123" + check_character("81000019900307123")
PERMANENT_RESIDENT = "91115619900307123" + check_character("91115619900307123")


def read(kind: str, text: str) -> Certificate:
    certificate = read_certificate(kind, text, TODAY)
    assert isinstance(certificate, Certificate), certificate
    return certificate


def test_the_kinds_with_a_rule_are_those_of_the_dictionary() -> None:
    lists = json.loads((Path(domain.dictionary.__file__).parent / "data" / "lists.json").read_text())
    shipped = next(each["items"] for each in lists if each["code"] == "CertificatesType")
    assert set(shipped) == {kind.value for kind in CertificateKind}


def test_numbers_are_taken_as_people_type_them() -> None:
    given_text = " １１０１０５ 1949　1231 002x\t"
    assert normal_number(given_text) == "11010519491231002X"
    assert read("10", given_text) == Certificate("10", "11010519491231002X", date(1949, 12, 31), Sex.FEMALE)


@given(
    st.text(st.characters(max_codepoint=0x7F) | st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E), max_size=60)
)
def test_a_normal_number_stays_as_it_is(text: str) -> None:
    once = normal_number(text)
    assert not any(each.isspace() for each in once)
    assert normal_number(once) == once


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("30", "E12345678"),
        ("30", "EA1234567"),
        ("30", "AB12345"),
        ("40", "H12345678"),
        ("40", "m1234567801"),
        ("50", "12345678"),
        ("50", "1234567890"),
        ("60", RESIDENCE_PERMIT),
        ("70", "ABC123456789012"),
        ("70", PERMANENT_RESIDENT),
        ("80", "T110123456"),
    ],
)
def test_numbers_of_each_form_pass(kind: str, number: str) -> None:
    assert not read(kind, number).check_at_desk


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("30", "E123"),
        ("30", "E-12345678"),
        ("30", "护照12345678"),
        ("30", "A" * 18),
        ("40", "A12345678"),
        ("40", "H123456789"),
        ("50", "123456789"),
        ("50", "A1234567"),
        ("60", "11010519491231002X"),
        ("70", "AB1234567890123"),
        ("70", "11010519491231002X"),
        ("80", "1234567890"),
        ("80", "T1101234567"),
    ],
)
def test_numbers_of_another_form_are_refused(kind: str, number: str) -> None:
    fault = read_certificate(kind, number, TODAY)
    assert isinstance(fault, CertificateFault)
    assert fault.code is ProblemCode.CERTIFICATE_FORM


def test_a_permanent_residents_check_character_counts() -> None:
    wrong = PERMANENT_RESIDENT[:17] + ("0" if PERMANENT_RESIDENT[17] != "0" else "1")
    fault = read_certificate("70", wrong, TODAY)
    assert isinstance(fault, CertificateFault)
    assert fault.code is ProblemCode.CERTIFICATE_CHECK_CHARACTER


@pytest.mark.parametrize("kind", ["20", "99", "new-kind"])
def test_what_no_rule_can_judge_is_left_to_the_desk(kind: str) -> None:
    assert read(kind, "户第 123 号") == Certificate(kind, "户第123号", check_at_desk=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "MISSING"), (" 　", "MISSING"), ("1" * 41, "TOO_LONG"), ("12\x0034", "MALFORMED")],
)
def test_no_kind_takes_nothing_or_too_much(text: str, code: str) -> None:
    for kind in (*CertificateKind, "99"):
        fault = read_certificate(kind, text, TODAY)
        assert isinstance(fault, CertificateFault)
        assert fault.code == code


def test_what_is_stated_must_agree_with_the_number() -> None:
    certificate = read("10", "11010519491231002X")
    codes = [fault.code for fault in contradiction(certificate, date(1949, 12, 30), Sex.MALE)]
    assert codes == [ProblemCode.BIRTH_DATE_CONTRADICTS, ProblemCode.SEX_CONTRADICTS]
    assert contradiction(certificate, date(1949, 12, 31), Sex.FEMALE) == []
    assert contradiction(certificate, None, None) == []
    assert contradiction(read("30", "E12345678"), date(1949, 12, 30), Sex.MALE) == []


def test_a_fault_says_what_to_do_in_both_languages_and_never_the_number() -> None:
    fault = read_certificate("10", "110105194912310021", TODAY)
    assert isinstance(fault, CertificateFault)
    problem = fault.of_field("certificateNumber")
    assert "digit by digit" in problem.say(Language.ENGLISH)
    assert "校验位" in problem.say(Language.CHINESE)
    assert "1949" not in problem.say(Language.ENGLISH)
