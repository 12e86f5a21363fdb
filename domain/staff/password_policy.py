"""What a staff member's password must be: long rather than odd (NIST SP 800-63B §5.1.1.2)."""

from domain.language import Words
from domain.problems import FieldProblem, ProblemCode

SHORTEST = 12
LONGEST = 128

_TOO_SHORT = Words(
    "密码至少 {shortest} 个字符；一句容易记住的话就很好。",
    "A password has at least {shortest} characters; a phrase that you can remember does well.",
)
_TOO_LONG = Words("密码最多 {longest} 个字符。", "A password has at most {longest} characters.")
_HOLDS_NAME = Words("密码不能包含登录名。", "The password must not contain the sign-in name.")
_COMMON = Words(
    "这个密码太常见，最先被猜到。请换一个。", "This password is among the first to be guessed. Choose another."
)
_MONOTONOUS = Words("密码至少要有 {least} 个不同的字符。", "A password has at least {least} different characters.")
_SAME = Words("新密码不能与现在的密码相同。", "The new password must differ from the present one.")

LEAST_DIFFERENT = 5

# The longest of the passwords that leaks show most, and this platform's own obvious ones, without digits at the end.
_COMMON_CORES = frozenset(
    """
    password passw0rd p@ssw0rd p@ssword administrator administration iloveyou iloveyouforever letmein
    welcome welcometo changeme changemenow qwertyuiop qwertyuiopasdf qwerty qwertyqwerty asdfghjkl
    asdfghjklqwe 1q2w3e4r 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx qazwsxedc qazwsxedcrfv zaq12wsx
    abcdefghijkl abcdefghijklm woaini woaini1314 wozuiaini woaiwojia hospital htbooking hospitaladmin
    superadmin superadministrator rootroot administratoradmin adminadmin adminadminadmin testtest
    testtesttest monkey dragon football baseball princess sunshine trustno1 correcthorsebatterystaple
    passwordpassword guanliyuan yiyuanguahao
    """.split()  # noqa: SIM905 - a list literal would be a word a line
)
_RUNS = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def password_problem(password: str, sign_in_name: str, field: str) -> FieldProblem | None:
    """Why this password cannot be taken for this name, or None."""
    if len(password) < SHORTEST:
        return FieldProblem(field, ProblemCode.OUT_OF_RANGE, _TOO_SHORT, {"shortest": SHORTEST})
    if len(password) > LONGEST:
        return FieldProblem(field, ProblemCode.TOO_LONG, _TOO_LONG, {"longest": LONGEST})
    lower = password.lower()
    if len(set(lower)) < LEAST_DIFFERENT:
        return FieldProblem(field, ProblemCode.MALFORMED, _MONOTONOUS, {"least": LEAST_DIFFERENT})
    if sign_in_name and sign_in_name.lower() in lower:
        return FieldProblem(field, ProblemCode.MALFORMED, _HOLDS_NAME)
    if _is_common(lower):
        return FieldProblem(field, ProblemCode.MALFORMED, _COMMON)
    return None


def unchanged_problem(field: str) -> FieldProblem:
    """The new password is the old one."""
    return FieldProblem(field, ProblemCode.DUPLICATE, _SAME)


def _is_common(lower: str) -> bool:
    core = lower.rstrip("0123456789!.@#$*?")
    return core in _COMMON_CORES or lower in _COMMON_CORES or any(lower in run for run in _RUNS)
