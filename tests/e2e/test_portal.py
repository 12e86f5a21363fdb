"""The portal as a visitor finds it: searching, hospitals, departments, signing in, and what is nothing."""

from playwright.async_api import expect

from tests.booking import RULE
from tests.browser import new_phone
from tests.e2e.portal import Place, Site, announced, in_language, new_place, signed_in
from tests.e2e.visit import Visit
from tests.resolvers.test_discussion import author, posted


async def test_a_hospital_is_found_by_its_pinyin_and_shows_its_rule(site: Site, visit: Visit, place: Place) -> None:
    await visit.page.goto(site.origin)
    await expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    await visit.page.get_by_role("combobox", name="Search hospitals").press_sequentially(place.pinyin)
    await visit.page.get_by_role("option", name=place.name).click()
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text(place.name)
    await expect(visit.page.get_by_text(f"Book up to {RULE['cycle']} days ahead")).to_be_visible()
    await visit.page.get_by_label("Find a department").fill("心")
    await visit.page.get_by_role("link", name="心内科").click()
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text("心内科")
    await expect(visit.page.get_by_role("link", name="Book 张").first).to_be_visible()
    assert visit.faults == []


async def test_what_is_left_changes_before_the_eyes_of_who_looks(site: Site, visit: Visit, place: Place) -> None:
    await visit.page.goto(f"{site.origin}{place.path}/departments/1001")
    await expect(visit.page.get_by_text("Numbers are live")).to_be_visible()
    session = visit.page.get_by_role("article").filter(has_text="张晨")
    await expect(session).to_contain_text("2 left")
    await place.sell_one(site)
    await expect(session).to_contain_text("1 left")
    await place.sell_one(site)
    await expect(session.get_by_role("link", name="Waitlist")).to_be_visible()
    assert visit.faults == []


async def test_who_looks_goes_on_to_see_what_is_left_after_the_line_broke(site: Site, visit: Visit) -> None:
    place = await new_place(site)
    await visit.page.goto(f"{site.origin}{place.path}/departments/1001")
    await expect(visit.page.get_by_text("Numbers are live")).to_be_visible()
    session = visit.page.get_by_role("article").filter(has_text="张晨")
    await expect(session).to_contain_text("2 left")

    site.cut_lines()
    await place.sell_one(site)
    await expect(session).to_contain_text("1 left")
    await expect(visit.page.get_by_text("Numbers are live")).to_be_visible()
    site.cut_lines()
    await expect(visit.page.get_by_text("Numbers are live")).to_be_visible()
    await place.sell_one(site)
    await expect(session.get_by_role("link", name="Waitlist")).to_be_visible()


async def test_signing_in_by_phone_leads_back_to_where_one_was(site: Site, visit: Visit, place: Place) -> None:
    phone = new_phone()
    await visit.page.goto(f"{site.origin}{place.path}")
    await visit.page.get_by_role("banner").get_by_role("button", name="Sign in").click()
    await signed_in(site, visit, phone)
    account = visit.page.get_by_role("banner").get_by_role("link", name=f"****{phone[-4:]}")
    await expect(account).to_be_visible()
    await expect(visit.page.get_by_role("heading", level=1)).to_have_text(place.name)
    await visit.page.reload()
    await expect(account).to_be_visible()
    assert visit.faults == []


async def test_an_address_that_is_nothing_says_so(site: Site, visit: Visit) -> None:
    response = await visit.page.goto(f"{site.origin}/nowhere/at/all")
    assert response is not None
    assert response.status == 404
    await expect(visit.page.get_by_text("There is no such page")).to_be_visible()


async def test_everybody_can_read_the_public_pages_at_any_width(site: Site, visit: Visit, place: Place) -> None:
    pages = {
        "home": "/",
        "hospital": place.path,
        "department": f"{place.path}/departments/1001",
        "announcements": "/announcements",
        "announcement": f"/announcements/{await announced(site, place.hospital.code)}",
        "discussion": "/discussion",
        "post": f"/discussion/{await posted(await author(site.platform))}",
        "help": "/help",
    }
    for language in "zh-CN", "en":
        await in_language(site, visit, language)
        for name, path in pages.items():
            await visit.page.goto(f"{site.origin}{path}")
            await expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
            await visit.settled()
            assert await visit.examined(f"portal-{name}-{language}") == [], f"{name} in {language}"
    assert visit.faults == []


async def test_the_keyboard_alone_leads_to_a_hospital_and_through_a_dialog(
    site: Site, visit: Visit, place: Place
) -> None:
    page, press = visit.page, visit.page.keyboard.press
    await page.goto(site.origin)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await press("Tab")
    await expect(page.get_by_role("combobox", name="Search hospitals")).to_be_focused()
    await page.keyboard.type(place.pinyin)
    await expect(page.get_by_role("option", name=place.name)).to_be_visible()
    await press("ArrowDown")
    await press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(place.name)
    await expect(page.get_by_role("main")).to_be_focused()
    sign_in = page.get_by_role("banner").get_by_role("button", name="Sign in")
    await sign_in.focus()
    await press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    for _ in range(8):
        await press("Tab")
        await expect(dialog.locator(":focus")).to_have_count(1)
    await press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(sign_in).to_be_focused()
    assert visit.faults == []
