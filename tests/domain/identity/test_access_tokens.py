"""Access tokens hold only when this platform signed them, by the algorithm and keys it uses."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.sealing import KeyRing, Purpose
from domain.identity.access_tokens import AccessClaims, issue_access_token, read_access_token
from domain.identity.accounts import AccountKind
from domain.refusals import Refusal, RefusalCode

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
RING = KeyRing.of(OLD)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CLAIMS = AccessClaims(AccountKind.USER, uuid.UUID(int=1), uuid.UUID(int=2))


def issued(ring: KeyRing = RING) -> str:
    return issue_access_token(ring, CLAIMS, NOW)[0].get_secret_value()


def refused(token: str, ring: KeyRing = RING, at: datetime = NOW) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        read_access_token(ring, token, at)
    return caught.value.code


def forged(payload: dict[str, Any] | None = None, **header: Any) -> str:
    """A token signed with the right key whose payload or header is not as the platform writes it."""
    said: dict[str, Any] = {
        "sub": str(CLAIMS.account_id),
        "sid": str(CLAIMS.session_id),
        "knd": "user",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
    }
    said |= payload or {}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, RING.keys(Purpose.ACCESS_TOKEN)[1], algorithm="HS256", headers={"kid": "1", **header})


def test_a_token_says_what_it_was_issued_for() -> None:
    token, expires_at = issue_access_token(RING, CLAIMS, NOW)
    assert read_access_token(RING, token.get_secret_value(), NOW) == CLAIMS
    assert expires_at == NOW + timedelta(minutes=15)
    payload = jwt.decode(token.get_secret_value(), options={"verify_signature": False})
    assert set(payload) == {"sub", "sid", "knd", "iat", "exp"}


def test_tokens_of_the_former_key_hold_after_a_rotation_and_new_ones_use_the_new_key() -> None:
    rotated = KeyRing({1: OLD, 2: NEW}, active=2)
    assert read_access_token(rotated, issued(), NOW) == CLAIMS
    assert jwt.get_unverified_header(issued(rotated))["kid"] == "2"
    assert refused(issued(rotated)) is RefusalCode.TOKEN_INVALID
    assert refused(issued(), KeyRing({2: NEW}, active=2)) is RefusalCode.TOKEN_INVALID


def test_another_root_key_does_not_verify() -> None:
    assert refused(issued(KeyRing.of(NEW))) is RefusalCode.TOKEN_INVALID


def test_a_token_without_signature_is_refused() -> None:
    payload = issued().split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "1"}).encode()).decode().rstrip("=")
    assert refused(f"{header}.{payload}.") is RefusalCode.TOKEN_INVALID


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_another_algorithm_is_refused_even_with_the_right_key() -> None:
    payload = jwt.decode(issued(), options={"verify_signature": False})
    token = jwt.encode(payload, RING.keys(Purpose.ACCESS_TOKEN)[1], algorithm="HS512", headers={"kid": "1"})
    assert refused(token) is RefusalCode.TOKEN_INVALID


@pytest.mark.parametrize(
    "token",
    [
        forged({"sub": None}),
        forged({"sid": None}),
        forged({"exp": None}),
        forged({"knd": None}),
        forged({"knd": "root"}),
        forged({"sub": "1"}),
        forged({"sid": "x"}),
        forged({"exp": "soon"}),
        forged(kid="9"),
        forged(kid="../1"),
        forged(kid="١"),
        "",
        "a.b",
        "a.b.c",
        "é",
    ],
)
def test_what_is_not_whole_is_refused(token: str) -> None:
    assert refused(token) is RefusalCode.TOKEN_INVALID


@given(st.text(max_size=80))
def test_arbitrary_text_is_refused(token: str) -> None:
    assert refused(token) is RefusalCode.TOKEN_INVALID


@given(st.data())
def test_a_token_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    token = list(issued())
    # The last character of the signature carries two bits that decode to nothing.
    place = data.draw(st.integers(0, len(token) - 2).filter(lambda each: token[each] != "."))
    token[place] = data.draw(st.sampled_from("ABCDEFabcdef0189-_").filter(lambda each: each != token[place]))
    assert refused("".join(token)) is RefusalCode.TOKEN_INVALID


def test_a_token_expires_at_its_second() -> None:
    assert refused(issued(), at=NOW + timedelta(minutes=15)) is RefusalCode.TOKEN_EXPIRED
    assert read_access_token(RING, issued(), NOW + timedelta(minutes=14, seconds=59)) == CLAIMS
