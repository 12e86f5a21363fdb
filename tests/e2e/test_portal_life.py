"""A patient's whole life at a phone's size in Chinese, and at a desk's in English: from signing in to the money that
came back, while somebody else watches the numbers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from resolvers.payments import QR_MARGIN
from resolvers.qr_picture import qr_picture
from tests.booking import new_session
from tests.browser import new_phone
from tests.e2e.life import (
    CHINESE,
    ENGLISH,
    Labels,
    add_patient,
    be_verified,
    cancel,
    move,
    new_person,
    pay,
    read_receipt,
    scanned,
    sign_in,
)
from tests.e2e.portal import DEPARTMENT, Place, Site, new_place, remembered
from tests.e2e.visit import Visit

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)


@dataclass
class Household:
    """The patient's own tab and phone, and a stranger who looks at the same department."""

    visit: Visit
    own_phone: Page
    stranger: Visit


@pytest.fixture(params=[("zh-CN", PHONE), ("en-GB", DESK)], ids=["zh-360", "en-1280"])
async def household(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Household]:
    """People who read this language on a screen of this size."""
    locale, size = request.param
    contexts = [await browser.new_context(locale=locale, viewport=size) for _ in range(3)]
    yield Household(await Visit.begun(contexts[0]), await contexts[1].new_page(), await Visit.begun(contexts[2]))
    for context in contexts:
        await context.close()


async def test_from_signing_in_to_the_money_that_came_back(
    request: pytest.FixtureRequest, site: Site, household: Household
) -> None:
    case = request.node.callspec.id
    labels = CHINESE if case == "zh-360" else ENGLISH
    visit, page, own_phone = household.visit, household.visit.page, household.own_phone
    place = await new_place(site, fee="9.67")
    await new_session(
        site.platform,
        place.hospital,
        departmentCode=DEPARTMENT,
        date=place.date.isoformat(),
        halfDay="PM",
        fee="12.00",
        doctorName="周宁",
    )
    watched = await watching(site, household.stranger, place)
    await expect(watched).to_contain_text(left(labels, 2))

    await page.goto(f"{site.origin}{place.path}/departments/{DEPARTMENT}")
    await page.get_by_role("link", name=f"{labels.book} 张晨").click()
    await sign_in(site, visit, labels, new_phone(), own_phone)
    name, number = new_person()
    await add_patient(visit, labels, name, number)
    await be_verified(site, visit, labels, name, number)
    await page.get_by_role("button", name=labels.confirm, exact=True).click()
    await pay(site, visit, labels, "9.67", own_phone)
    await expect(watched).to_contain_text(left(labels, 1))

    await move(visit, labels, "周宁")
    await pay(site, visit, labels, "2.33", own_phone)
    await expect(watched).to_contain_text(left(labels, 2))
    await read_receipt(visit, labels, f"bill-{case}", "2.33")
    await cancel(site, visit, labels)
    await read_receipt(visit, labels, f"bill-refunded-{case}", "0.00")
    await expect(watched).to_contain_text(left(labels, 2))
    assert await visit.violations() == []
    await visit.pictured(f"refunded-{case}")
    assert visit.faults == []
    assert household.stranger.faults == []


async def test_on_a_phone_a_link_leads_to_the_provider_and_back_to_the_order(site: Site, browser: Browser) -> None:
    context = await browser.new_context(locale="zh-CN", viewport=PHONE, has_touch=True, is_mobile=True)
    visit = await Visit.begun(context)
    page, place = visit.page, await new_place(site, fee="9.67")
    await remembered(site, visit, (await site.platform.new_user(verified=True)).browser)
    await page.goto(f"{site.origin}/book/{place.session.id}")
    await add_patient(visit, CHINESE, *new_person(), agrees=False)
    await page.get_by_role("button", name=CHINESE.confirm, exact=True).click()
    await page.get_by_role("button", name=CHINESE.provider, exact=True).click()
    await page.get_by_role("link", name=f"打开{CHINESE.provider}").click()
    await page.locator("button[value=pay]").click()
    await page.get_by_role("link", name="返回商户").click()
    await expect(page.get_by_role("status").filter(has_text=CHINESE.paid)).to_be_visible()
    assert visit.faults == []
    await context.close()


async def test_pictures_of_codes_that_are_drawings_can_be_scanned_too(visit: Visit) -> None:
    text = "https://qr.alipay.com/bax0123456789abcdefghij"
    await visit.page.set_content(f"<div style='width:200px'>{qr_picture(text, QR_MARGIN)}</div>")
    assert await scanned(visit.page.locator("svg")) == text


async def watching(site: Site, stranger: Visit, place: Place) -> Locator:
    """The session as somebody sees it who is not signed in."""
    await stranger.page.goto(f"{site.origin}{place.path}/departments/{DEPARTMENT}")
    return stranger.page.get_by_role("article").filter(has_text="张晨")


def left(labels: Labels, count: int) -> str:
    """As the department's page says it."""
    return f"余 {count}" if labels is CHINESE else f"{count} left"
