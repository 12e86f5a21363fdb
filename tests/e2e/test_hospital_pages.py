"""The pages for hospitals' engineers: the SDK's download, and the simulated hospital's status page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from playwright.async_api import expect
from starlette.applications import Starlette

from htbooking_hospital import HospitalEvent
from server.sdk_routes import SdkRoutes, Wheel
from simulated_hospital.page import StatusPage
from simulated_hospital.store import Store
from tests.clients.hospital.test_sdk_wheel import built
from tests.e2e.visit import Visit
from tests.server.http.front_door import listening


def event(sequence: int, kind: str, state: str) -> HospitalEvent:
    """Something that happened to an order of its own."""
    return HospitalEvent(
        cursor=f"c{sequence}",
        sequence=sequence,
        kind=kind,
        at=datetime(2026, 11, 20, 2, sequence, tzinfo=UTC),
        by="user",
        reason="",
        order_id=f"o{sequence}",
        order_number=f"261120000000000{sequence}",
        state=state,
        department_code="0101",
        external_id="d1",
        date=date(2026, 11, 25),
        half_day="AM",
        number=sequence,
        fee=Decimal("9.67"),
        paid=Decimal(0),
    )


async def test_the_status_page_can_be_used_by_everybody(visit: Visit, tmp_path: Path) -> None:
    store = Store(tmp_path / "his.sqlite")
    page = StatusPage(tmp_path / "his.sqlite", "河湾模拟医院", 0)
    try:
        await visit.page.goto(f"{page.address}?lang=en")
        await expect(visit.page.get_by_text("None yet.").first).to_be_visible()
        assert await visit.violations("html") == []
        store.offer([("d1", "2026-11-25", "AM")])
        for number, (kind, state) in enumerate([("ORDER_PLACED", "PENDING_HOSPITAL"), ("ORDER_PAID", "PAID")], 1):
            store.take(event(number, kind, state))
        store.note_push("sessions", 56, 1, "fee: at most two decimals")
        for language in ("en", "zh"):
            await visit.page.goto(f"{page.address}?lang={language}")
            await expect(visit.page.get_by_role("cell", name="ORDER_PAID")).to_be_visible()
            assert await visit.violations("html") == []
            await visit.pictured(f"simulated-hospital-{language}")
    finally:
        page.close()
        store.close()
    assert visit.faults == []


async def test_the_sdks_page_can_be_used_by_everybody(visit: Visit, tmp_path: Path) -> None:
    built(tmp_path)
    app = Starlette(routes=SdkRoutes(Wheel.found(tmp_path), "https://booking.example").routes())
    async with listening(app) as origin:
        await visit.page.goto(f"{origin}/sdk")
        await expect(visit.page.get_by_role("link", name="index.json")).to_be_visible()
        assert await visit.violations("html") == []
        await visit.pictured("sdk")
    assert visit.faults == []
