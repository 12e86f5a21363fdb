"""Cursors read back as what they were made of, and nothing else reads as a cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.global_id import node_reference
from domain.paging import decode_cursor, encode_cursor, page_size
from domain.refusals import Refusal, RefusalCode


@given(st.text(), st.lists(st.text(), max_size=4))
def test_a_cursor_reads_back(list_name: str, keys: list[str]) -> None:
    assert decode_cursor(list_name, encode_cursor(list_name, keys), len(keys)) == keys


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_any_other_text_is_refused_as_a_cursor_and_as_an_id(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        decode_cursor("hospitals.NAME", text, 2)
    assert refused.value.code is RefusalCode.BAD_CURSOR
    with pytest.raises(Refusal) as refused:
        node_reference(text)
    assert refused.value.code is RefusalCode.BAD_ID


def test_a_cursor_belongs_to_its_list_and_its_number_of_keys() -> None:
    cursor = encode_cursor("hospitals.NAME", ["a", "b"])
    for list_name, count in (("hospitals.CODE", 2), ("hospitals.NAME", 1)):
        with pytest.raises(Refusal):
            decode_cursor(list_name, cursor, count)
    assert decode_cursor("hospitals.NAME", None, 2) is None


@pytest.mark.parametrize("first", [0, -1, 101, 100_000])
def test_a_page_has_one_to_a_hundred_items(first: int) -> None:
    with pytest.raises(Refusal) as refused:
        page_size(first)
    assert refused.value.code is RefusalCode.BAD_PAGE_SIZE
    assert (page_size(1), page_size(100)) == (1, 100)
