"""What a staff account's own texts must look like."""

import re
from collections.abc import Sequence

from domain.language import Words
from domain.permissions import Role
from domain.problems import FieldProblem, ProblemCode

LONGEST_NAME = 50
_SIGN_IN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{1,62}[A-Za-z0-9])")

_BAD_SIGN_IN_NAME = Words(
    "登录名须为 3 至 64 位字母、数字、点、连字符、下划线或 @，首尾为字母或数字。",
    "A sign-in name has 3 to 64 letters, digits, dots, hyphens, underscores or @, and begins and ends with a letter "
    "or digit.",
)
_BAD_NAME = Words(
    "姓名须为 1 至 {longest} 个字符，不含控制字符。", "A name has 1 to {longest} characters and no control characters."
)
NO_ROLES = Words("至少选择一个角色。", "Choose at least one role.")
TAKEN = Words("这个登录名已被使用。", "This sign-in name is taken.")
NO_HOSPITAL = Words("没有这个编码的医院。", "There is no hospital with this code.")
WRONG_HOSPITAL = Words(
    "医院角色须指明医院，平台角色不能指明医院。",
    "A hospital's roles need a hospital; the platform's roles have none.",
)


def entry_problems(sign_in_name: str, name: str, roles: Sequence[Role]) -> list[FieldProblem]:
    """Everything that is wrong with a new account."""
    problems = []
    if not _SIGN_IN_NAME.fullmatch(sign_in_name.strip()):
        problems.append(FieldProblem("signInName", ProblemCode.MALFORMED, _BAD_SIGN_IN_NAME))
    wrong_name = name_problem(name)
    if wrong_name is not None:
        problems.append(wrong_name)
    if not roles:
        problems.append(FieldProblem("roles", ProblemCode.MISSING, NO_ROLES))
    return problems


def name_problem(name: str) -> FieldProblem | None:
    """What is wrong with a person's name, or None."""
    name = name.strip()
    if 1 <= len(name) <= LONGEST_NAME and name.isprintable():
        return None
    return FieldProblem("name", ProblemCode.MALFORMED, _BAD_NAME, {"longest": LONGEST_NAME})
