"""The page that an invitation's link opens."""

import secrets

from playwright.async_api import expect

from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from domain.permissions import Role
from tests.e2e.portal import Site
from tests.e2e.visit import Visit
from tests.onboarding import CHOSEN, INVITE, done


async def test_a_first_manager_joins_by_the_link_and_sees_the_first_key_once(site: Site, visit: Visit) -> None:
    platform, code = site.platform, f"t{secrets.token_hex(6)}"
    async with platform.stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="临江医院"))
    administrator = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    invited = await done(platform, INVITE, administrator.token, roles=["HOSPITAL_MANAGER"], hospitalCode=code)
    assert invited["link"] == f"{site.origin}/join#{invited['token']}"
    page = visit.page
    await page.goto(invited["link"])
    await expect(page.get_by_text("临江医院 invites you as its manager.")).to_be_visible()
    assert page.url == f"{site.origin}/join", "the token is out of the address bar"
    await page.reload()
    await expect(page.get_by_text("临江医院 invites you as its manager.")).to_be_visible()
    assert await visit.violations() == []
    await page.get_by_label("Sign-in name").fill(name := f"m{secrets.token_hex(6)}")
    await page.get_by_label("Your name").fill("王小明")
    await page.get_by_label("Password (12").fill("too short")
    await page.get_by_label("The password again").fill("to0 short")
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("alert")).to_have_text("The two passwords differ.")
    await page.get_by_label("The password again").fill("too short")
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    await visit.pictured("join")
    for label in ("Password (12", "The password again"):
        await page.get_by_label(label).fill(CHOSEN)
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_text(f"Sign in as {name}")).to_be_visible()
    await expect(page.get_by_text("hk_")).to_be_visible()
    assert await visit.violations() == []
    await visit.pictured("joined")
    await page.goto(invited["link"])
    await expect(page.get_by_text("This invitation is wrong, used or out of time.")).to_be_visible()
    assert visit.faults == []
