"""Rules for passwords, locks, recovery codes and who may give which role."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.callers import StaffMember
from domain.permissions import GRANTS, HOSPITAL_ROLES, Role
from domain.staff.authority import fit_together, may_give, reach
from domain.staff.entry import entry_problems
from domain.staff.lock_out import LONGEST_LOCK, lock_after, seconds_until
from domain.staff.password_policy import password_problem
from domain.staff.passwords import generated_password, is_password, password_hash
from domain.staff.recovery_codes import code_hash, new_codes

SOMEBODY = UUID(int=1)


def staff(role: Role) -> StaffMember:
    return StaffMember(SOMEBODY, SOMEBODY, "h1" if role in HOSPITAL_ROLES else None, GRANTS[role])


@pytest.mark.parametrize(
    ("tries", "minutes"),
    [(0, None), (1, None), (4, None), (5, 15), (6, None), (9, None), (10, 30), (15, 60), (20, 120)],
)
def test_every_fifth_wrong_try_locks_for_twice_as_long(tries: int, minutes: int | None) -> None:
    assert lock_after(tries) == (None if minutes is None else timedelta(minutes=minutes))


def test_no_lock_is_longer_than_a_day() -> None:
    assert lock_after(5_000_000) == LONGEST_LOCK == timedelta(hours=24)


def test_seconds_to_wait_are_rounded_up() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert seconds_until(now + timedelta(seconds=1.2), now) == 2
    assert seconds_until(now + timedelta(seconds=900), now) == 900
    assert seconds_until(now, now) == 1


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "PassWord2026!",
        "1q2w3e4r5t6y",
        "administrator1",
        "123456789012",
        "aaaaaaaaaaaaaaa",
        "abababababab",
        "xx-Li.Wei-2026",
        "woaini1314520",
        "x" * 60 + "abcdefg" * 10,
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert password_problem(password, "li.wei", "password") is not None


@pytest.mark.parametrize("password", ["seven green boats", "七只绿色小船在河上慢慢漂", "kV7-mq2x-TTpw"])
def test_long_ones_are_taken(password: str) -> None:
    assert password_problem(password, "li.wei", "password") is None


def test_a_generated_one_is_taken() -> None:
    assert password_problem(generated_password(), "li.wei", "password") is None


async def test_a_hash_is_argon2id_and_fits_its_password_alone() -> None:
    stored = await password_hash("seven green boats")
    assert stored.startswith("$argon2id$")
    assert await is_password(stored, "seven green boats")
    assert not await is_password(stored, "seven green boat")
    assert not await is_password(None, "seven green boats")
    assert not await is_password("rubbish", "seven green boats")


def test_recovery_codes_are_ten_and_found_however_they_are_typed() -> None:
    codes = new_codes()
    assert len(set(codes)) == 10
    assert code_hash(codes[0].lower().replace("-", " ")) == code_hash(codes[0])
    assert code_hash(codes[0]) != code_hash(codes[1])


@pytest.mark.parametrize("role", list(Role))
def test_a_platform_administrator_gives_every_role(role: Role) -> None:
    assert may_give(staff(Role.PLATFORM_ADMINISTRATOR), [role])


@pytest.mark.parametrize("role", list(Role))
def test_a_hospital_manager_gives_clerks_alone(role: Role) -> None:
    assert may_give(staff(Role.HOSPITAL_MANAGER), [role]) is (role is Role.HOSPITAL_CLERK)


@pytest.mark.parametrize("giver", sorted(set(Role) - {Role.PLATFORM_ADMINISTRATOR, Role.HOSPITAL_MANAGER}))
@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_gives_any_role(giver: Role, role: Role) -> None:
    assert not may_give(staff(giver), [role])


def test_the_platforms_readers_see_everybody_and_others_their_hospital_or_nobody() -> None:
    assert reach(staff(Role.PLATFORM_ADMINISTRATOR)) is None
    assert reach(staff(Role.READ_ONLY)) is None
    assert reach(staff(Role.HOSPITAL_MANAGER)) == "h1"
    assert reach(staff(Role.FINANCE)) == ""


def test_roles_go_with_their_kind_of_account() -> None:
    assert fit_together([Role.HOSPITAL_CLERK], "h1")
    assert fit_together([Role.REVIEWER, Role.FINANCE], None)
    assert not fit_together([Role.HOSPITAL_CLERK], None)
    assert not fit_together([Role.HOSPITAL_CLERK, Role.FINANCE], "h1")


@pytest.mark.parametrize("name", ["", "ab", ".abc", "abc-", "a b c", "李伟老师", "a" * 65])
def test_sign_in_names_that_could_be_mistaken_are_refused(name: str) -> None:
    assert [problem.field for problem in entry_problems(name, "李伟", [Role.FINANCE])] == ["signInName"]


def test_everything_wrong_with_an_entry_is_named() -> None:
    assert [problem.field for problem in entry_problems("", " ", [])] == ["signInName", "name", "roles"]
    assert entry_problems("li.wei@x", "李伟", [Role.FINANCE]) == []
