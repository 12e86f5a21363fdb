"""Resident IDs: real people's numbers pass, a mistyped one never does, and the failed rule is named."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from datasources.sql.patient import Sex
from domain.certificates.faults import CertificateFault
from domain.certificates.resident_id import PROVINCES, ResidentId, check_character, read_resident_id
from domain.problems import ProblemCode

TODAY = date(2026, 11, 20)


def number_of(body: str) -> str:
    """The number with these first 17 digits."""
    return body + check_character(body)


bodies = st.builds(
    lambda province, county, born, order: f"{province}{county:04}{born:%Y%m%d}{order:03}",
    st.sampled_from(sorted(PROVINCES)),
    st.integers(0, 9999),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)
numbers = bodies.map(number_of)


def fault_of(number: str, today: date = TODAY) -> ProblemCode:
    read = read_resident_id(number, today)
    assert isinstance(read, CertificateFault), number
    return read.code


@given(bodies)
def test_the_check_character_is_the_one_that_others_reckon(body: str) -> None:
    assert check_character(body) == ric.calc_check_digit(body + "0")


@given(numbers)
def test_a_valid_number_tells_birth_date_and_sex(number: str) -> None:
    read = read_resident_id(number, TODAY)
    assert isinstance(read, ResidentId)
    assert f"{read.birth_date:%Y%m%d}" == number[6:14]
    assert read.sex is (Sex.MALE if number[16] in "13579" else Sex.FEMALE)


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_changed_character_fails(number: str, place: int, other: str) -> None:
    assume(number[place] != other)
    assert isinstance(read_resident_id(number[:place] + other + number[place + 1 :], TODAY), CertificateFault)


@given(numbers, st.integers(0, 16))
def test_two_neighbours_that_changed_places_fail(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert isinstance(read_resident_id(swapped, TODAY), CertificateFault)


@given(st.text(max_size=30))
def test_nonsense_fails_without_a_fault_of_ours(text: str) -> None:
    assume(not text.isascii() or len(text) != 18)
    assert fault_of(text) is ProblemCode.CERTIFICATE_FORM


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the standard's own example
        number_of("32010519800101123"),  # Nanjing Jianye, a code younger than its bearer
        number_of("51020219700101001"),  # Chongqing while it was part of Sichuan
        number_of("81000019900101001"),
        number_of("83000019900101002"),
        number_of("91000019900101002"),
        number_of(f"110101{TODAY:%Y%m%d}001"),
        number_of("11010119000101001"),
        number_of("11010120000229001"),
    ],
)
def test_real_peoples_numbers_pass(number: str) -> None:
    assert isinstance(read_resident_id(number, TODAY), ResidentId)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("11010519491231002", ProblemCode.CERTIFICATE_FORM),
        ("110105194912310021X", ProblemCode.CERTIFICATE_FORM),
        ("110105491231002", ProblemCode.CERTIFICATE_FORM),  # fifteen digits ended in 2013
        ("1101051949123100２X", ProblemCode.CERTIFICATE_FORM),  # normalised before, or refused
        ("X1010519491231002X", ProblemCode.CERTIFICATE_FORM),
        ("11010519491231002X\n", ProblemCode.CERTIFICATE_FORM),
        (number_of("00010519491231002"), ProblemCode.CERTIFICATE_PROVINCE),
        (number_of("99010519491231002"), ProblemCode.CERTIFICATE_PROVINCE),
        (number_of("11010519490230002"), ProblemCode.CERTIFICATE_DATE),
        (number_of("11010519000229002"), ProblemCode.CERTIFICATE_DATE),  # 1900 was no leap year
        (number_of("11010518991231002"), ProblemCode.CERTIFICATE_DATE),
        (number_of(f"110105{TODAY + timedelta(days=1):%Y%m%d}002"), ProblemCode.CERTIFICATE_DATE),
        ("110105194912310021", ProblemCode.CERTIFICATE_CHECK_CHARACTER),
        ("110105194912310020", ProblemCode.CERTIFICATE_CHECK_CHARACTER),
    ],
)
def test_the_failed_rule_is_named(number: str, code: ProblemCode) -> None:
    assert fault_of(number) is code
