"""Pinyin of names, for search and for order. Letters and digits stay (lower-cased), spaces and punctuation go."""

import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

_REMEMBERED = 1 << 16

# How these characters are read as a family name; anywhere else they follow the phrase.
_SURNAMES = {
    "仇": "qiu",
    "任": "ren",
    "区": "ou",
    "华": "hua",
    "单": "shan",
    "卜": "bu",
    "尉": "wei",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "秘": "bi",
    "纪": "ji",
    "缪": "miao",
    "翟": "zhai",
    "覃": "qin",
    "解": "xie",
    "逄": "pang",
    "那": "na",
    "重": "chong",
    "黑": "he",
}

# Places and words that pypinyin's own dictionary lacks or reads otherwise.
load_phrases_dict(
    {
        "单县": [["shàn"], ["xiàn"]],
        "大城县": [["dài"], ["chéng"], ["xiàn"]],
        "朝阳": [["cháo"], ["yáng"]],
        "洪洞": [["hóng"], ["tóng"]],
        "浚县": [["xùn"], ["xiàn"]],
        "着床": [["zhuó"], ["chuáng"]],
        "筠连": [["jūn"], ["lián"]],
        "繁峙": [["fán"], ["shì"]],
        "荥经": [["yíng"], ["jīng"]],
        "藏医": [["zàng"], ["yī"]],
        "藏药": [["zàng"], ["yào"]],
        "郫都": [["pí"], ["dū"]],
        "六合区": [["lù"], ["hé"], ["qū"]],
    }
)
# In names of places and hospitals 长 is nearly always cháng; 院长, 生长 and 长子县 are phrases and stay zhǎng.
load_single_dict({ord("长"): "cháng,zhǎng"})


def pinyin_of(text: str) -> str:
    """The whole pinyin without tones or spaces: 重庆 is `chongqing`. ü is written v, as people type it."""
    return "".join(_syllables(text))


def initials_of(text: str) -> str:
    """The first letter of every syllable, other letters and digits whole: 北京协和医院 is `bjxhyy`, CT室 is `cts`."""
    return _initials(text)


def pinyin_of_person(name: str) -> str:
    """As `pinyin_of`, with the first character read as a family name: 曾 is `zeng`, 单 is `shan`."""
    return _surname(name) + pinyin_of(name[1:]) if name[:1] in _SURNAMES else pinyin_of(name)


def initials_of_person(name: str) -> str:
    """As `initials_of`, with the first character read as a family name."""
    return _surname(name)[0] + initials_of(name[1:]) if name[:1] in _SURNAMES else initials_of(name)


def _surname(name: str) -> str:
    return _SURNAMES[name[0]]


@lru_cache(maxsize=_REMEMBERED)
def _syllables(text: str) -> tuple[str, ...]:
    return tuple(
        kept
        for syllable in lazy_pinyin(unicodedata.normalize("NFKC", text), style=Style.NORMAL)
        if (kept := "".join(filter(str.isalnum, syllable)).lower())
    )


@lru_cache(maxsize=_REMEMBERED)
def _initials(text: str) -> str:
    # Whatever is not Chinese comes back from pypinyin as it went in, so it is split off by character first.
    letters: list[str] = []
    for piece in lazy_pinyin(unicodedata.normalize("NFKC", text), style=Style.NORMAL, errors=_marked):
        if piece.startswith(_NOT_CHINESE):
            letters += filter(str.isalnum, piece.lower())
        else:
            letters.append(piece[0])
    return "".join(letters)


_NOT_CHINESE = "\0"


def _marked(foreign: str) -> str:
    return _NOT_CHINESE + foreign
