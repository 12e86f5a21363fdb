from hypothesis import given
from hypothesis import strategies as st

from domain.dictionary.regions import RegionLevel, ancestors_of, full_name, level_of, normalise_region_code

two_digits = st.integers(0, 99).map("{:02}".format)
provinces = st.integers(10, 99).map(str)
six_digit_codes = st.builds("{}{}{}".format, provinces, two_digits, two_digits)


@given(six_digit_codes)
def test_a_six_digit_code_is_its_own_normal_form(code: str) -> None:
    assert normalise_region_code(code) == code


@given(provinces, two_digits)
def test_shorter_forms_mean_the_region_that_their_digits_name(province: str, city: str) -> None:
    assert normalise_region_code(province) == f"{province}0000"
    assert normalise_region_code(province + city) == f"{province}{city}00"


@given(st.text(max_size=12))
def test_any_text_is_a_code_in_normal_form_or_none(text: str) -> None:
    code = normalise_region_code(text)
    assert code is None or (
        len(code) == 6 and code.isascii() and code.isdigit() and normalise_region_code(code) == code
    )


def test_codes_are_accepted_with_spaces_and_full_width_digits() -> None:
    assert normalise_region_code(" １１０１ ") == "110100"


def test_nonsense_is_no_code() -> None:
    for text in ("", "1", "110", "11010", "1101011", "北京", "11-01", "010101", "110101\n1"):
        assert normalise_region_code(text) is None, text


@given(six_digit_codes)
def test_ancestors_stand_above_and_go_from_the_province_down(code: str) -> None:
    ancestors = ancestors_of(code)
    assert code not in ancestors
    assert list(ancestors) == sorted(ancestors)
    assert all(level_of(ancestor) is not RegionLevel.DISTRICT for ancestor in ancestors)
    assert (ancestors == ()) == (level_of(code) is RegionLevel.PROVINCE)


def test_levels_and_ancestors_of_known_codes() -> None:
    assert level_of("110000") is RegionLevel.PROVINCE
    assert level_of("110100") is RegionLevel.CITY
    assert level_of("110101") is RegionLevel.DISTRICT
    assert ancestors_of("110101") == ("110000", "110100")
    assert ancestors_of("110100") == ("110000",)
    assert ancestors_of("810001") == ("810000",)


def test_a_full_name_leaves_out_rows_that_only_group() -> None:
    assert full_name(["北京市", "市辖区", "东城区"]) == "北京市东城区"
    assert full_name(["重庆市", "县", "云阳县"]) == "重庆市云阳县"
    assert full_name(["湖北省", "省直辖县级行政区划", "仙桃市"]) == "湖北省仙桃市"
    assert full_name(["甘肃省", "嘉峪关市", "嘉峪关市"]) == "甘肃省嘉峪关市"
    assert full_name(["浙江省", "杭州市", "上城区"]) == "浙江省杭州市上城区"
