"""Phone sign-in, through the whole application: every limit, by example and when many come at once."""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
import redis.exceptions
import structlog
from sqlmodel import col, select, update

from datasources.cache.login_codes import EVERYBODY_KEY, LoginCodes
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus
from domain.global_id import node_reference
from domain.identity.login_codes import phone_index
from domain.identity.sign_in import phone_of, with_phone
from server.app import create_app
from server.settings import Settings
from tests.browser import REQUEST_CODE, Browser, new_address, new_phone, solved
from tests.platform import Platform


async def account(platform: Platform, id: str) -> UserAccount:
    async with platform.stores.sql.read() as session:
        row = await session.get(UserAccount, uuid.UUID(node_reference(id).key))
    assert row is not None
    return row


async def acts_on(platform: Platform, id: str) -> list[tuple[str, str]]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry).where(col(AuditEntry.subject_id) == node_reference(id).key).order_by(col(AuditEntry.id))
        )
        return [(each.action, each.result) for each in found.all()]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_a_code_signs_in_and_the_first_time_makes_the_account(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(f"0086 {phone[3:6]}-{phone[6:]}")
    assert (sent["__typename"], sent["retryAfterSeconds"]) == ("LoginCodeSent", 60)
    code = await browser.code_of(phone)
    assert re.fullmatch("[0-9]{6}", code)
    signed_in = await browser.enter_code(phone, sent["challengeId"], code)
    user = signed_in["user"]
    assert user["phone"] == f"{phone[3:6]}****{phone[-4:]}"
    assert (user["status"], user["verification"], user["nickname"]) == ("ACTIVE", "NONE", "")
    assert (await browser.data("{ me { id } }"))["me"]["id"] == user["id"]
    assert await acts_on(platform, user["id"]) == [("USER_CREATED", "DONE"), ("SIGN_IN", "DONE")]


async def test_the_phone_is_sealed_and_found_by_its_index(platform: Platform) -> None:
    user = await platform.new_user()
    row = await account(platform, user.id)
    assert row.sealed_phone is not None
    assert user.phone[3:].encode() not in row.sealed_phone
    assert phone_of(platform.ring, row) == user.phone
    again = await (await platform_later(platform)).sign_in(user.phone)
    assert again["user"]["id"] == user.id


async def platform_later(platform: Platform, **later: float) -> Browser:
    platform.clock.now += timedelta(**(later or {"minutes": 2}))
    return platform.new_browser()


async def test_the_refresh_token_is_in_a_cookie_for_the_graph_only(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    response = await browser.response(
        "mutation ($input: SignInWithPhoneInput!) { signInWithPhone(input: $input) { __typename } }",
        {"input": {"phone": phone, "challengeId": sent["challengeId"], "code": await browser.code_of(phone)}},
    )
    assert re.fullmatch(
        r"htb_user=[\w-]{86}; Max-Age=2592000; Path=/graphql; HttpOnly; SameSite=Strict", response.headers["set-cookie"]
    )


async def test_a_code_counts_once(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    code = await browser.code_of(phone)
    assert (await browser.enter_code(phone, sent["challengeId"], code))["__typename"] == "SignedIn"
    browser.token = None
    again = await browser.enter_code(phone, sent["challengeId"], code)
    assert (again["__typename"], again["triesLeft"], again["code"]) == ("WrongCode", 0, "WRONG_CODE")


async def test_of_many_who_use_one_code_at_once_one_is_signed_in(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    code = await browser.code_of(phone)
    answers = await asyncio.gather(
        *(platform.new_browser().enter_code(phone, sent["challengeId"], code) for _ in range(20))
    )
    assert Counter(each["__typename"] for each in answers) == {"SignedIn": 1, "WrongCode": 19}


async def test_a_code_expires_after_five_minutes(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    platform.clock.now += timedelta(minutes=5)
    late = await browser.enter_code(phone, sent["challengeId"], await browser.code_of(phone))
    assert (late["__typename"], late["triesLeft"]) == ("WrongCode", 0)


async def test_a_new_code_ends_the_one_before(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    first = await browser.request_code(phone)
    first_code = await browser.code_of(phone)
    platform.clock.now += timedelta(seconds=60)
    second = await browser.request_code(phone)
    assert (await browser.enter_code(phone, first["challengeId"], first_code))["__typename"] == "WrongCode"
    code = await browser.code_of(phone)
    assert (await browser.enter_code(phone, second["challengeId"], code))["__typename"] == "SignedIn"


async def test_a_code_is_worth_nothing_without_its_challenge_or_with_another_phone(platform: Platform) -> None:
    phone, other, browser = new_phone(), new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    foreign = await browser.request_code(other)
    code = await browser.code_of(phone)
    assert (await browser.enter_code(phone, foreign["challengeId"], code))["__typename"] == "WrongCode"
    assert (await browser.enter_code(other, sent["challengeId"], code))["__typename"] == "WrongCode"
    # Guesses without the challenge used nothing up.
    assert (await browser.enter_code(phone, sent["challengeId"], code))["__typename"] == "SignedIn"


async def test_five_wrong_tries_use_the_code_up(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    code = await browser.code_of(phone)
    left = [(await browser.enter_code(phone, sent["challengeId"], wrong(code)))["triesLeft"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert (await browser.enter_code(phone, sent["challengeId"], code))["__typename"] == "WrongCode"


async def test_of_many_wrong_tries_at_once_five_are_looked_at(platform: Platform) -> None:
    phone = new_phone()
    sent = await platform.new_browser().request_code(phone)
    code = await platform.new_browser().code_of(phone)
    answers = await asyncio.gather(
        *(platform.new_browser().enter_code(phone, sent["challengeId"], wrong(code)) for _ in range(40))
    )
    assert Counter(each["triesLeft"] for each in answers) == {4: 1, 3: 1, 2: 1, 1: 1, 0: 36}
    assert (await platform.new_browser().enter_code(phone, sent["challengeId"], code))["__typename"] == "WrongCode"


async def test_twenty_wrong_tries_in_a_day_lock_the_phone_for_the_day(platform: Platform) -> None:
    phone = new_phone()
    began = platform.clock.now
    for _ in range(4):
        browser = platform.new_browser()
        sent = await browser.request_code(phone)
        code = await browser.code_of(phone)
        for _ in range(5):
            await browser.enter_code(phone, sent["challengeId"], wrong(code))
        platform.clock.now += timedelta(minutes=10)
    browser = platform.new_browser()
    sent = await browser.request_code(phone)
    locked = await browser.enter_code(phone, sent["challengeId"], await browser.code_of(phone))
    assert (locked["__typename"], locked["code"]) == ("TooManyTries", "TOO_MANY_TRIES")
    assert locked["retryAfterSeconds"] == (began + timedelta(days=1) - platform.clock.now).total_seconds()
    platform.clock.now = began + timedelta(days=1, minutes=30)
    await platform.new_browser().sign_in(phone)


async def test_guesses_are_limited_for_a_whole_network(platform: Platform) -> None:
    browser = platform.new_browser()
    answers = [await browser.enter_code(new_phone(), "no challenge of mine", "000000") for _ in range(61)]
    assert Counter(each["__typename"] for each in answers) == {"WrongCode": 60, "TooManyTries": 1}
    assert answers[-1]["retryAfterSeconds"] == 3600


async def test_codes_for_one_phone_are_a_minute_apart_five_an_hour_and_ten_a_day(platform: Platform) -> None:
    phone = new_phone()
    began = platform.clock.now
    sent_at = []
    for minute in (0, 1, 2, 3, 4, 5, 59, 60, 61, 62, 63, 64, 65, 120, 24 * 60 - 1, 24 * 60, 24 * 60 + 1):
        platform.clock.now = began + timedelta(minutes=minute)
        if (await platform.new_browser().request_code(phone))["__typename"] == "LoginCodeSent":
            sent_at.append(minute)
    assert sent_at == [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 24 * 60, 24 * 60 + 1]


async def test_what_must_be_waited_for_is_told(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    await browser.request_code(phone)
    platform.clock.now += timedelta(seconds=59, milliseconds=1)
    refused = await browser.request_code(phone, language="zh-CN")
    assert (refused["__typename"], refused["retryAfterSeconds"], refused["code"]) == (
        "TooManyCodes",
        1,
        "TOO_MANY_CODES",
    )
    assert refused["message"] == "验证码发送过于频繁，请在 1 秒后重试。"
    platform.clock.now += timedelta(milliseconds=999)
    assert (await browser.request_code(phone))["__typename"] == "LoginCodeSent"


async def test_one_network_gets_twenty_codes_an_hour_for_whatever_phones(platform: Platform) -> None:
    browser = platform.new_browser()
    answers = [await browser.request_code(new_phone()) for _ in range(21)]
    assert Counter(each["__typename"] for each in answers) == {"LoginCodeSent": 20, "TooManyCodes": 1}
    neighbour = Browser(browser.app, platform.stores, address=browser.address.replace("::1", "::2"))
    assert (await neighbour.request_code(new_phone()))["retryAfterSeconds"] == 3600
    platform.clock.now += timedelta(hours=1)
    assert (await neighbour.request_code(new_phone()))["__typename"] == "LoginCodeSent"


async def ask(browser: Browser, phone: str, *, work: bool = False) -> Any:
    """Ask for a code without forgetting what all the others sent, and do the work for it if that is said."""
    answer = await browser.ask_for_code(phone)
    if work and answer["__typename"] == "WorkNeeded":
        answer = await browser.ask_for_code(phone, solved(answer))
    return answer["__typename"]


async def test_two_hundred_requests_at_once_keep_every_limit_exact(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    await platform.stores.redis.delete(EVERYBODY_KEY)
    of_one_phone = await asyncio.gather(*(ask(platform.new_browser(), phone) for _ in range(200)))
    assert Counter(of_one_phone) == {"LoginCodeSent": 1, "TooManyCodes": 199}
    of_one_network = await asyncio.gather(*(ask(browser, new_phone()) for _ in range(200)))
    assert Counter(of_one_network) == {"LoginCodeSent": 2, "WorkNeeded": 198}
    for_work = await asyncio.gather(*(ask(browser, new_phone(), work=True) for _ in range(40)))
    assert Counter(for_work) == {"LoginCodeSent": 18, "TooManyCodes": 22}
    await platform.stores.redis.delete(EVERYBODY_KEY)
    of_everybody = await asyncio.gather(*(ask(platform.new_browser(), new_phone()) for _ in range(230)))
    assert Counter(of_everybody) == {"LoginCodeSent": 200, "TooManyCodes": 30}


async def test_two_hundred_first_sign_ins_at_once_all_succeed(platform: Platform) -> None:
    users = await asyncio.gather(*(platform.new_user() for _ in range(200)))
    assert len({user.id for user in users}) == 200


async def test_first_sign_ins_of_one_phone_at_once_make_one_account(platform: Platform) -> None:
    phone = new_phone()

    # One code is live at a time, so the store is asked directly, as if all of them had been right at once.
    async def first_sign_in() -> uuid.UUID:
        async with platform.stores.sql.unit_of_work() as session:
            user = await UserAccounts(session).sign_in(
                with_phone(platform.ring, uuid.uuid4(), phone), platform.clock.now
            )
        assert user is not None
        return user.id

    ids = set(await asyncio.gather(*(first_sign_in() for _ in range(20))))
    assert len(ids) == 1


async def test_known_and_unknown_phones_are_answered_alike(platform: Platform) -> None:
    user = await platform.new_user()
    platform.clock.now += timedelta(minutes=2)
    browser = platform.new_browser()
    known, unknown = await browser.request_code(user.phone), await browser.request_code(new_phone())
    assert known.keys() == unknown.keys()
    for name in known.keys() - {"challengeId"}:
        assert known[name] == unknown[name]


@pytest.mark.parametrize("phone", ["", "12345", "+85251234567", "010-12345678"])
async def test_what_is_no_mainland_mobile_number_is_a_problem_of_its_field(platform: Platform, phone: str) -> None:
    answer = await platform.new_browser().request_code(phone)
    assert answer["__typename"] == "InvalidInput"
    assert [(each["field"], each["code"]) for each in answer["fields"]] == [("phone", "MALFORMED")]


async def test_what_cannot_be_a_code_costs_no_try(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    sent = await browser.request_code(phone)
    for code in "12345", "1234567", "12345a", "", "一二三四五六":
        answer = await browser.enter_code(phone, sent["challengeId"], code)
        assert [each["field"] for each in answer["fields"]] == ["code"]
    code = await browser.code_of(phone)
    typed = f" {code[:3]} {code[3:]} ".translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert (await browser.enter_code(phone, sent["challengeId"], typed))["__typename"] == "SignedIn"


async def test_a_locked_account_cannot_be_signed_in_to_and_only_its_owner_learns_it(platform: Platform) -> None:
    user = await platform.new_user()
    key = uuid.UUID(node_reference(user.id).key)
    async with platform.stores.sql.unit_of_work() as session:
        await session.exec(update(UserAccount).where(col(UserAccount.id) == key).values(status=UserStatus.LOCKED))
    platform.clock.now += timedelta(minutes=2)
    browser = platform.new_browser()
    sent = await browser.request_code(user.phone)
    assert sent["__typename"] == "LoginCodeSent"
    code = await browser.code_of(user.phone)
    assert (await browser.enter_code(user.phone, sent["challengeId"], wrong(code)))["__typename"] == "WrongCode"
    refused = await browser.enter_code(user.phone, sent["challengeId"], code)
    assert (refused["__typename"], refused["code"]) == ("AccountLocked", "ACCOUNT_LOCKED")
    assert (await acts_on(platform, user.id))[-1] == ("SIGN_IN", "REFUSED")


async def test_without_redis_no_code_is_sent_and_none_is_tried(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_arguments: object, **_named: object) -> None:
        raise redis.exceptions.ConnectionError("nobody listens")

    monkeypatch.setattr(LoginCodes, "issue_for_work", down)
    monkeypatch.setattr(LoginCodes, "attempt", down)
    browser = platform.new_browser()
    error = await browser.error(REQUEST_CODE, {"input": {"phone": new_phone()}})
    assert (error["extensions"]["code"], error["extensions"]["store"]) == ("SERVICE_UNAVAILABLE", "redis")


async def test_redis_knows_neither_phone_nor_code(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    await browser.request_code(phone)
    code = await browser.code_of(phone)
    async for name in platform.stores.redis.scan_iter("{login-code}*"):
        kind = await platform.stores.redis.type(name)
        if kind == b"hash":
            held: Any = await cast("Awaitable[dict[bytes, bytes]]", platform.stores.redis.hgetall(name))
        elif kind == b"zset":
            held = await platform.stores.redis.zrange(name, 0, -1)
        else:
            held = [await platform.stores.redis.get(name)]
        assert phone[3:].encode() not in name + repr(held).encode()
        assert code not in [value.decode() for value in (held.values() if isinstance(held, dict) else held)]


async def test_logs_hold_no_code_no_token_and_no_phone(platform: Platform, capfd: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("debug"))
    user = await platform.new_user()
    code = await user.browser.code_of(user.phone)
    await user.data("{ me { phone } mySessions { id } }")
    cookie = user.browser.http.cookies["htb_user"]
    structlog.configure(**before)
    out, err = capfd.readouterr()
    assert "graphql" in err, "nothing was logged at all"
    for secret in code, user.phone[3:], user.token, cookie:
        assert secret not in out + err


async def test_the_inbox_page_shows_the_code_in_development(platform: Platform) -> None:
    phone, browser = new_phone(), platform.new_browser()
    await browser.request_code(phone)
    response = await browser.http.get("http://platform.test/sandbox/sms")
    assert response.status_code == 200
    assert response.headers["refresh"] == "3"
    assert await browser.code_of(phone) in response.text
    assert "最近十分钟" in response.text
    assert "last ten minutes" in response.text


async def test_the_third_code_of_a_phone_costs_work(platform: Platform) -> None:
    phone = new_phone()
    for _ in range(2):
        assert (await platform.new_browser().ask_for_code(phone))["__typename"] == "LoginCodeSent"
        platform.clock.now += timedelta(minutes=1)
    browser = platform.new_browser()
    needed = await browser.ask_for_code(phone)
    assert (needed["__typename"], needed["code"], needed["difficulty"]) == ("WorkNeeded", "WORK_NEEDED", 8)
    assert datetime.fromisoformat(needed["expiresAt"]) == platform.clock.now + timedelta(minutes=5)
    before = await browser.code_of(phone)
    sent = await browser.ask_for_code(phone, solved(needed))
    assert sent["__typename"] == "LoginCodeSent", sent
    code = await browser.code_of(phone)
    assert code != before
    assert (await browser.enter_code(phone, sent["challengeId"], code))["__typename"] == "SignedIn"


async def test_the_third_code_from_a_network_costs_work_for_a_day(platform: Platform) -> None:
    browser, phone = platform.new_browser(), new_phone()
    for _ in range(2):
        await platform.stores.redis.delete(EVERYBODY_KEY)
        assert (await browser.ask_for_code(new_phone()))["__typename"] == "LoginCodeSent"
    platform.clock.now += timedelta(hours=23, minutes=59)
    neighbour = Browser(browser.app, platform.stores, address=browser.address.replace("::1", "::2"))
    assert (await neighbour.ask_for_code(phone))["__typename"] == "WorkNeeded"
    assert (await platform.new_browser().ask_for_code(phone))["__typename"] == "LoginCodeSent"
    platform.clock.now += timedelta(minutes=1)
    assert (await neighbour.ask_for_code(new_phone()))["__typename"] == "LoginCodeSent"


async def worked_for(platform: Platform, phone: str) -> dict[str, str]:
    """Work for the phone's third code."""
    for _ in range(2):
        await platform.stores.redis.delete(EVERYBODY_KEY)
        assert (await platform.new_browser().ask_for_code(phone))["__typename"] == "LoginCodeSent"
        platform.clock.now += timedelta(minutes=1)
    return solved(await platform.new_browser().ask_for_code(phone))


async def test_work_counts_for_one_code_of_one_phone_until_it_expires(platform: Platform) -> None:
    phone, other = new_phone(), new_phone()
    work = await worked_for(platform, phone)
    await worked_for(platform, other)
    assert (await platform.new_browser().ask_for_code(other, work))["__typename"] == "WorkNeeded"
    assert (await platform.new_browser().ask_for_code(phone, work))["__typename"] == "LoginCodeSent"
    waiting = await platform.new_browser().ask_for_code(phone, work)
    assert waiting["__typename"] == "TooManyCodes", "whoever has to wait is told so first"
    platform.clock.now += timedelta(minutes=1)
    again = await platform.new_browser().ask_for_code(phone, work)
    assert again["__typename"] == "WorkNeeded"
    platform.clock.now += timedelta(minutes=5)
    assert (await platform.new_browser().ask_for_code(phone, solved(again)))["__typename"] == "WorkNeeded"


async def test_a_wait_uses_no_work_up(platform: Platform) -> None:
    phone = new_phone()
    work = await worked_for(platform, phone)
    platform.clock.now -= timedelta(seconds=30)
    assert (await platform.new_browser().ask_for_code(phone, work))["__typename"] == "TooManyCodes"
    platform.clock.now += timedelta(seconds=30)
    assert (await platform.new_browser().ask_for_code(phone, work))["__typename"] == "LoginCodeSent"


async def test_a_nonce_that_solves_nothing_is_named(platform: Platform) -> None:
    phone = new_phone()
    work = await worked_for(platform, phone)
    refused = await platform.new_browser().ask_for_code(phone, {**work, "nonce": "not a number"})
    assert [field["field"] for field in refused["fields"]] == ["work.nonce"]
    assert "begins with 8 zero bits" in refused["fields"][0]["message"]


async def test_known_and_unknown_phones_are_asked_for_the_same_work(platform: Platform) -> None:
    user = await platform.new_user()
    platform.clock.now += timedelta(days=2)
    answers = []
    for phone in user.phone, new_phone():
        await worked_for(platform, phone)
        answers.append(await platform.new_browser().ask_for_code(phone))
    assert answers[0].keys() == answers[1].keys()
    assert answers[0]["message"] == answers[1]["message"]


async def test_of_many_who_show_one_work_at_once_one_is_sent_a_code(platform: Platform) -> None:
    browser, phone = platform.new_browser(), new_phone()
    for _ in range(2):
        assert (await browser.request_code(new_phone()))["__typename"] == "LoginCodeSent"
    work = solved(await browser.ask_for_code(phone))
    sent_to = f"{{login-code}}:sent-to:{phone_index(platform.ring, phone).hex()}"
    # The gap between two codes of a phone would hide a second use, so it is forgotten as each of them comes.
    answers = []
    for _ in range(3):
        answers += await asyncio.gather(*(browser.ask_for_code(phone, work) for _ in range(20)))
        await platform.stores.redis.delete(sent_to)
    kinds = Counter(each["__typename"] for each in answers)
    assert kinds == {"LoginCodeSent": 1, "TooManyCodes": 19, "WorkNeeded": 40}


async def test_codes_of_whoever_is_signed_in_cost_no_work_but_count(platform: Platform) -> None:
    user = await platform.new_user()
    ask = "mutation { requestDataExportCode(input: {confirm: true}) { __typename } }"
    for _ in range(3):
        platform.clock.now += timedelta(minutes=1)
        assert (await user.data(ask))["requestDataExportCode"]["__typename"] == "LoginCodeSent"
    platform.clock.now += timedelta(minutes=1)
    assert (await platform.new_browser().ask_for_code(user.phone))["__typename"] == "WorkNeeded"


async def test_an_installation_may_ask_for_no_work(platform: Platform, settings: Settings) -> None:
    phone, address = new_phone(), new_address()
    app = create_app(settings.model_copy(update={"code_work_difficulty": 0}), clock=platform.clock)
    async with app.router.lifespan_context(app):
        for _ in range(3):
            platform.clock.now += timedelta(minutes=1)
            answer = await Browser(app, platform.stores, address=address).ask_for_code(phone)
            assert answer["__typename"] == "LoginCodeSent"
    await platform.stores.catalogue.bind()


async def test_one_fault_is_said_without_counting_and_several_are_counted(platform: Platform) -> None:
    browser = platform.new_browser()
    sign_in = """mutation ($phone: String!) { signInWithPhone(input: {phone: $phone, challengeId: "x", code: "1"}) {
      ... on InvalidInput { message } } }"""
    one = (await browser.data(sign_in, {"phone": new_phone()}))["signInWithPhone"]["message"]
    assert one == "The input cannot be taken; nothing was changed. code: A code is the 6 digits of the text message."
    several = (await browser.data(sign_in, {"phone": "1"}, language="zh-CN"))["signInWithPhone"]["message"]
    assert several.startswith("输入有 2 处不能接受，未作任何更改。第一处：phone: ")
