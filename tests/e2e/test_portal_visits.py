"""What a patient does in the portal, at a phone's size: waiting when all is sold, and the own pages."""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser import User
from tests.e2e.portal import Place, Site, in_language, new_place, remembered
from tests.e2e.visit import Visit
from tests.resolvers.test_notifications import key_of, tell
from tests.verifications import new_resident_id

PHONE = ViewportSize(width=360, height=740)


@pytest.fixture
async def person(site: Site, visit: Visit) -> User:
    """Somebody known by real name, whose phone shows the tab."""
    user = await site.platform.new_user(verified=True)
    await remembered(site, visit, user.browser)
    await visit.page.set_viewport_size(PHONE)
    return user


async def patient_added(visit: Visit) -> None:
    """Fill in the form of the booking page; first with a slip of the pen."""
    page = visit.page
    number = new_resident_id()
    await page.get_by_role("button", name="Add a patient").click()
    await page.get_by_label("Name", exact=True).fill("王小明")
    await page.get_by_label("Certificate number").fill(number[:-1] + ("1" if number[-1] != "1" else "2"))
    await page.get_by_label("Mobile number").fill("13912345678")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The last character does not fit the others")).to_be_visible()
    await page.get_by_label("Certificate number").fill(number)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("radio")).to_be_checked()


@pytest.mark.usefixtures("person")
async def test_who_comes_too_late_is_told_in_place_and_waits(site: Site, visit: Visit) -> None:
    place = await new_place(site, capacity=1)
    page = visit.page
    await page.goto(f"{site.origin}/book/{place.session.id}")
    await patient_added(visit)
    await expect(page.get_by_role("button", name="Book now")).to_be_enabled()
    await place.sell_one(site)
    await page.get_by_role("button", name="Book now").click()
    await expect(page.get_by_text("The last number has just gone")).to_be_visible()
    await page.get_by_role("button", name="Join the waitlist").click()
    await expect(page.get_by_text("You are next")).to_be_visible()
    await page.get_by_role("button", name="Leave the waitlist").click()
    await expect(page.get_by_text("You left")).to_be_visible()
    assert visit.faults == []


async def test_everybody_can_use_the_own_pages_at_any_width(
    site: Site, visit: Visit, person: User, place: Place
) -> None:
    page = visit.page
    await tell(site.platform, key_of(person))
    pages = {
        "orders": "/orders",
        "waitlist": "/waitlist",
        "patients": "/patients",
        "verification": "/verification",
        "notifications": "/notifications",
        "write": "/discussion/write",
        "account": "/account",
        "booking": f"/book/{place.session.id}",
    }
    for language in "zh-CN", "en":
        await in_language(site, visit, language)
        for name, path in pages.items():
            await page.goto(f"{site.origin}{path}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await visit.settled()
            assert await visit.examined(f"portal-{name}-{language}") == [], f"{name} in {language}"
    assert person.browser.token is not None
    assert visit.faults == []
