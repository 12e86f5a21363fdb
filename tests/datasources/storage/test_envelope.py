"""An encrypted object shows nothing, opens only whole, and only with its own key in its own row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.storage.envelope import EnvelopeError, Envelopes, opened, sealed, sealed_size
from datasources.storage.object_store import CHUNK_BYTES
from tests.datasources.storage.conftest import pieces, whole

ENVELOPES = Envelopes(b"f" * 32)
KEY = b"d" * 32


@given(
    st.lists(st.binary(max_size=9), max_size=9), st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES * 2])
)
async def test_what_was_sealed_opens(parts: list[bytes], padding: int) -> None:
    content = [*parts, b"p" * padding]
    record = await whole(sealed(KEY, pieces(*content)))
    assert len(record) == sealed_size(sum(map(len, content)))
    assert await whole(opened(KEY, pieces(record[:7], record[7:]))) == b"".join(content)


async def test_nothing_of_the_content_shows_and_no_two_records_are_alike() -> None:
    records = [await whole(sealed(KEY, pieces(b"110105194912310021" * 9))) for _ in range(2)]
    assert records[0] != records[1]
    assert b"1101051949" not in records[0]


@pytest.mark.parametrize("cut", [0, 1, 16, 17, 40, CHUNK_BYTES + 17, CHUNK_BYTES + 33, -1])
async def test_a_cut_off_record_does_not_pass_for_a_whole_one(cut: int) -> None:
    record = await whole(sealed(KEY, pieces(b"x" * (CHUNK_BYTES + 100))))
    with pytest.raises(EnvelopeError):
        await whole(opened(KEY, pieces(record[:cut])))


@pytest.mark.parametrize("place", [0, 5, 20, CHUNK_BYTES + 40])
async def test_an_altered_record_does_not_open(place: int) -> None:
    record = bytearray(await whole(sealed(KEY, pieces(b"x" * (CHUNK_BYTES + 100)))))
    record[place] ^= 1
    with pytest.raises(EnvelopeError):
        await whole(opened(KEY, pieces(bytes(record))))


def test_a_key_opens_in_its_own_row_only() -> None:
    wrapped = ENVELOPES.new_key("stored_file:1")
    assert len(ENVELOPES.open_key(wrapped, "stored_file:1")) == 32
    for wrong, envelopes, owner in (
        (wrapped, ENVELOPES, "stored_file:2"),
        (wrapped, Envelopes(b"g" * 32), "stored_file:1"),
        (wrapped[:-1], ENVELOPES, "stored_file:1"),
        (b"", ENVELOPES, "stored_file:1"),
    ):
        with pytest.raises(EnvelopeError):
            envelopes.open_key(wrong, owner)
