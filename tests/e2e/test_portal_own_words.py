"""What people are told in the portal and write themselves: live, under a nickname, through a lost network.

The server takes trusted documents alone.
"""

import json

import pytest
from playwright.async_api import Browser, Request, expect

from tests.browser import User
from tests.e2e.portal import Site, remembered
from tests.e2e.visit import Visit
from tests.resolvers.test_discussion import author, decide
from tests.resolvers.test_notifications import key_of, tell


@pytest.fixture
async def person(strict: Site, visit: Visit) -> User:
    """Somebody known by real name, whose the tab is."""
    user = await author(strict.platform, trusted=False)
    await remembered(strict, visit, user.browser)
    return user


async def test_what_one_is_told_shows_in_the_header_as_it_comes_and_is_read(
    strict: Site, visit: Visit, person: User
) -> None:
    page = visit.page
    await page.goto(strict.origin)
    await expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    await tell(strict.platform, key_of(person))
    await page.get_by_role("link", name="Notifications, 1 unread").click()
    told = page.get_by_role("article").filter(has_text="title")
    await expect(told).to_have_count(1)
    await tell(strict.platform, key_of(person))
    await expect(told).to_have_count(2)
    await told.first.get_by_role("button", name="Mark as read").click()
    await expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()
    await page.get_by_role("button", name="Mark all as read").click()
    await expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    reminder = page.get_by_label("Reminder the day before")
    await expect(reminder).to_be_checked()
    await reminder.click()
    await expect(page.get_by_text("Saved")).to_be_visible()
    await page.reload()
    await expect(reminder).not_to_be_checked()
    await expect(page.get_by_label("Session withdrawn")).to_be_disabled()
    assert visit.faults == []


@pytest.mark.usefixtures("person")
async def test_a_post_outlives_a_lost_network_waits_for_a_moderator_and_can_be_deleted(
    strict: Site, visit: Visit, browser: Browser
) -> None:
    page, platform = visit.page, strict.platform
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/graphql") and request.post_data:
            sent.append(request.post_data)

    page.on("request", note)
    await page.goto(f"{strict.origin}/discussion/write")
    await page.get_by_label("Title").fill("一个问题")
    await page.get_by_label("Text", exact=True).fill("第一行\n第二行")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("You seem to be offline")).to_be_visible()
    await expect(page.get_by_text("What you typed is kept")).to_be_visible()
    await page.context.set_offline(False)
    visit.faults.clear()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("一个问题")
    await expect(page.get_by_text("Waits for review")).to_be_visible()
    id = page.url.rpartition("/")[2]
    # What is shipped are ids of trusted documents, and no texts.
    assert sent
    assert all(json.loads(each).keys() == {"documentId", "variables"} for each in sent), sent

    await decide(platform, id, "SHOW")
    context = await browser.new_context(locale="en-GB")
    other = await Visit.begun(context)
    await other.page.goto(f"{strict.origin}/discussion")
    await other.page.get_by_role("link", name="一个问题").first.click()
    await expect(other.page.get_by_role("article").first).to_contain_text("第二行")
    await other.page.get_by_role("button", name="Sign in to reply").click()
    await expect(other.page.get_by_role("dialog")).to_be_visible()
    assert other.faults == []
    await context.close()

    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Discussion")
    await page.goto(f"{strict.origin}/discussion/{id}")
    await expect(page.get_by_text("This post was not found")).to_be_visible()
    assert visit.faults == []
