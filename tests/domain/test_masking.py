"""What is masked shows its owner enough and nobody else too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import mask_address, mask_card, mask_certificate, mask_name, mask_phone, mask_short


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("11010519491231002X", "110***********002X"),
        ("E12345678", "E*******8"),
        ("12345678", "1******8"),
        ("AB", "**"),
        ("", ""),
    ],
)
def test_certificates(clear: str, masked: str) -> None:
    assert mask_certificate(clear) == masked


@pytest.mark.parametrize(
    ("clear", "masked"),
    [("13800005678", "138****5678"), ("+8613800005678", "138****5678"), ("12345", "*****")],
)
def test_phones(clear: str, masked: str) -> None:
    assert mask_phone(clear) == masked


@pytest.mark.parametrize(
    ("clear", "masked"), [("张三", "张*"), ("张小三", "张*三"), ("欧阳娜娜", "欧**娜"), ("张", "*"), ("", "")]
)
def test_names(clear: str, masked: str) -> None:
    assert mask_name(clear) == masked


@pytest.mark.parametrize(("clear", "masked"), [("6222021234567890", "************7890"), ("1234", "****")])
def test_cards(clear: str, masked: str) -> None:
    assert mask_card(clear) == masked


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("北京市东城区东交民巷 1 号", "北京市东城区****"),
        ("吉林省长春市朝阳区人民大街 5 号 3 单元", "吉林省长春市朝阳区****"),
        ("云南省昆明市石林彝族自治县某路 2 号", "云南省昆明市石林彝族自治县****"),
        ("湖南省长沙县星沙街道", "湖南省长沙县****"),
        ("人民大街 5 号", "****"),
        ("", "****"),
    ],
)
def test_addresses(clear: str, masked: str) -> None:
    assert mask_address(clear) == masked


@given(st.text(st.characters(min_codepoint=33, exclude_characters="*"), min_size=3, max_size=40))
def test_masking_keeps_the_length_and_hides_something(clear: str) -> None:
    for mask in (mask_certificate, mask_short, mask_name, mask_card):
        assert len(mask(clear)) == len(clear)
        assert "*" in mask(clear)
        assert mask(clear) != clear
