"""A name and a certificate open only in the row they were sealed for, and equal certificates are found again."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.sealing import KeyRing, SealError
from datasources.sql.verification_request import VerificationRequest
from domain.certificates.kinds import Certificate
from domain.patients.details import PatientDetails
from domain.patients.rules import checked, checked_identity
from domain.verification.identity import GivenIdentity, Identity, certificate_index, read_identity, write_identity
from tests.domain.patients.test_rules import ADULT, KNOWN, TODAY

RING = KeyRing.of(bytes(range(32)))
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
PASSPORT = Certificate("30", "E12345678")


def row_of(name: str = "张三", certificate: Certificate = PASSPORT) -> VerificationRequest:
    row = VerificationRequest(
        id=uuid4(),
        user_id=uuid4(),
        certificate_kind="",
        front_file_id=uuid4(),
        consent_version="1",
        submitted_at=NOON,
    )
    write_identity(RING, row, name, certificate)
    return row


@given(st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=40))
def test_what_was_sealed_is_read_again(name: str, number: str) -> None:
    assert read_identity(RING, row_of(name, Certificate("30", number))) == Identity(name, number)


@pytest.mark.parametrize("column", ["sealed_name", "sealed_certificate"])
def test_a_record_from_another_row_does_not_open(column: str) -> None:
    mine, theirs = row_of(), row_of("李四")
    setattr(mine, column, getattr(theirs, column))
    with pytest.raises(SealError, match=f"verification_request.{column}"):
        read_identity(RING, mine)


def test_a_record_from_another_column_does_not_open() -> None:
    row = row_of()
    row.sealed_name, row.sealed_certificate = row.sealed_certificate, row.sealed_name
    with pytest.raises(SealError):
        read_identity(RING, row)


def test_an_erased_row_has_nothing_to_read() -> None:
    row = row_of()
    row.sealed_name = row.sealed_certificate = None
    assert read_identity(RING, row) is None


def test_a_certificate_is_found_by_kind_and_number() -> None:
    index = certificate_index(RING, PASSPORT)
    assert index == row_of().certificate_index
    assert index != certificate_index(RING, Certificate("20", PASSPORT.number))
    assert index != certificate_index(RING, Certificate("30", "E12345679"))


@given(
    st.text(max_size=60),
    st.sampled_from(["10", "30", "77", ""]),
    st.text(max_size=45) | st.just(ADULT.certificate_number),
)
def test_name_and_number_are_judged_as_a_patients_are(name: str, kind: str, number: str) -> None:
    found = checked_identity(name, kind, number, KNOWN, TODAY)
    patients = checked(replace(ADULT, name=name, certificate_kind=kind, certificate_number=number), KNOWN, TODAY)
    if isinstance(patients, PatientDetails):
        assert found == (patients.name, patients.certificate)
    else:
        named = [fault for fault in patients if fault.field in ("name", "certificateKind", "certificateNumber")]
        assert (found if isinstance(found, list) else []) == named


def test_no_log_shows_an_identity() -> None:
    front = UUID(int=1)
    for shown in (repr(GivenIdentity("张三", "30", "E12345678", front)), repr(Identity("张三", "E12345678"))):
        assert "张三" not in shown
        assert "E12345678" not in shown
