"""Signing in with WeChat in the portal's dialog, and what people do with their account: phone, export, end."""

from playwright.async_api import expect
from sqlmodel import col, update

from datasources.sql.user_account import UserAccount
from domain.identity.login_codes import phone_index
from server.sandbox_wechat import PEOPLE
from tests.browser import new_phone
from tests.e2e.portal import Place, Site, remembered, signed_in
from tests.e2e.visit import Visit


async def rested(site: Site, phone: str) -> None:
    """As if the minute were over that lies between two codes to the same phone."""
    index = phone_index(site.platform.ring, phone).hex()
    assert await site.platform.stores.redis.delete(f"{{login-code}}:sent-to:{index}") == 1


async def test_who_scans_with_wechat_links_a_phone_once(site: Site, visit: Visit, place: Place) -> None:
    page, phone, someone = visit.page, new_phone(), PEOPLE[1]
    async with site.platform.stores.sql.unit_of_work() as session:
        # Another test's account may be linked to the sandbox's person.
        linked = col(UserAccount.wechat_open_id) == someone.open_id
        await session.exec(update(UserAccount).where(linked).values(wechat_open_id=None, wechat_union_id=None))
    dialog = page.get_by_role("dialog")
    for is_known in False, True:
        await page.goto(f"{site.origin}{place.path}")
        await page.get_by_role("banner").get_by_role("button", name="Sign in").click()
        await dialog.get_by_role("button", name="WeChat").click()
        await expect(dialog.get_by_role("img", name="QR code for signing in with WeChat")).to_be_visible()
        async with page.context.expect_page() as opened:
            await dialog.get_by_role("link", name="Open on this device").click()
        wechat = await opened.value
        await wechat.get_by_role("link", name=someone.name).click()
        await wechat.get_by_role("button", name="Sign in").click()
        if not is_known:
            await expect(dialog.get_by_text("This WeChat has no account yet")).to_be_visible()
            await signed_in(site, visit, phone)
        account = page.get_by_role("banner").get_by_role("link", name=f"****{phone[-4:]}")
        await expect(account).to_be_visible()
        await expect(page.get_by_role("heading", level=1)).to_have_text(place.name)
        await wechat.close()
        await account.click()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("banner").get_by_role("button", name="Sign in")).to_be_visible()
    assert visit.faults == []


async def test_a_phone_is_changed_data_is_asked_for_and_a_deletion_taken_back(site: Site, visit: Visit) -> None:
    page, user, phone = visit.page, await site.platform.new_user(), new_phone()
    await remembered(site, visit, user.browser)
    await rested(site, user.phone)
    await page.goto(f"{site.origin}/account")
    await page.get_by_role("button", name="Change the number").click()
    await page.get_by_label("New mobile number").fill(phone.removeprefix("+86"))
    await page.get_by_role("button", name="Send both codes").click()
    await expect(page.get_by_label("Code sent to the new number")).to_be_visible()
    await page.get_by_label("Code sent to the old number").fill(await user.browser.code_of(user.phone))
    await page.get_by_label("Code sent to the new number").fill(await user.browser.code_of(phone))
    await page.get_by_role("button", name="Change the number").click()
    await expect(page.get_by_text("The number was changed")).to_be_visible()
    await expect(page.get_by_role("banner").get_by_role("link", name=f"****{phone[-4:]}")).to_be_visible()

    await rested(site, phone)
    await page.get_by_role("button", name="Ask for an export").click()
    await expect(page.get_by_label("Code", exact=True)).to_be_visible()
    await page.get_by_label("Code", exact=True).fill(await user.browser.code_of(phone))
    await page.get_by_role("button", name="Start the export").click()
    await expect(page.get_by_text("Waiting")).to_be_visible()

    await page.get_by_role("button", name="Delete my account").click()
    await page.get_by_role("button", name="Yes, delete it").click()
    await page.get_by_role("button", name="Keep my account").click()
    await expect(page.get_by_role("button", name="Delete my account")).to_be_visible()
    assert visit.faults == []
