"""What may be written, what a moderator must see first, and what stands for an author."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.discussion.rules import faults_of, needs_a_look, next_at, plain_text, shown_name
from domain.language import Language

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AUTHOR = UUID("0190a3c4-0000-7000-8000-00000000beef")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  一行\t 文字 ", "一行 文字"),
        ("一\r\n二\n\n\n\n\n三", "一\n二\n\n三"),
        ("看\u202e不见\u200b的", "看 不见 的"),
        ("\n \n", ""),
    ],
)
def test_what_cannot_be_seen_is_left_out(given: str, kept: str) -> None:
    assert plain_text(given) == kept


def test_each_field_that_is_empty_or_too_long_is_named() -> None:
    faults = faults_of([("title", "", 3), ("body", "四个字了", 3), ("note", "三个字", 3)])
    assert [(each.field, each.code) for each in faults] == [("title", "MISSING"), ("body", "TOO_LONG")]


@pytest.mark.parametrize(
    "text",
    [
        "请打 13800001111",
        "138 0000-1111",
        "1 3 8·0 0 0 0·1 1 1 1",
        "身份证 11010519491231002X",
        "见 https://a.example/x",
        "写信到 a.b@c.example",
        "去 somewhere.com 看",
        "加V聊",
        "我的微信：abc",
        "QQ 见",
    ],
)
def test_ways_to_reach_somebody_need_a_look(text: str) -> None:
    assert needs_a_look(text)


@pytest.mark.parametrize(
    "text", ["挂号费 50 元，等了 2 小时", "11 月 25 日 8:30 取号，3 楼 305 室", "二维码取号很方便"]
)
def test_plain_words_do_not(text: str) -> None:
    assert not needs_a_look(text)


def test_the_next_is_taken_a_day_after_the_first_of_the_last_so_many() -> None:
    written = [NOW - timedelta(hours=hours) for hours in (20, 10, 5)]
    assert next_at(written[:2], 3) is None
    assert next_at(written, 3) == NOW + timedelta(hours=4)
    assert next_at(written, 2) == NOW + timedelta(hours=14)


@pytest.mark.parametrize("nickname", ["", "  ", "13800001111", "微信abc"])
def test_a_nickname_that_is_none_or_tells_too_much_is_not_shown(nickname: str) -> None:
    assert shown_name(nickname, AUTHOR).say(Language.CHINESE) == "就诊者 beef"
    assert shown_name(nickname, AUTHOR).say(Language.ENGLISH) == "Member beef"


@pytest.mark.parametrize("nickname", ["小海豚", "{name}"])
def test_any_other_nickname_is(nickname: str) -> None:
    assert shown_name(nickname, AUTHOR).say(Language.ENGLISH) == nickname.strip("{}")
