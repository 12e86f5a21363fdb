import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pinyin import initials_of, initials_of_person, pinyin_of, pinyin_of_person


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("北京协和医院", "beijingxieheyiyuan"),
        ("重庆", "chongqing"),
        ("长春", "changchun"),
        ("厦门", "xiamen"),
        ("朝阳医院", "chaoyangyiyuan"),
        ("长宁区", "changningqu"),
        ("院长", "yuanzhang"),
        ("单县", "shanxian"),
        ("重症医学科", "zhongzhengyixueke"),
        ("绿园区", "lvyuanqu"),
        ("CT 室（东院）", "ctshidongyuan"),
        ("", ""),
    ],
)
def test_pinyin_follows_the_phrase(text: str, pinyin: str) -> None:
    assert pinyin_of(text) == pinyin


@pytest.mark.parametrize(
    ("text", "initials"),
    [("北京协和医院", "bjxhyy"), ("重庆", "cq"), ("CT室", "cts"), ("北医3院（东）", "by3yd"), ("", "")],
)
def test_initials_are_one_letter_a_syllable(text: str, initials: str) -> None:
    assert initials_of(text) == initials


def test_a_family_name_is_read_as_one() -> None:
    assert pinyin_of_person("曾若宁") == "zengruoning"
    assert initials_of_person("单亦舟") == "syz"
    assert pinyin_of_person("李若宁") == "liruoning"
    assert pinyin_of_person("") == initials_of_person("") == ""


@given(st.text(max_size=20))
def test_any_text_gives_letters_and_digits_only(text: str) -> None:
    for result in (pinyin_of(text), initials_of(text), pinyin_of_person(text), initials_of_person(text)):
        assert result == "" or result.isalnum()


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20))
def test_latin_text_only_loses_case_spaces_and_punctuation(text: str) -> None:
    assert pinyin_of(text) == initials_of(text) == "".join(filter(str.isalnum, text)).lower()
