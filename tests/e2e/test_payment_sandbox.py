"""The payment sandbox's pages: what the code leads to, and the books."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import expect
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.routing import Mount

from datasources.cache.nonces import Nonces
from datasources.payments.channel import ClientKind, HowToPay, PaymentChannels, Provider, TradeState
from server.embedded.data_lock import Endpoints
from server.sandbox_payments.simulator import PATH, PaymentSimulator
from tests.e2e.visit import Visit
from tests.server.http.front_door import listening


@dataclass
class Sandbox:
    """The simulator on a port, and the merchant's channels."""

    origin: str
    simulator: PaymentSimulator
    channels: PaymentChannels

    async def offer(self, provider: Provider, number: str, kind: ClientKind = ClientKind.SCAN) -> HowToPay:
        """A trade of 9.67 yuan. Nobody listens where its notifies go."""
        return await self.channels[provider].create(
            number,
            Decimal("9.67"),
            "预约挂号 北京协和医院",
            expires_at=datetime.now(UTC) + timedelta(minutes=15),
            notify_url="http://127.0.0.1:1/notify",
            client_kind=kind,
            return_url=f"{self.origin}{PATH}/",
        )


@pytest.fixture
async def sandbox(tmp_path: Path, endpoints: Endpoints) -> AsyncIterator[Sandbox]:
    """A sandbox of the test's own, its clock the browser's."""
    simulator = PaymentSimulator(tmp_path, lambda: datetime.now(UTC))
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    app = Starlette(routes=[Mount(PATH, simulator.application)])
    async with listening(app, port=port) as origin, Redis.from_url(endpoints.redis_url) as redis:
        channels = simulator.channels(Nonces(redis), origin)
        yield Sandbox(origin, simulator, channels)
        for channel in channels.values():
            await channel.close_connections()


async def test_what_the_code_says_leads_to_the_cashier_and_a_key_pays(sandbox: Sandbox, visit: Visit) -> None:
    offer = await sandbox.offer(Provider.WECHAT_PAY, "T000001")
    assert offer.qr_text is not None
    await visit.page.goto(offer.qr_text)
    await expect(visit.page.get_by_text("¥9.67")).to_be_visible()
    assert await visit.violations() == []
    await visit.pictured("payment-cashier")
    await visit.page.get_by_role("button", name="Fail to pay").click()
    await expect(visit.page.get_by_role("status")).to_contain_text("The payment failed")
    assert await visit.violations() == []
    await visit.page.get_by_role("button", name="Pay", exact=True).focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("status")).to_contain_text("Paid ¥9.67")
    await expect(visit.page.get_by_role("button")).to_have_count(0)
    await sandbox.simulator.postman.send_due()
    await visit.page.reload()
    await expect(visit.page.get_by_role("row").filter(has_text="no answer")).to_be_visible()
    assert await visit.violations() == []
    await visit.pictured("payment-cashier-paid")
    assert (await sandbox.channels[Provider.WECHAT_PAY].query("T000001")).state is TradeState.PAID
    assert visit.faults == []


async def test_a_browser_pays_at_alipays_page_and_finds_its_way_back(sandbox: Sandbox, visit: Visit) -> None:
    offer = await sandbox.offer(Provider.ALIPAY, "T000001", ClientKind.BROWSER)
    assert offer.link is not None
    assert (await sandbox.channels[Provider.ALIPAY].query("T000001")).state is TradeState.ABSENT
    await visit.page.goto(offer.link)
    await visit.page.get_by_role("link", name="中文").click()
    await expect(visit.page.get_by_text("支付宝", exact=True)).to_be_visible()
    assert await visit.violations() == []
    await visit.pictured("payment-cashier-chinese")
    await visit.page.get_by_role("button", name="付款，但丢失通知").click()
    await expect(visit.page.get_by_role("status")).to_contain_text("已付款 ¥9.67")
    await visit.page.get_by_role("link", name="返回商户").click()
    await expect(visit.page.get_by_role("cell", name="T000001", exact=True)).to_be_visible()
    assert visit.faults == []


async def test_the_books_can_be_read_and_altered_by_everybody(sandbox: Sandbox, visit: Visit) -> None:
    page, channel = visit.page, sandbox.channels[Provider.WECHAT_PAY]
    await page.goto(f"{sandbox.origin}{PATH}/")
    await expect(page.get_by_text("None yet.").first).to_be_visible()
    offer = await sandbox.offer(Provider.WECHAT_PAY, "T000001")
    await sandbox.offer(Provider.ALIPAY, "T000002")
    assert offer.qr_text is not None
    await page.goto(offer.qr_text)
    await page.get_by_role("button", name="Pay", exact=True).click()
    await page.get_by_role("link", name="See the books").click()

    refunds = page.get_by_role("button", name="Set WeChat Pay: Refunds")
    form = page.locator("form").filter(has=refunds)
    await form.get_by_role("combobox").select_option("abnormal")
    await form.get_by_label("Times").fill("1")
    await refunds.click()
    await expect(form.get_by_label("Times")).to_have_value("1")
    await channel.refund(
        "T000001",
        "R000001",
        Decimal("9.67"),
        total=Decimal("9.67"),
        reason="退号",
        notify_url="http://127.0.0.1:1/notify",
    )
    await sandbox.simulator.books.do(lambda books: books.execute("UPDATE refund SET due_at = 0"))
    await page.reload()
    await expect(page.get_by_role("cell", name="abnormal")).to_be_visible()
    assert await visit.violations() == []
    await visit.pictured("payment-sandbox")
    await page.get_by_role("button", name="Pay refund R000001 out otherwise").click()
    await expect(page.get_by_role("cell", name="succeeded")).to_be_visible()
    await page.get_by_role("button", name="Send again: payment T000001").click()
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", name="支付沙箱")).to_be_visible()
    assert await visit.violations() == []
    assert visit.faults == []


async def test_a_code_that_nobody_made_leads_nowhere(sandbox: Sandbox, visit: Visit) -> None:
    await visit.page.goto(f"{sandbox.origin}{PATH}/cashier/0123456789abcdef")
    await expect(visit.page.get_by_text("There is no such code.")).to_be_visible()
    assert await visit.violations() == []
