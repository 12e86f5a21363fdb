"""Time-based codes against the published vectors."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.staff.totp import code_at, matching_step, new_secret, provisioning_uri, secret_text, step_of

# RFC 6238, appendix B (SHA-1), cut to its last six digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("drift", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(drift: int, taken: bool) -> None:
    code = code_at(SECRET, step_of(NOW) + drift)
    assert matching_step(SECRET, code, NOW) == (step_of(NOW) + drift if taken else None)


@pytest.mark.parametrize("code", ["", "28708", "287o82", "２８７０８２", "2870822", "-87082"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_a_code_may_be_typed_in_two_groups() -> None:
    assert matching_step(SECRET, "287 082", datetime.fromtimestamp(59, UTC)) == 1


def test_a_step_lasts_thirty_seconds() -> None:
    assert step_of(NOW + timedelta(seconds=29)) == step_of(NOW)
    assert step_of(NOW + timedelta(seconds=30)) == step_of(NOW) + 1


def test_an_app_is_told_name_and_secret() -> None:
    assert provisioning_uri(SECRET, "li.wei@x") == (
        "otpauth://totp/HTBooking%3Ali.wei%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=HTBooking&digits=6"
    )
    assert secret_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert new_secret() != new_secret()
