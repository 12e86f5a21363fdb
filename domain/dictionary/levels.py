"""Hospital levels: every form in which hospitals send one, and the platform's own codes. Pure."""

import unicodedata

LEVEL_NAMES = {
    "3S": "三级特等",
    "3A": "三级甲等",
    "3B": "三级乙等",
    "3C": "三级丙等",
    "2A": "二级甲等",
    "2B": "二级乙等",
    "2C": "二级丙等",
    "1A": "一级甲等",
    "1B": "一级乙等",
    "1C": "一级丙等",
    "1U": "一级",
}
"""The platform's code of each level (the values of dictionary `HospitalType`), the highest first."""

_OLDER_NUMBERS = {"1": "3A", "2": "3B", "3": "2A", "4": "2B", "5": "1U"}
"""Dictionary `Hostype` of the older systems."""


def canonical_level(given: str | int) -> str | None:
    """The platform's code for a level given as `3A`, as the older systems' `1`…`5`, or in Chinese (三级甲等, 三甲).

    None if it is none of these. A bare 三级 or 二级 is none: without its grade no code stands for it.
    """
    form = unicodedata.normalize("NFKC", str(given)).strip().upper()
    return _FORMS.get(form)


def _short(name: str) -> str:
    return name.replace("级", "").replace("等", "")


_FORMS = (
    {code: code for code in LEVEL_NAMES}
    | _OLDER_NUMBERS
    | {name: code for code, name in LEVEL_NAMES.items()}
    | {_short(name): code for code, name in LEVEL_NAMES.items() if code != "1U"}
)
