"""A sealed value opens in its own place, with its own root key, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretBytes

from datasources.sealing import KeyRing, Purpose, SealError, derived_key

FIELD = "integration_key.sealed_secret"
ROOT = bytes(range(32))
OTHER_ROOT = bytes(range(1, 33))
RING = KeyRing.of(ROOT)


def sealed(ring: KeyRing = RING, clear: bytes = b"secret") -> bytes:
    return ring.seal(FIELD, "hk_1", SecretBytes(clear))


@given(st.binary(max_size=300), st.text(max_size=40).filter(lambda text: text.isascii()))
def test_what_was_sealed_opens(clear: bytes, row_id: str) -> None:
    record = RING.seal(FIELD, row_id, SecretBytes(clear))
    assert RING.open(FIELD, row_id, record).get_secret_value() == clear


def test_a_record_has_the_documented_shape() -> None:
    record = sealed(KeyRing({0x1234: ROOT}, active=0x1234), b"18 characters long")
    assert record[:3] == b"\x01\x12\x34"
    assert len(record) == 1 + 2 + 12 + 18 + 16


def test_sealing_twice_gives_two_records() -> None:
    assert sealed() != sealed()


def test_a_record_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(SealError, match=r"integration_key\.sealed_secret:hk_2: .* moved from another row"):
        RING.open(FIELD, "hk_2", sealed())


def test_a_record_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(SealError, match="moved"):
        RING.open("integration_key.other", "hk_1", sealed())


def test_another_root_key_fails_clearly() -> None:
    with pytest.raises(SealError, match="root key is not the one that belongs to this database"):
        KeyRing.of(OTHER_ROOT).open(FIELD, "hk_1", sealed())


def test_a_ring_without_the_key_names_it() -> None:
    with pytest.raises(SealError, match=r"sealed with key 1, but the ring holds \[2, 3\]"):
        KeyRing({2: ROOT, 3: OTHER_ROOT}, active=2).open(FIELD, "hk_1", sealed())


def test_after_rotation_old_records_open_and_new_ones_use_the_active_key() -> None:
    old = sealed()
    rotated = KeyRing({1: ROOT, 2: OTHER_ROOT}, active=2)
    assert rotated.open(FIELD, "hk_1", old).get_secret_value() == b"secret"
    assert KeyRing({2: OTHER_ROOT}, active=2).open(FIELD, "hk_1", sealed(rotated)).get_secret_value() == b"secret"


@given(st.data())
def test_a_record_with_any_bit_changed_does_not_open(data: st.DataObject) -> None:
    record = bytearray(sealed())
    record[data.draw(st.integers(0, len(record) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealError):
        RING.open(FIELD, "hk_1", bytes(record))


@given(st.binary(max_size=60))
def test_arbitrary_bytes_do_not_open(record: bytes) -> None:
    with pytest.raises(SealError):
        RING.open(FIELD, "hk_1", record)


def test_nothing_clear_is_shown_by_repr() -> None:
    assert repr(RING) == "KeyRing(ids=[1], active=1)"
    assert "secret" not in repr(RING.open(FIELD, "hk_1", sealed())).replace("SecretBytes", "")


def test_a_ring_is_checked_when_made() -> None:
    with pytest.raises(ValueError, match="32 bytes, this one has 31"):
        KeyRing.of(bytes(31))
    with pytest.raises(ValueError, match="active key 2 is not in the ring"):
        KeyRing({1: ROOT}, active=2)
    with pytest.raises(ValueError, match="0 to 65535"):
        KeyRing({70000: ROOT}, active=70000)


def test_a_field_is_named_with_its_table() -> None:
    with pytest.raises(ValueError, match=r"table\.column"):
        RING.seal("sealed_secret:x", "hk_1", SecretBytes(b""))


def test_the_sealing_key_is_not_the_root_itself() -> None:
    assert derived_key(ROOT, Purpose.FIELD) != ROOT
    # Pinned: another value would make every stored record unreadable.
    assert derived_key(ROOT, Purpose.FIELD).hex() == "db6a1dacca39673f5513dc19d322e37c33bcbfeb8888fa57bacc8ef7cdbc3d19"
