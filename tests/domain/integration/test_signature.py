"""A signature covers the whole request, for five minutes."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.integration.authorization_header import Proof, parse_authorization
from domain.integration.signature import (
    WINDOW_SECONDS,
    check_time,
    signature_holds,
    signature_over,
    string_to_sign,
)
from domain.language import Language
from domain.refusals import Refusal, RefusalCode

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
UNIX = int(NOW.timestamp())

key_ids = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
nonces = st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True)
timestamps = st.integers(1, 10**12 - 1)
methods = st.sampled_from(["GET", "POST"])
targets = st.from_regex(r"/[!-~]{0,60}", fullmatch=True)
bodies = st.binary(max_size=200)
secrets = st.binary(min_size=1, max_size=64)


@dataclass(frozen=True)
class Request:
    """What is signed besides the proof's own parts."""

    method: str
    target: str
    body: bytes


@st.composite
def signed(draw: st.DrawFn) -> tuple[Proof, bytes, Request]:
    """A proof, the secret that made it and the request it stands for."""
    key_id, timestamp, nonce, secret = draw(key_ids), draw(timestamps), draw(nonces), draw(secrets)
    request = Request(method=draw(methods), target=draw(targets), body=draw(bodies))
    text = string_to_sign(key_id=key_id, timestamp=timestamp, nonce=nonce, **asdict(request))
    return Proof(key_id, timestamp, nonce, signature_over(secret, text)), secret, request


def holds(proof: Proof, secret: bytes, request: Request) -> bool:
    return signature_holds(proof, secret, method=request.method, target=request.target, body=request.body)


def changed_text(data: st.DataObject, text: str, characters: st.SearchStrategy[str]) -> str:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(characters)
    assume(other != text[place])
    return text[:place] + other + text[place + 1 :]


@given(signed())
def test_what_was_signed_is_verified(case: tuple[Proof, bytes, Request]) -> None:
    proof, secret, request = case
    header = (
        f"HTB1-HMAC-SHA256 Credential={proof.key_id}, Timestamp={proof.timestamp}, "
        f"Nonce={proof.nonce}, Signature={proof.signature}"
    )
    assert holds(parse_authorization(header), secret, request)


@given(signed(), st.data())
def test_any_changed_byte_of_the_body_fails(case: tuple[Proof, bytes, Request], data: st.DataObject) -> None:
    proof, secret, request = case
    assume(request.body)
    place = data.draw(st.integers(0, len(request.body) - 1))
    body = bytearray(request.body)
    body[place] ^= data.draw(st.integers(1, 255))
    assert not holds(proof, secret, replace(request, body=bytes(body)))


@given(signed(), bodies)
def test_a_longer_or_shorter_body_fails(case: tuple[Proof, bytes, Request], body: bytes) -> None:
    proof, secret, request = case
    assume(body != request.body)
    assert not holds(proof, secret, replace(request, body=body))


@given(signed(), st.data())
def test_any_changed_character_of_target_nonce_key_or_signature_fails(
    case: tuple[Proof, bytes, Request], data: st.DataObject
) -> None:
    proof, secret, request = case
    visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
    word = st.sampled_from("abcXYZ019_-")
    assert not holds(replace(proof, nonce=changed_text(data, proof.nonce, word)), secret, request)
    assert not holds(replace(proof, key_id=changed_text(data, proof.key_id, word)), secret, request)
    hexadecimal = st.sampled_from("0123456789abcdef")
    assert not holds(replace(proof, signature=changed_text(data, proof.signature, hexadecimal)), secret, request)
    assume(len(request.target) > 1)
    target = "/" + changed_text(data, request.target[1:], visible)
    assert not holds(proof, secret, replace(request, target=target))


@given(signed(), timestamps, methods, secrets)
def test_another_timestamp_method_or_secret_fails(
    case: tuple[Proof, bytes, Request], timestamp: int, method: str, other_secret: bytes
) -> None:
    proof, secret, request = case
    if timestamp != proof.timestamp:
        assert not holds(replace(proof, timestamp=timestamp), secret, request)
    if method != request.method:
        assert not holds(proof, secret, replace(request, method=method))
    # HMAC itself pads a short key with zeros.
    if other_secret.rstrip(b"\0") != secret.rstrip(b"\0"):
        assert not holds(proof, other_secret, request)


@given(st.text(), st.text())
def test_a_request_either_has_one_reading_or_is_refused(method: str, target: str) -> None:
    code: RefusalCode | None = None
    text = b""
    try:
        text = string_to_sign(key_id="hk_1", timestamp=1, nonce="n" * 16, method=method, target=target, body=b"")
    except Refusal as refusal:
        code = refusal.code
    assert code is RefusalCode.SIGNATURE_MALFORMED or text.decode().split("\n")[4:6] == [method, target]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST\n/a", "/b"),
        ("POST", "/a\n/b"),
        ("post", "/"),
        ("", "/"),
        ("POST", ""),
        ("POST", "graphql"),
        ("POST", "/a b"),
        ("POST", "/医院"),
        ("POST", "/\u0000"),
    ],
)
def test_a_method_or_target_with_two_readings_is_refused(method: str, target: str) -> None:
    with pytest.raises(Refusal) as caught:
        string_to_sign(key_id="hk_1", timestamp=1, nonce="n" * 16, method=method, target=target, body=b"")
    assert caught.value.code is RefusalCode.SIGNATURE_MALFORMED


@pytest.mark.parametrize("offset", [-WINDOW_SECONDS, -1, 0, 1, WINDOW_SECONDS])
def test_five_minutes_either_way_are_allowed(offset: int) -> None:
    check_time(UNIX + offset, NOW)
    check_time(UNIX + offset, NOW + timedelta(milliseconds=999))


@pytest.mark.parametrize(
    ("offset", "english", "chinese"),
    [
        (-301, "your clock is 301 s behind the server's", "慢 301 秒"),
        (301, "your clock is 301 s ahead of the server's", "快 301 秒"),
        (-UNIX + 1, f"{UNIX - 1} s behind", f"慢 {UNIX - 1} 秒"),
        (10**12 - 1 - UNIX, "s ahead", "快"),
    ],
)
def test_a_timestamp_out_of_the_window_is_told_the_servers_time(offset: int, english: str, chinese: str) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    with pytest.raises(Refusal) as caught:
        check_time(UNIX + offset, shanghai)
    assert caught.value.code is RefusalCode.SIGNATURE_EXPIRED
    assert english in str(caught.value)
    assert f"2026-03-01T08:00:00+00:00 (Unix {UNIX})" in str(caught.value)
    assert chinese in caught.value.say(Language.CHINESE)
    assert str(UNIX) in caught.value.say(Language.CHINESE)
