"""Staff sign in: what is answered to whom, how wrong tries close it, and what a second factor adds."""

import asyncio
import base64
import secrets
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.staff_account import StaffAccount, StaffStatus
from domain.permissions import Role
from domain.staff.totp import code_at, step_of
from tests.platform import PASSWORD, Platform, StaffPerson

SIGN_IN = """
mutation ($input: SignInAsStaffInput!) {
  signInAsStaff(input: $input) {
    __typename
    ... on StaffSignedIn { accessToken expiresAt mustChangePassword staff { signInName roles permissions } }
    ... on SignInLocked { retryAfterSeconds }
    ... on InvalidInput { fields { field code } }
    ... on Problem { code message }
  }
}
"""
ME = "{ myStaffAccount { signInName hasSecondFactor recoveryCodesLeft mustChangePassword } }"


@pytest.fixture(autouse=True)
async def _fresh_budget(platform: Platform) -> None:
    """Tests of other files count wrong tries of the same address."""
    await platform.stores.redis.delete("staff-tries:127.0.0.1")


async def sign_in(platform: Platform, person: StaffPerson | str, password: str = PASSWORD, **more: str) -> Any:
    name = person if isinstance(person, str) else person.sign_in_name
    given = {"signInName": name, "password": password, **more}
    return (await platform.data(SIGN_IN, {"input": given}))["signInAsStaff"]


async def mutate(platform: Platform, person: StaffPerson, name: str, fields: str, **input: str) -> Any:
    kind = {"changeMyPassword": "ChangeMyPasswordInput", "confirmTotp": "ConfirmTotpInput"}.get(
        name, "OwnPasswordInput"
    )
    query = f"""mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename {fields}
      ... on Problem {{ code }} ... on InvalidInput {{ fields {{ field code }} }} }} }}"""
    return (await platform.data(query, {"input": input}, bearer=person.token))[name]


async def account_of(platform: Platform, person: StaffPerson) -> StaffAccount:
    async with platform.stores.sql.read() as session:
        return (await session.exec(select(StaffAccount).where(StaffAccount.id == person.key))).one()


async def with_totp(platform: Platform) -> tuple[StaffPerson, bytes, list[str]]:
    """Somebody with a second factor, its secret and the recovery codes."""
    person = await platform.new_staff(Role.FINANCE)
    begun = await mutate(platform, person, "beginTotp", "... on TotpBegun { secret uri }", password=PASSWORD)
    secret = base64.b32decode(begun["secret"])
    code = code_at(secret, step_of(platform.clock()))
    confirmed = await mutate(platform, person, "confirmTotp", "... on TotpConfirmed { recoveryCodes }", code=code)
    platform.clock.now += timedelta(seconds=30)
    return person, secret, confirmed["recoveryCodes"]


async def test_a_name_and_a_password_start_a_session(platform: Platform) -> None:
    person = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    answer = await sign_in(platform, person.sign_in_name.upper(), device="桌面")
    assert answer["__typename"] == "StaffSignedIn"
    assert answer["staff"]["roles"] == ["PLATFORM_ADMINISTRATOR"]
    assert "EDIT_STAFF" in answer["staff"]["permissions"]
    me = await platform.data(ME, bearer=answer["accessToken"])
    assert me["myStaffAccount"]["signInName"] == person.sign_in_name
    assert (await account_of(platform, person)).last_signed_in_at == platform.clock()


async def test_the_refresh_token_is_in_a_cookie_and_nowhere_else(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    given = {"signInName": person.sign_in_name, "password": PASSWORD}
    response = await platform.http.post(
        "http://platform.test/graphql", json={"query": SIGN_IN, "variables": {"input": given}}
    )
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("htb_staff=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/graphql"))
    assert cookie.split(";")[0].removeprefix("htb_staff=") not in response.text
    platform.http.cookies.clear()


async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    wrong = await sign_in(platform, person, "wrong")
    assert wrong["__typename"] == "WrongPassword"
    assert await sign_in(platform, f"x{secrets.token_hex(6)}", "wrong") == wrong


async def test_fifty_wrong_passwords_at_once_count_as_five(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    answers = await asyncio.gather(*(sign_in(platform, person, "wrong") for _ in range(50)))
    assert Counter(each["__typename"] for each in answers) == {"WrongPassword": 5, "SignInLocked": 45}
    assert {each["retryAfterSeconds"] for each in answers if "retryAfterSeconds" in each} == {900}
    account = await account_of(platform, person)
    assert (account.failed_tries, account.locked_until) == (5, platform.clock() + timedelta(minutes=15))


async def test_fifty_tries_of_nobodys_name_are_answered_as_somebodys(platform: Platform) -> None:
    name = f"x{secrets.token_hex(6)}"
    answers = await asyncio.gather(*(sign_in(platform, name, "wrong") for _ in range(50)))
    assert Counter(each["__typename"] for each in answers) == {"WrongPassword": 5, "SignInLocked": 45}
    assert all(880 <= each["retryAfterSeconds"] <= 900 for each in answers if "retryAfterSeconds" in each)


async def test_a_lock_holds_against_the_right_password_and_doubles(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    for minutes in (15, 30):
        for _ in range(5):
            assert (await sign_in(platform, person, "wrong"))["__typename"] == "WrongPassword"
        locked = await sign_in(platform, person)
        assert (locked["__typename"], locked["retryAfterSeconds"]) == ("SignInLocked", minutes * 60)
        assert f"{minutes} minutes" in locked["message"]
        platform.clock.now += timedelta(minutes=minutes)
    assert (await sign_in(platform, person))["__typename"] == "StaffSignedIn"
    assert (await account_of(platform, person)).failed_tries == 0


async def test_the_fifth_try_may_be_right(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    for _ in range(4):
        await sign_in(platform, person, "wrong")
    assert (await sign_in(platform, person))["__typename"] == "StaffSignedIn"
    account = await account_of(platform, person)
    assert (account.failed_tries, account.locked_until) == (0, None)


async def test_an_address_has_a_budget_of_wrong_tries(platform: Platform) -> None:
    await platform.stores.redis.set("staff-tries:127.0.0.1", 60, ex=300)
    person = await platform.new_staff(Role.FINANCE)
    answer = await sign_in(platform, person)
    assert answer["__typename"] == "SignInLocked"
    assert 290 <= answer["retryAfterSeconds"] <= 300


async def test_who_is_locked_by_an_administrator_is_told_so_only_with_the_right_password(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE, status=StaffStatus.LOCKED.value)
    assert (await sign_in(platform, person, "wrong"))["__typename"] == "WrongPassword"
    answer = await sign_in(platform, person)
    assert (answer["__typename"], answer["retryAfterSeconds"]) == ("SignInLocked", None)


async def test_wrong_and_right_tries_are_in_the_audit_log(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    await sign_in(platform, person, "wrong")
    await sign_in(platform, person)
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_id == str(person.key), AuditEntry.action == "SIGN_IN")
            .order_by(col(AuditEntry.id))
        )
        entries = found.all()
    assert [entry.result for entry in entries] == ["DONE", "WRONG", "DONE"]
    assert entries[1].detail == {"factor": "PASSWORD", "failed_tries": 1}
    assert "wrong" not in str(entries[1].detail)


async def test_a_code_of_the_app_is_asked_for_and_counts_once(platform: Platform) -> None:
    person, secret, _ = await with_totp(platform)
    assert (await sign_in(platform, person))["__typename"] == "SecondFactorNeeded"
    assert (await sign_in(platform, person, totpCode="000000"))["__typename"] == "WrongPassword"
    code = code_at(secret, step_of(platform.clock()))
    answers = await asyncio.gather(*(sign_in(platform, person, totpCode=code) for _ in range(4)))
    assert Counter(each["__typename"] for each in answers)["StaffSignedIn"] == 1
    assert (await sign_in(platform, person, totpCode=code))["__typename"] != "StaffSignedIn"


async def test_the_code_that_confirmed_the_factor_does_not_sign_in(platform: Platform) -> None:
    person, secret, _ = await with_totp(platform)
    platform.clock.now -= timedelta(seconds=30)
    used = code_at(secret, step_of(platform.clock()))
    assert (await sign_in(platform, person, totpCode=used))["__typename"] == "WrongPassword"


async def test_asking_for_the_code_forgives_no_wrong_try(platform: Platform) -> None:
    person, _, _ = await with_totp(platform)
    for _ in range(4):
        assert (await sign_in(platform, person, totpCode="000000"))["__typename"] == "WrongPassword"
        assert (await sign_in(platform, person))["__typename"] == "SecondFactorNeeded"
    assert (await sign_in(platform, person, totpCode="000000"))["__typename"] == "WrongPassword"
    assert (await sign_in(platform, person))["__typename"] == "SignInLocked"


async def test_a_recovery_code_counts_once(platform: Platform) -> None:
    person, _, codes = await with_totp(platform)
    assert len(codes) == 10
    signed_in = await sign_in(platform, person, recoveryCode=codes[3].lower())
    assert signed_in["__typename"] == "StaffSignedIn"
    me = await platform.data(ME, bearer=signed_in["accessToken"])
    assert me["myStaffAccount"]["recoveryCodesLeft"] == 9
    assert (await sign_in(platform, person, recoveryCode=codes[3]))["__typename"] == "WrongPassword"


async def test_the_second_factor_is_switched_off_by_the_password_alone(platform: Platform) -> None:
    person, _, _ = await with_totp(platform)
    again = await mutate(platform, person, "beginTotp", "", password=PASSWORD)
    assert again["code"] == "INVALID_INPUT"
    assert (await mutate(platform, person, "disableTotp", "", password="wrong"))["code"] == "WRONG_PASSWORD"
    assert (await mutate(platform, person, "disableTotp", "", password=PASSWORD))["__typename"] == "TotpDisabled"
    assert (await sign_in(platform, person))["__typename"] == "StaffSignedIn"


async def test_a_factor_is_confirmed_only_by_a_right_code_of_a_begun_secret(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    unbegun = await mutate(platform, person, "confirmTotp", "", code="000000")
    assert unbegun["fields"] == [{"field": "code", "code": "MISSING"}]
    await mutate(platform, person, "beginTotp", "", password=PASSWORD)
    wrong = await mutate(platform, person, "confirmTotp", "", code="12345")
    assert wrong["fields"] == [{"field": "code", "code": "MALFORMED"}]
    assert (await sign_in(platform, person))["__typename"] == "StaffSignedIn"


async def test_until_the_given_password_is_changed_nothing_else_is_allowed(platform: Platform) -> None:
    person = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR, must_change_password=True)
    signed_in = await sign_in(platform, person)
    assert signed_in["mustChangePassword"] is True
    for query in ("{ staff { totalCount } }", "{ auditLog { totalCount } }"):
        error = await platform.error(query, bearer=person.token)
        assert error["extensions"]["code"] == "PASSWORD_CHANGE_NEEDED"
    changed = await mutate(
        platform, person, "changeMyPassword", "", currentPassword=PASSWORD, newPassword="eight red kites above"
    )
    assert changed["__typename"] == "PasswordChanged"
    await platform.data("{ staff { totalCount } }", bearer=person.token)


async def test_a_new_password_ends_the_other_sessions_and_the_old_password(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    other = (await sign_in(platform, person))["accessToken"]
    changed = await mutate(
        platform,
        person,
        "changeMyPassword",
        "... on PasswordChanged { endedSessions }",
        currentPassword=PASSWORD,
        newPassword="eight red kites above",
    )
    assert changed["endedSessions"] == 1
    assert (await platform.error(ME, bearer=other))["extensions"]["code"] == "SESSION_ENDED"
    await platform.data(ME, bearer=person.token)
    assert (await sign_in(platform, person))["__typename"] == "WrongPassword"
    assert (await sign_in(platform, person, "eight red kites above"))["__typename"] == "StaffSignedIn"


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("wrong", "eight red kites above", "WRONG_PASSWORD"),
        (PASSWORD, PASSWORD, "INVALID_INPUT"),
        (PASSWORD, "password2026", "INVALID_INPUT"),
        (PASSWORD, "short", "INVALID_INPUT"),
    ],
)
async def test_a_password_is_not_changed_without_proof_or_to_a_weak_one(
    platform: Platform, current: str, new: str, code: str
) -> None:
    person = await platform.new_staff(Role.FINANCE)
    answer = await mutate(platform, person, "changeMyPassword", "", currentPassword=current, newPassword=new)
    assert answer["code"] == code
    assert (await sign_in(platform, person))["__typename"] == "StaffSignedIn"


async def test_who_holds_a_session_cannot_try_passwords_without_end(platform: Platform) -> None:
    person = await platform.new_staff(Role.FINANCE)
    codes = [(await mutate(platform, person, "disableTotp", "", password="wrong"))["code"] for _ in range(6)]
    assert codes == ["WRONG_PASSWORD"] * 5 + ["SIGN_IN_LOCKED"]


async def test_roles_count_from_the_next_request_on(platform: Platform) -> None:
    person = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    await platform.data("{ auditLog { totalCount } }", bearer=person.token)
    async with platform.stores.sql.unit_of_work() as session:
        await session.exec(
            update(StaffAccount).where(col(StaffAccount.id) == person.key).values(roles=[Role.FINANCE.value])
        )
    error = await platform.error("{ auditLog { totalCount } }", bearer=person.token)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_what_is_too_long_to_be_typed_is_refused(platform: Platform) -> None:
    answer = await sign_in(platform, "x" * 1001, "y" * 1001)
    assert [each["field"] for each in answer["fields"]] == ["signInName", "password"]
