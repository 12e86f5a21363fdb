"""The sandbox's pages: the text messages that were not sent, and WeChat with its question on the phone."""

from playwright.async_api import expect

from tests.browser import new_phone
from tests.e2e.portal import Site
from tests.e2e.visit import Visit
from tests.server.websocket.client import client
from tests.wechat import START

WATCH = "subscription ($ticket: ID!) { weChatSignIn(ticketId: $ticket) { status } }"


async def test_the_inbox_shows_the_code_that_a_phone_was_sent(site: Site, visit: Visit) -> None:
    await site.platform.stores.redis.delete("sandbox:sms")
    await visit.page.goto(f"{site.origin}/sandbox/sms")
    await expect(visit.page.get_by_text("No messages yet.")).to_be_visible()
    assert await visit.violations() == []
    phone = new_phone()
    person = site.platform.new_browser()
    sent = await person.request_code(phone)
    assert sent["__typename"] == "LoginCodeSent"
    # The page refreshes itself.
    message = visit.page.get_by_role("listitem").filter(has_text=phone)
    await expect(message).to_contain_text(await person.code_of(phone))
    assert await visit.violations() == []
    await visit.pictured("sandbox-sms")
    assert visit.faults == []


async def test_who_scans_and_confirms_is_told_so_and_the_waiting_page_too(site: Site, visit: Visit) -> None:
    waiting = site.platform.new_browser()
    started = (await waiting.data(START))["startWeChatSignIn"]
    async with client(site.origin) as socket:
        await socket.initialise()
        await socket.subscribe(WATCH, variables={"ticket": started["ticketId"]})
        assert (await socket.receive())["payload"]["data"]["weChatSignIn"]["status"] == "WAITING"

        await visit.page.goto(started["url"])
        assert await visit.violations() == []
        await visit.pictured("sandbox-wechat")
        await visit.page.get_by_role("link", name="Hill Path").click()
        await expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
        assert (await socket.receive())["payload"]["data"]["weChatSignIn"]["status"] == "SCANNED"
        assert await visit.violations() == []
        await visit.pictured("wechat-question")

        await visit.page.get_by_role("button", name="Sign in").click()
        await expect(visit.page.get_by_text("Confirmed. Go back to the page that waits.")).to_be_visible()
        assert (await socket.receive())["payload"]["data"]["weChatSignIn"]["status"] in ("NEEDS_PHONE", "CONFIRMED")
        assert await visit.violations() == []
        await visit.pictured("wechat-confirmed")
    assert visit.faults == []


async def test_who_declines_signs_nobody_in(site: Site, visit: Visit) -> None:
    started = (await site.platform.new_browser().data(START))["startWeChatSignIn"]
    await visit.page.goto(started["url"])
    await visit.page.get_by_role("link", name="Morning Dew").click()
    await visit.page.get_by_role("button", name="Decline").click()
    await expect(visit.page.get_by_text("Declined. Nobody was signed in.")).to_be_visible()
    assert visit.faults == []


async def test_the_developers_page_can_be_used_by_everybody(site: Site, visit: Visit) -> None:
    await visit.page.goto(f"{site.origin}/developers")
    assert await visit.violations() == []
    await visit.pictured("developers")
    await visit.page.get_by_role("link", name="GraphiQL").click()
    await expect(visit.page.get_by_role("form", name="Staff sign-in")).to_be_visible()
