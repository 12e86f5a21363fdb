"""WeChat sign-in, through the whole application and the simulated WeChat: the two ways, and each way it must not go."""

import asyncio
import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import col, select, update

from datasources.cache.wechat_tickets import TicketStatus, WeChatTickets, hashed
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.user_account import UserAccount, UserStatus
from domain.global_id import node_reference
from server.sandbox_wechat import Person
from tests.browser import new_phone, solved
from tests.platform import Platform
from tests.wechat import FINISH, REQUEST, SITE, START, UNLINK, Phone, WaitingPage, linked, someone


async def acts_on(platform: Platform, id: str) -> list[str]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry).where(col(AuditEntry.subject_id) == node_reference(id).key).order_by(col(AuditEntry.id))
        )
        return [each.action for each in found.all()]


async def test_a_new_wechat_proves_a_phone_and_is_known_from_then_on(platform: Platform) -> None:
    person, phone = someone(), new_phone()
    first = await WaitingPage.of(platform)
    await first.confirmed_by(person)
    assert (await first.finish())["code"] == "PHONE_NEEDED"
    bound = await first.bind(phone)
    assert bound["__typename"] == "SignedIn", bound
    assert (await first.browser.data("{ me { id } }"))["me"]["id"] == bound["user"]["id"]
    assert await acts_on(platform, bound["user"]["id"]) == ["USER_CREATED", "WECHAT_LINKED", "SIGN_IN"]

    second = await WaitingPage.of(platform)
    await second.confirmed_by(person)
    finished = await second.finish()
    assert finished["user"]["id"] == bound["user"]["id"]
    assert (await second.browser.data("{ me { id } }"))["me"]["id"] == bound["user"]["id"]
    assert (await second.finish())["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_a_phone_with_an_account_gets_the_wechat_linked(platform: Platform) -> None:
    user = await platform.new_user()
    platform.clock.now += timedelta(minutes=2)
    page = await WaitingPage.of(platform)
    await page.confirmed_by(someone())
    bound = await page.bind(user.phone)
    assert bound["user"]["id"] == user.id
    assert await acts_on(platform, user.id) == ["USER_CREATED", "SIGN_IN", "WECHAT_LINKED", "SIGN_IN"]


async def test_an_account_with_another_wechat_keeps_it(platform: Platform) -> None:
    person, phone = someone(), new_phone()
    page = await WaitingPage.of(platform)
    await page.confirmed_by(person)
    mine = await page.bind(phone)
    platform.clock.now += timedelta(minutes=2)
    other = await WaitingPage.of(platform)
    await other.confirmed_by(someone())
    assert (await other.bind(phone))["code"] == "OTHER_WECHAT_LINKED"
    # The sign-in goes on, with another phone.
    assert (await other.bind(new_phone()))["user"]["id"] != mine["user"]["id"]
    again = await WaitingPage.of(platform)
    await again.confirmed_by(person)
    assert (await again.finish())["user"]["id"] == mine["user"]["id"]


async def test_somebody_without_a_union_id_is_known_by_the_open_id(platform: Platform) -> None:
    person = someone(union=False)
    mine = await linked(platform, person)
    page = await WaitingPage.of(platform)
    # Then the app joins an open platform account, and WeChat gives a union id from now on.
    await page.confirmed_by(Person(person.name, person.open_id, f"u-{person.open_id}"))
    assert (await page.finish())["user"]["id"] == mine["user"]["id"]


async def test_a_wrong_code_links_nothing(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    await page.confirmed_by(someone())
    phone = new_phone()
    answer = await page.bind(phone, "00000")
    assert answer["code"] == "INVALID_INPUT"
    platform.clock.now += timedelta(minutes=2)
    wrong = f"{(int(await page.browser.code_of(phone)) + 1) % 10**6:06}"
    assert (await page.bind(phone, wrong))["__typename"] == "WrongCode"
    assert (await page.browser.error("{ me { id } }"))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_phone_is_asked_and_told_who_waits(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    question = await page.phone.scan(page.url, someone())
    assert "127.0.0.1:" in question.text
    assert f"{page.browser.address.partition('00::')[0]}" in question.text
    assert "测试 <b>," not in question.text
    assert html.escape("测试 <b>") in question.text
    assert question.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in question.headers["content-security-policy"]
    assert (await page.finish())["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_a_state_counts_once(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    address = await page.phone.consent(page.url, someone())
    first = await page.phone.http.get(address)
    assert (await page.phone.http.get(address)).status_code == 400
    assert (await page.phone.scan(page.url, someone())).status_code == 400
    assert (await page.phone.decide(first)).status_code == 200


async def test_an_invented_state_or_code_leads_nowhere(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    assert (await page.phone.http.get("/sign-in/wechat/callback?code=x&state=y")).status_code == 400
    assert (await page.phone.http.get("/sign-in/wechat/callback")).status_code == 400
    state = parse_qs(urlsplit(page.url).query)["state"][0]
    assert (await page.phone.http.get(f"/sign-in/wechat/callback?code=x&state={state}")).status_code == 400
    assert (await page.finish())["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_a_code_counts_once_whatever_state_it_comes_with(platform: Platform) -> None:
    first, second = await WaitingPage.of(platform), await WaitingPage.of(platform)
    address = await first.phone.consent(first.url, someone())
    assert (await first.phone.http.get(address)).status_code == 200
    state = parse_qs(urlsplit(second.url).query)["state"][0]
    stolen = re.sub("state=.*", f"state={state}", address)
    assert (await second.phone.http.get(stolen)).status_code == 400


async def test_only_the_browser_that_began_can_finish(platform: Platform) -> None:
    person = someone()
    await linked(platform, person)
    mine, foreign = await WaitingPage.of(platform), await WaitingPage.of(platform)
    await mine.confirmed_by(person)
    # Somebody else's cookie, and none.
    assert (await mine.finish(foreign.browser))["code"] == "WECHAT_SIGN_IN_ENDED"
    assert (await mine.finish(platform.new_browser()))["code"] == "WECHAT_SIGN_IN_ENDED"
    # The state that travelled through WeChat is no ticket.
    state = parse_qs(urlsplit(mine.url).query)["state"][0]
    given = {"input": {"ticketId": state}}
    assert (await mine.browser.data(FINISH, given))["finishWeChatSignIn"]["code"] == "WECHAT_SIGN_IN_ENDED"
    assert (await mine.finish())["__typename"] == "SignedIn"


async def test_only_the_browser_that_began_gets_a_code_for_a_phone(platform: Platform) -> None:
    page, foreign = await WaitingPage.of(platform), await WaitingPage.of(platform)
    await page.confirmed_by(someone())
    asked = {"input": {"ticketId": page.ticket, "phone": new_phone()}}
    answer = (await foreign.browser.data(REQUEST, asked))["requestWeChatPhoneCode"]
    assert answer["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_of_many_who_finish_at_once_one_does(platform: Platform) -> None:
    person = someone()
    await linked(platform, person)
    page = await WaitingPage.of(platform)
    await page.confirmed_by(person)
    given = {"input": {"ticketId": page.ticket}}
    answers = await asyncio.gather(*(page.browser.data(FINISH, given) for _ in range(8)))
    names = sorted(each["finishWeChatSignIn"]["__typename"] for each in answers)
    assert names == ["SignedIn", *["WeChatSignInEnded"] * 7]


async def test_another_phone_cannot_confirm(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    question = await page.phone.scan(page.url, someone())
    assert (await Phone(platform, page.browser.app).decide(question)).status_code == 400
    # The token is burnt by that.
    assert (await page.phone.decide(question)).status_code == 400


@pytest.mark.parametrize("where", ["in WeChat", "on our page"])
async def test_whoever_declines_signs_nobody_in(platform: Platform, where: str) -> None:
    page = await WaitingPage.of(platform)
    if where == "in WeChat":
        assert (await page.phone.scan(page.url, None)).status_code == 200
    else:
        question = await page.phone.scan(page.url, someone())
        assert "Declined" in (await page.phone.decide(question, "refuse")).text
    ticket = await WeChatTickets(platform.stores.redis).get(hashed(page.ticket), platform.clock())
    assert ticket.status is TicketStatus.REFUSED
    assert (await page.finish())["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_ten_minutes_are_all_there_is(platform: Platform) -> None:
    person = someone()
    await linked(platform, person)
    unscanned, unconfirmed, unfinished = [await WaitingPage.of(platform) for _ in range(3)]
    question = await unconfirmed.phone.scan(unconfirmed.url, person)
    await unfinished.confirmed_by(person)
    platform.clock.now += timedelta(minutes=10)
    assert (await unscanned.phone.scan(unscanned.url, person)).status_code == 400
    assert (await unconfirmed.phone.decide(question)).status_code == 400
    assert (await unfinished.finish())["code"] == "WECHAT_SIGN_IN_ENDED"


async def test_a_locked_account_is_not_signed_in_to(platform: Platform) -> None:
    person = someone()
    mine = await linked(platform, person)
    async with platform.stores.sql.unit_of_work() as session:
        key = node_reference(mine["user"]["id"]).key
        await session.exec(update(UserAccount).where(col(UserAccount.id) == key).values(status=UserStatus.LOCKED.value))
    page = await WaitingPage.of(platform)
    await page.confirmed_by(person)
    assert (await page.finish())["code"] == "ACCOUNT_LOCKED"


async def test_unlinking_leaves_the_phone_to_sign_in_by(platform: Platform) -> None:
    person = someone()
    page = await WaitingPage.of(platform)
    await page.confirmed_by(person)
    mine = await page.bind(new_phone())
    unlinked = (await page.browser.data(UNLINK, {"input": {}}))["unlinkWeChat"]
    assert unlinked["user"]["id"] == mine["user"]["id"]
    assert (await acts_on(platform, mine["user"]["id"]))[-1] == "WECHAT_UNLINKED"
    assert (await page.browser.data(UNLINK, {"input": {}}))["unlinkWeChat"]["code"] == "NOT_FOUND"
    again = await WaitingPage.of(platform)
    await again.confirmed_by(person)
    assert (await again.finish())["code"] == "PHONE_NEEDED"


async def test_the_picture_is_svg_and_its_margin_has_bounds(platform: Platform) -> None:
    started = (await platform.new_browser().data(START))["startWeChatSignIn"]
    assert started["qrCode"].startswith("<?xml")
    assert "<svg" in started["qrCode"]
    assert started["expiresAt"] == "2026-11-20T10:10:00+08:00"
    wide = START.replace("{})", "{qrCodeMargin: 17})")
    assert (await platform.new_browser().data(wide))["startWeChatSignIn"]["code"] == "INVALID_INPUT"


async def test_the_sandbox_shows_its_people_and_leads_back(platform: Platform) -> None:
    page = await WaitingPage.of(platform)
    address = urlsplit(page.url)
    assert address.path == "/sandbox/wechat/connect/qrconnect"
    shown = await page.phone.http.get(f"{address.path}?{address.query}")
    links = [html.unescape(link) for link in re.findall('href="(\\.\\.[^"]+)"', shown.text)]
    assert len(links) == 4
    back = await page.phone.http.get(str(httpx.URL(SITE + address.path).join(links[0])))
    assert back.status_code == 302
    callback = urlsplit(back.headers["location"])
    question = await page.phone.http.get(f"{callback.path}?{callback.query}")
    assert (await page.phone.decide(question)).status_code == 200


async def test_the_third_code_for_linking_costs_work_too(platform: Platform) -> None:
    phone = new_phone()
    for _ in range(2):
        await platform.new_browser().request_code(phone)
        platform.clock.now += timedelta(minutes=1)
    page = await WaitingPage.of(platform)
    await page.confirmed_by(someone())
    asked = {"ticketId": page.ticket, "phone": phone}
    needed = (await page.browser.data(REQUEST, {"input": asked}))["requestWeChatPhoneCode"]
    assert needed["__typename"] == "WorkNeeded", needed
    for_signing_in = await platform.new_browser().ask_for_code(phone)
    foreign = await page.browser.data(REQUEST, {"input": {**asked, "work": solved(for_signing_in)}})
    assert foreign["requestWeChatPhoneCode"]["__typename"] == "WorkNeeded", "work for signing in is not for linking"
    wrong = {**solved(needed), "nonce": "x"}
    refused = (await page.browser.data(REQUEST, {"input": {**asked, "work": wrong}}))["requestWeChatPhoneCode"]
    assert refused["__typename"] == "InvalidInput"
    sent = (await page.browser.data(REQUEST, {"input": {**asked, "work": solved(needed)}}))["requestWeChatPhoneCode"]
    assert sent["__typename"] == "LoginCodeSent", sent
