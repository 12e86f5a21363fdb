"""A patient's whole life in the portal, as one reads it in each language, and the pieces that it is made of."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import zxingcpp
from PIL import Image
from playwright.async_api import Locator, Page, expect

from datasources.cache.login_codes import EVERYBODY_KEY
from domain.payments.refunding import run_refund
from domain.permissions import Role
from tests.domain.payments.money import refund_rows
from tests.e2e.portal import Site
from tests.e2e.visit import Visit
from tests.order_steps import key_of
from tests.pictures import png
from tests.verifications import decided, new_resident_id

ScannedBy = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Labels:
    """What stands on the pages."""

    book: str
    phone: str
    send: str
    code: str
    enter: str
    add: str
    name: str
    number: str
    mobile: str
    save: str
    agree: str
    verify: str
    pictures: tuple[str, str]
    uploaded: str
    hand_in: str
    in_review: str
    go_back: str
    confirm: str
    qr: str
    provider: str
    pay: str
    paid: str
    see: str
    booked: str
    move: str
    pick: str
    move_it: str
    pay_more: str
    cancel: str
    cancel_it: str
    refunding: str
    refunded: str
    received: str
    receipt: str


ENGLISH = Labels(
    book="Book",
    phone="Mobile number",
    send="Send code",
    code="Code",
    enter="Sign in",
    add="Add a patient",
    name="Name",
    number="Certificate number",
    mobile="Mobile number",
    save="Save",
    agree="I agree",
    verify="Verify your name",
    pictures=("Picture of the front", "Picture of the back"),
    uploaded="Uploaded",
    hand_in="Hand in",
    in_review="In review",
    go_back="Back to where you were",
    confirm="Book now",
    qr="QR code for paying",
    provider="WeChat Pay",
    pay="Pay",
    paid="Paid",
    see="See the appointment",
    booked="Booked",
    move="Move",
    pick="Choose",
    move_it="Move it",
    pay_more="Pay ",
    cancel="Cancel",
    cancel_it="Cancel it",
    refunding="Refund under way",
    refunded="Refunded",
    received="Received",
    receipt="Electronic bill",
)
CHINESE = Labels(
    book="预约",
    phone="手机号",
    send="获取验证码",
    code="验证码",
    enter="登录",
    add="添加就诊人",
    name="姓名",
    number="证件号码",
    mobile="手机号",
    save="保存",
    agree="我同意",
    verify="去实名认证",
    pictures=("证件正面照片", "证件反面照片"),
    uploaded="已上传",
    hand_in="提交审核",
    in_review="审核中",
    go_back="回到刚才的页面",
    confirm="确认预约",
    qr="支付二维码",
    provider="支付宝",
    pay="付款",
    paid="支付成功",
    see="查看预约",
    booked="预约成功",
    move="改签",
    pick="选这个",
    move_it="确认改签",
    pay_more="去支付",
    cancel="退号",
    cancel_it="确定退号",
    refunding="退款中",
    refunded="已退款",
    received="已到账",
    receipt="电子凭证",
)


async def scanned(picture: Locator) -> str:
    """What a phone reads off this picture on the screen."""
    with Image.open(BytesIO(await picture.screenshot())) as seen:
        (found,) = zxingcpp.read_barcodes(seen.convert("L"))
    return found.text


async def sign_in(site: Site, visit: Visit, labels: Labels, phone: str, own_phone: Page) -> None:
    """Fill in the dialog that is open: the phone, then the code, which is read off the inbox."""
    await site.platform.stores.redis.delete(EVERYBODY_KEY)
    dialog = visit.page.get_by_role("dialog")
    await dialog.get_by_label(labels.phone, exact=True).fill(phone.removeprefix("+86"))
    await dialog.get_by_role("button", name=labels.send, exact=True).click()
    code = dialog.get_by_label(labels.code, exact=True)
    await expect(code).to_be_visible()
    # In a tab of its own: the inbox loads itself anew, which would break off whatever its tab is sent to next.
    inbox = await own_phone.context.new_page()
    await inbox.goto(f"{site.origin}/sandbox/sms")
    message = inbox.get_by_role("listitem").filter(has_text=phone).first
    await code.fill(await message.locator("b").inner_text())
    await inbox.close()
    await dialog.get_by_role("button", name=labels.enter, exact=True).click()
    await expect(dialog).to_have_count(0)


async def add_patient(visit: Visit, labels: Labels, name: str, number: str, *, agrees: bool = True) -> None:
    """On the booking page; who has agreed to nothing yet agrees."""
    page = visit.page
    await page.get_by_role("button", name=labels.add).click()
    await page.get_by_label(labels.name, exact=True).fill(name)
    await page.get_by_label(labels.number).fill(number)
    await page.get_by_label(labels.mobile, exact=True).fill("13912345678")
    await page.get_by_role("button", name=labels.save, exact=True).click()
    if agrees:
        await page.get_by_role("button", name=labels.agree).click()
    await expect(page.get_by_role("radio")).to_be_checked()


async def be_verified(site: Site, visit: Visit, labels: Labels, name: str, number: str) -> None:
    """Hand in the certificate with both pictures; a reviewer approves; and back to where one was."""
    page = visit.page
    await page.get_by_role("link", name=labels.verify).click()
    await page.get_by_label(labels.name, exact=True).fill(name)
    await page.get_by_label(labels.number).fill(number)
    for nth, label in enumerate(labels.pictures):
        await page.get_by_label(label).set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})
        if nth == 0:
            await page.get_by_role("button", name=labels.agree).click()
        await expect(page.get_by_text(labels.uploaded, exact=True)).to_have_count(nth + 1)
    async with page.expect_response(lambda each: "frontFileId" in (each.request.post_data or "")) as answered:
        await page.get_by_role("button", name=labels.hand_in, exact=True).click()
    request = (await (await answered.value).json())["data"]["submitVerification"]["request"]
    await expect(page.get_by_text(labels.in_review, exact=True).first).to_be_visible()

    reviewer = await site.platform.new_staff(Role.REVIEWER)
    await decided(site.platform, reviewer.token, request["id"], "VERIFY")
    await page.get_by_role("link", name=labels.go_back).click()


async def pay(site: Site, visit: Visit, labels: Labels, amount: str, own_phone: Page) -> None:
    """Scan what the page shows, and pay on the phone; the page learns of it by itself."""
    page = visit.page
    await page.get_by_role("button", name=labels.provider, exact=True).click()
    await expect(page.get_by_text(re.compile(rf"{amount}$")).first).to_be_visible()
    picture = page.get_by_role("img", name=labels.qr)
    await expect(picture).to_be_visible()
    assert await visit.violations() == []
    await page.evaluate("() => { window.isTheSame = true }")
    address = await scanned(picture)
    assert address.startswith(f"{site.origin}/sandbox/pay/cashier/")
    await own_phone.goto(address)
    await expect(own_phone.get_by_text(f"¥{amount}", exact=True)).to_be_visible()
    await own_phone.locator("button[value=pay]").click()
    await expect(page.get_by_role("status").filter(has_text=labels.paid)).to_be_visible()
    assert await page.evaluate("() => window.isTheSame") is True, "nobody loaded it anew"
    await page.get_by_role("link", name=labels.see).click()
    await expect(page.get_by_role("main").get_by_role("status").first).to_have_text(labels.booked)


async def move(visit: Visit, labels: Labels, doctor: str) -> None:
    """To a session of another doctor's, which costs more; on to the rest that is due."""
    page = visit.page
    assert await visit.violations() == []
    await page.get_by_role("link", name=labels.move, exact=True).click()
    choice = page.get_by_role("button", name=f"{labels.pick} {doctor}")
    await expect(choice).to_be_visible()
    assert await visit.violations() == []
    await choice.click()
    await page.get_by_role("dialog").get_by_role("button", name=labels.move_it, exact=True).click()
    await page.get_by_role("link", name=labels.pay_more).click()


async def cancel(site: Site, visit: Visit, labels: Labels) -> None:
    """Give the number back, and see the money come back as the worker gets it done."""
    page = visit.page
    status = page.get_by_role("main").get_by_role("status").first
    await page.get_by_role("button", name=labels.cancel, exact=True).click()
    await page.get_by_role("button", name=labels.cancel_it, exact=True).click()
    await expect(status).to_have_text(labels.refunding)
    for promised in await refund_rows(site.platform.stores, key_of(page.url.rpartition("/")[2])):
        await run_refund(site.desk, promised, datetime.now(UTC))
    await expect(status).to_have_text(labels.refunded)
    await expect(page.get_by_text(labels.received, exact=True).first).to_be_visible()


async def read_receipt(visit: Visit, labels: Labels, name: str, *amounts: str) -> None:
    """Open the bill, which has a tab of its own, and look at it as a page and as it is printed."""
    async with visit.page.expect_popup() as opened:
        await visit.page.get_by_role("button", name=labels.receipt).click()
    bill = Visit(await opened.value)
    await expect(bill.page.get_by_role("table").first).to_be_visible()
    for amount in amounts:
        await expect(bill.page.get_by_role("cell", name=amount, exact=True).first).to_be_visible()
    assert await bill.violations() == []
    await bill.pictured(name, printed=True)
    await bill.page.close()


def new_person() -> tuple[str, str]:
    """Name and number of somebody whom nobody knows."""
    return "王小明", new_resident_id()
