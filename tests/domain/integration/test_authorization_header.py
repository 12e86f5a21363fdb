"""The Authorization header of a signed request is read strictly."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.integration.authorization_header import LONGEST_HEADER, Proof, parse_authorization
from domain.language import Language
from domain.refusals import Refusal, RefusalCode

PARTS = {
    "Credential": "hk_0123456789abcdef0123",
    "Timestamp": "1763715600",
    "Nonce": "nonce-0000000000000001",
    "Signature": "0f" * 32,
}
PROOF = Proof(PARTS["Credential"], 1763715600, PARTS["Nonce"], PARTS["Signature"])


def header(scheme: str = "HTB1-HMAC-SHA256", separator: str = ", ", parts: dict[str, str] = PARTS) -> str:
    return f"{scheme} " + separator.join(f"{name}={value}" for name, value in parts.items())


def refusal_of(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_authorization(text)
    return caught.value


@pytest.mark.parametrize("separator", [", ", ",", " ,\t "])
@pytest.mark.parametrize("scheme", ["HTB1-HMAC-SHA256", "htb1-hmac-sha256"])
def test_a_well_formed_header_is_read(scheme: str, separator: str) -> None:
    assert parse_authorization(header(scheme, separator)) == PROOF


def test_parts_may_come_in_any_order() -> None:
    backwards = ", ".join(f"{name}={value}" for name, value in reversed(PARTS.items()))
    assert parse_authorization(f"HTB1-HMAC-SHA256 {backwards}") == PROOF


@pytest.mark.parametrize(
    "text", ["", " ", "Bearer abc", "Basic aGs6", "HTB1-HMAC-SHA512 Credential=x", "HTB1", "\u0000"]
)
def test_another_scheme_is_not_a_proof(text: str) -> None:
    assert refusal_of(text).code is RefusalCode.UNAUTHENTICATED


@pytest.mark.parametrize("name", list(PARTS))
def test_each_missing_part_is_named(name: str) -> None:
    refusal = refusal_of(header(parts={other: value for other, value in PARTS.items() if other != name}))
    assert refusal.code is RefusalCode.SIGNATURE_MALFORMED
    assert str(refusal) == f"The Authorization header lacks {name}."


@pytest.mark.parametrize("text", ["HTB1-HMAC-SHA256", "HTB1-HMAC-SHA256 ", "HTB1-HMAC-SHA256  \t"])
def test_a_bare_scheme_lacks_everything(text: str) -> None:
    assert "Credential, Timestamp, Nonce, Signature" in str(refusal_of(text))


@pytest.mark.parametrize("name", list(PARTS))
def test_each_repeated_part_is_named(name: str) -> None:
    refusal = refusal_of(f"{header()}, {name}={PARTS[name]}")
    assert refusal.code is RefusalCode.SIGNATURE_MALFORMED
    assert str(refusal).startswith(f"{name} stands more than once")


@pytest.mark.parametrize(
    ("tail", "named"),
    [
        (", Region=cn", "'Region'"),
        (", nonce=x", "'nonce'"),
        (", =x", "''"),
        (",", "Part 5"),
        (", Credential", "'Credential'"),
        (", \u00a0Nonce=x", r"'\xa0Nonce'"),
        (", {0}{key_id}=x", "'{0}{key_id}'"),
        (", \x1b[31mred=x", r"'\x1b[31mred'"),
    ],
)
def test_a_strange_part_is_shown_back_harmlessly(tail: str, named: str) -> None:
    refusal = refusal_of(header() + tail)
    assert refusal.code is RefusalCode.SIGNATURE_MALFORMED
    assert named in str(refusal)
    assert named in refusal.say(Language.CHINESE) or named == "Part 5"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Credential", ""),
        ("Credential", "k" * 65),
        ("Credential", "a b"),
        ("Credential", '"hk_1"'),
        ("Credential", "hk_１"),
        ("Timestamp", ""),
        ("Timestamp", "0"),
        ("Timestamp", "01763715600"),
        ("Timestamp", "+1763715600"),
        ("Timestamp", "-1"),
        ("Timestamp", "1763715600.5"),
        ("Timestamp", "1_763_715_600"),
        ("Timestamp", "١٧٦٣٧١٥٦٠٠"),
        ("Timestamp", "9" * 13),
        ("Nonce", "n" * 15),
        ("Nonce", "n" * 65),
        ("Nonce", "nonce:000000000000001"),
        ("Nonce", "nonce-000000000000001\n"),
        ("Signature", "0f" * 31),
        ("Signature", "0F" * 32),
        ("Signature", "0g" * 32),
        ("Signature", "=" + "0" * 63),
    ],
)
def test_each_part_of_wrong_form_is_named(name: str, value: str) -> None:
    refusal = refusal_of(header(parts={**PARTS, name: value}))
    assert refusal.code is RefusalCode.SIGNATURE_MALFORMED
    assert str(refusal).startswith(f"{name} must be")
    assert refusal.say(Language.CHINESE).startswith(f"{name} 应为")


def test_a_header_of_any_length_costs_little() -> None:
    refusal = refusal_of("HTB1-HMAC-SHA256 " + "A=1," * 100_000)
    assert refusal.code is RefusalCode.SIGNATURE_MALFORMED
    assert str(LONGEST_HEADER) in str(refusal)


@given(st.one_of(st.text(), st.text().map(lambda tail: f"HTB1-HMAC-SHA256 {tail}")))
@example("HTB1-HMAC-SHA256 Credential=\ud800")
def test_any_text_is_read_or_refused_by_code(text: str) -> None:
    refusal: Refusal | None = None
    try:
        parse_authorization(text)
    except Refusal as caught:
        refusal = caught
    if refusal is not None:
        assert refusal.code in {RefusalCode.UNAUTHENTICATED, RefusalCode.SIGNATURE_MALFORMED}
        assert all(refusal.say(language).isprintable() for language in Language)
